"""Frames in a few words, as findings name them."""

from chatproof_common.printable import quoted
from chatproof_conformance.judges.server.client_frames import Verb
from chatproof_conformance.judges.server.history import ReceivedFrame, SentFrame
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas import Direction, members_of


def describe_sent(sent: SentFrame) -> str:
    """Return a sent frame in a few words."""
    if not sent.reading.messages:
        return f"the frame {quoted(sent.frame.decode('utf-8', 'replace'), 60)}"
    asked = sent.reading.messages[0]
    match asked.verb:
        case Verb.JOIN:
            return f"the join {quoted(asked.name)}"
        case Verb.PUBLIC:
            return f"the public message {quoted(asked.content)}"
        case Verb.PRIVATE:
            return f"the private message {quoted(asked.content)} to {quoted(asked.name)}"


def describe_received(received: ReceivedFrame) -> str:
    """Return a received frame in a few words."""
    frame = received.frame
    if frame.kind is MessageKind.NOTHING:
        return "a frame that cannot be read"
    name = frame.message["type"]
    if frame.kind is MessageKind.CONFIRMATION:
        delivered = quoted(frame.message.get("delivered"))
        return f"{name} of {quoted(frame.text)} to {quoted(frame.name)}, delivered {delivered}"
    sender = f" from {quoted(frame.name)}" if members_of(Direction.SERVER, name).user else ""
    return f"{name} {quoted(frame.text)}{sender}"
