"""Generated traffic: several connections do anything that the protocol allows, and the recording is judged."""

from chatproof_conformance.core.marks import traffic
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.traffic.runs import (
    run_concurrent_traffic,
    run_metamorphic_traffic,
    run_sequential_traffic,
)

_TESTED = (
    *("ORDER-1", "ORDER-2", "FRAME-2", "FRAME-3", "FRAME-5", "JOIN-1", "JOIN-2", "JOIN-4", "JOIN-6", "JOIN-8"),
    *("JOIN-9", "JOIN-10", "JOIN-11", "LEAVE-1", "LEAVE-2", "LEAVE-4", "LEAVE-5", "LEAVE-6", "PUBLIC-1", "PUBLIC-2"),
    *("PUBLIC-3", "PRIVATE-1", "PRIVATE-2", "PRIVATE-3", "CONFIRM-1", "CONFIRM-2", "ERROR-1", "ERROR-2", "ERROR-3"),
    *("ERROR-4", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-9", "ERROR-11"),
)
"""Every MUST that each run of generated traffic puts to the test; whatever else the judge sees broken is reported too.

What the judge checked is known only after a run (``Judgement.evidence``), and a plan of a run names these before it.
"""


@traffic(*_TESTED)
def test_generated_sequential_traffic(chat: ServerSession, options: Options) -> None:
    """Connections act one after the other: joins, messages, near-JSON, half frames, resets, names that change hands."""
    _needs_frames(chat)
    run_sequential_traffic(chat, options)


@traffic(*_TESTED)
def test_generated_concurrent_traffic(chat: ServerSession, options: Options) -> None:
    """Connections act at the same time while others join, race for a name, leave and are reset."""
    _needs_frames(chat)
    run_concurrent_traffic(chat, options)


@traffic("PUBLIC-1", "PUBLIC-2", "FRAME-3", "FRAME-6", "PRIVATE-1", "CONFIRM-1", "CONFIRM-2")
def test_generated_metamorphic_traffic(chat: ServerSession, options: Options) -> None:
    """One conversation in other words of JSON and other segments causes the same deliveries."""
    _needs_frames(chat)
    run_metamorphic_traffic(chat, options)


def _needs_frames(chat: ServerSession) -> None:
    if chat.framing == "none":
        raise NotTested("generated traffic needs frames that are ended by LF")
