"""What to do when the server under test has died: name it, and start it again where the harness started it."""

import contextlib
import socket
from dataclasses import dataclass

from chatproof_conformance.outcomes import TargetGone
from chatproof_conformance.peers.chat import Party
from chatproof_conformance.targets.command import CommandTarget
from chatproof_conformance.targets.target import DYING_SECONDS


@dataclass(frozen=True, slots=True)
class Death:
    """A server or a client that died in a case.

    Attributes:
        text: how, for the report.
        final: why it could not be started again, or None where it runs again.
        who: what died, for the report.
        requirement: the id that is broken by it; None: the case's first.
    """

    text: str
    final: str | None
    who: str = "server"
    requirement: str | None = None


def revive(party: Party, outcome: BaseException | None) -> Death | None:
    """Return how the target died during a case, having started it again; None where it lives."""
    target = party.target
    text = target.obituary() if outcome is None else target.obituary(DYING_SECONDS)
    if text is None and (outcome is None or _accepts(party)):
        return None
    text = text or str(outcome)
    if not isinstance(target, CommandTarget):
        return Death(text, f"the server accepts no connection any more: {text}")
    target.end()
    party.target = target.again()
    try:
        party.target.start()
    except TargetGone as gone:
        return Death(text, str(gone))
    return Death(text, None)


def _accepts(party: Party) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(party.target.address, timeout=5):
        return True
    return False
