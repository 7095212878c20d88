"""PUBLIC: public messages."""

from chatproof_conformance.peers.chat import Chat
from chatproof_conformance.requirement import requirement


@requirement("PUBLIC-1")
def test_everyone_hears_a_public_message_once(chat: Chat) -> None:
    """A public message goes to every joined client, the sender too, exactly once."""
    alice, bob, carol = chat.gather("alice", "bob", "carol")
    alice.says("hi")
    for peer in (alice, bob, carol):
        peer.hears(alice, "hi")
    chat.proves_silence(alice, bob, carol, by=alice)
