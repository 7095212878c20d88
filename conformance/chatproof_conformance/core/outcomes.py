"""How a test of a chat ends other than well: exceptions, each a different thing to say about a requirement."""

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.core.findings import Finding


class Outcome(Exception):  # noqa: N818  these are verdicts, not errors of the harness
    """A case ended early; the plugin turns it into a verdict."""


class Broken(Outcome):
    """The server did not do what the requirement says.

    Attributes:
        finding: what was seen; its requirement is empty if it is the first one of the case.
    """

    def __init__(
        self,
        expected: str,
        actual: str,
        requirement: str | None = None,
        *,
        connection: str | None = None,
        frames: tuple[bytes, ...] = (),
    ) -> None:
        """Make a finding of what was expected, what came, and where."""
        self.finding = Finding(requirement or "", expected, actual, connection=connection, frames=frames)
        super().__init__(f"expected {self.finding.expected_there}; got {actual}")


class NotTested(Outcome, CommandError):  # noqa: N818  a verdict too
    """The case needs something that this run was not given, such as a way to announce."""


class TargetGone(Outcome, CommandError):  # noqa: N818  a verdict too
    """The server under test accepts no connection any more."""
