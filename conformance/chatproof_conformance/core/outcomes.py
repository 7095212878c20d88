"""How a case ends other than well: four exceptions, each a different thing to say about a requirement."""

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

    @classmethod
    def of(cls, finding: Finding) -> "Broken":
        """Return what ends a case with this finding."""
        broken = cls(finding.expected_there, finding.actual)
        broken.finding = finding
        return broken


class Blocked(Outcome):
    """The case could not be set up, because the server fails another requirement that the set-up needs.

    Attributes:
        by: the id of that requirement.
    """

    def __init__(self, by: str, reason: str) -> None:
        """Keep which requirement stands in the way, and what happened."""
        super().__init__(reason)
        self.by = by


class Inconclusive(Outcome):
    """Nothing is known: a fence was lost, or the evidence can mean two things."""


class NotTested(Outcome, CommandError):  # noqa: N818  a verdict too
    """The case needs something that this run was not given, such as a way to announce."""


class TargetGone(Outcome, CommandError):  # noqa: N818  a verdict too
    """The server under test accepts no connection any more."""


class Abandoned(BaseException):
    """Carries what is no failure out of a generated example, through Hypothesis, which shrinks Exceptions.

    Attributes:
        outcome: what ended the example: an outcome, or an error of ours.
    """

    def __init__(self, outcome: Exception) -> None:
        """Keep the outcome."""
        super().__init__(str(outcome))
        self.outcome = outcome
