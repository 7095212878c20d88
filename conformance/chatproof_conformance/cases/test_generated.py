"""Generated traffic: several connections do anything that the protocol allows, and the recording is judged."""

from chatproof_conformance.generated.runs import run_sequential_traffic
from chatproof_conformance.options import Options
from chatproof_conformance.outcomes import NotTested
from chatproof_conformance.peers.chat import Chat
from chatproof_conformance.requirement import traffic


@traffic
def test_generated_sequential_traffic(chat: Chat, options: Options) -> None:
    """Connections act one after the other: joins, messages, near-JSON, half frames, resets, names that change hands."""
    if chat.framing == "none":
        raise NotTested("generated traffic needs frames that are ended by LF")
    run_sequential_traffic(chat, options)
