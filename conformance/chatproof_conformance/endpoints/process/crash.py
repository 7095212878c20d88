"""What a run remembers of a crash."""

from dataclasses import dataclass

from chatproof_conformance.core.roles import Role


@dataclass(frozen=True, slots=True)
class Crash:
    """A server or a client that died in a case.

    Attributes:
        text: how, for the report.
        final: why it could not be started again, or None if it runs again.
        role: what died.
        requirement: the id that is broken by it; None: the case's first.
    """

    text: str
    final: str | None
    role: Role = Role.SERVER
    requirement: str | None = None
