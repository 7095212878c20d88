"""Generated traffic: several connections do anything that the protocol allows, and the recording is judged."""

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.core.requirement import SEEN_BY_THE_JUDGE, traffic
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.traffic.runs import (
    run_concurrent_traffic,
    run_metamorphic_traffic,
    run_sequential_traffic,
)


@traffic(*SEEN_BY_THE_JUDGE)
def test_generated_sequential_traffic(chat: ServerSession, options: Options) -> None:
    """Connections act one after the other: joins, messages, near-JSON, half frames, resets, names that change hands."""
    _needs_frames(chat)
    run_sequential_traffic(chat, options)


@traffic(*SEEN_BY_THE_JUDGE)
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
