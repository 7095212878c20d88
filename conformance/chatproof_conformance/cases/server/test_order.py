"""ORDER: what arrives when."""

from functools import partial

from chatproof_conformance.core.marks import requirement
from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.sequences import got_in_order, public_content, require_order
from chatproof_conformance.endpoints.peers.session import ServerSession

_BURST = 60


@requirement("ORDER-1")
def test_answers_come_in_the_order_of_the_frames(chat: ServerSession) -> None:
    """A connection's frames are handled in the order sent, and what they cause arrives in that order."""
    alice, bob = chat.gather("alice", "bob")
    nobody = chat.name("nobody")
    at_alice: list[str] = []
    at_bob: list[str] = []
    for number in range(_BURST):
        text = f"burst {number}"
        match number % 4:
            case 0:
                alice.says(text)
                at_alice.append(text)
                at_bob.append(text)
            case 1:
                alice.whispers(bob, text)
                at_alice.append(text)
                at_bob.append(text)
            case 2:
                alice.sends_frame(b"bad")
                at_alice.append("error")
            case _:
                alice.whispers(nobody, text)
                at_alice.append(text)
        if chat.framing == "none":
            alice.receiver.wait_for_count(number + 1)
    chat.fence(alice)
    require_order(alice, at_alice, got_in_order(alice, _content_or_error), "the answers in the order of the frames")
    require_order(bob, at_bob, got_in_order(bob, _content_or_error), "public and private messages as they were sent")


@requirement("ORDER-1")
def test_order_survives_a_long_burst(chat: ServerSession) -> None:
    """Hundreds of messages sent without waiting arrive in the order sent."""
    alice, bob = chat.gather("alice", "bob")
    texts = [f"{number} {'x' * (number % 97)}" for number in range(400)]
    for text in texts:
        alice.says(text)
        if chat.framing == "none":
            chat.fence(alice)
    chat.fence(alice)
    for peer in (bob, alice):
        require_order(peer, texts, got_in_order(peer, public_content([alice])), "a long burst in order")


@requirement("ORDER-2")
def test_between_join_and_leave(chat: ServerSession) -> None:
    """Nobody gets a message from a user before that user's join notice, or after the leave notice."""
    alice, bob = chat.gather("alice", "bob")
    for number in range(8):
        guest, name = chat.connect("guest"), chat.name("guest")
        guest.asks_to_join(name)
        if chat.framing == "none":
            guest.is_joined_as(name)
        guest.says(f"in {number}")
        guest.whispers(bob, f"to bob {number}")
        if chat.framing != "none":
            guest.is_joined_as(name)
        guest.is_told_delivered(bob, f"to bob {number}")
        guest.leaves()
        for peer in (alice, bob):
            while not _notices(peer.inbox.messages(), name) > 1:
                if not peer.receiver.read(chat.context.timeout.deadline):
                    raise Broken(f"the notices of {name}", "not both of them", "LEAVE-1", connection=str(peer))
            got = got_in_order(peer, partial(_of_user, name))
            wanted = ["notice", f"in {number}", *([f"to bob {number}"] if peer is bob else []), "notice"]
            require_order(peer, wanted, got, "join notice, messages, leave notice")


@requirement("ORDER-3")
def test_one_order_for_everyone(chat: ServerSession) -> None:
    """All recipients get the public messages, join notices and leave notices that they share in one order."""
    speakers = chat.gather("alice", "bob", "carol", "dave")
    for number in range(_BURST):
        for speaker in speakers:
            speaker.says(f"{speaker} {number}")
        if chat.framing == "none":
            chat.fence(*speakers)
        if number % 20 == 10:  # noqa: PLR2004  now and then
            chat.connect("guest").asks_to_join(chat.name("guest"))
    chat.fence(*speakers)
    orders = [got_in_order(speaker, _public_or_notice) for speaker in speakers]
    for speaker, order in zip(speakers[1:], orders[1:], strict=True):
        # Whether all of it arrives, and a guest's notice before the fence's answer, is not this requirement's matter.
        shared = set(orders[0]) & set(order)
        if not shared:
            raise Broken(f"public messages at {speakers[0]} and {speaker}", "none that both got", "PUBLIC-1")
        wanted, got = ([text for text in texts if text in shared] for texts in (orders[0], order))
        require_order(speaker, wanted, got, f"the order that {speakers[0]} got")
    chat.evidence.deliveries += len(orders[0])


def _content_or_error(message: Message) -> str | None:
    if message.get("type") in ("message", "private_message", "private_confirmation"):
        return str(message.get("content"))
    return "error" if message.get("type") == "error" else None


def _public_or_notice(message: Message) -> str | None:
    if message.get("type") == "message":
        return str(message.get("content"))
    text = str(message.get("message"))
    return text if message.get("type") == "system" and "guest" in text else None


def _notices(messages: list[Message], name: str) -> int:
    return sum(message.get("type") == "system" and name in str(message.get("message")) for message in messages)


def _of_user(name: str, message: Message) -> str | None:
    if message.get("type") == "system" and name in str(message.get("message")):
        return "notice"
    ours = name in (message.get("username"), message.get("sender"))
    return str(message.get("content")) if ours else None
