"""Metamorphic traffic: one conversation, put on the wire in several ways; what is delivered must be the same."""

import json
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.peers.expectations import Message
from chatproof_conformance.endpoints.peers.peer import Peer
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.generation.conversations import Utterance
from chatproof_schemas import CLIENT_FRAME_BYTES

_LABELS = ("anna", "ben", "cleo")
Encoder = Callable[[Mapping[str, str]], bytes]
Deliveries = dict[tuple[str, str], list[str]]
"""What arrived, by who got it and from whom."""


def _plain(message: Mapping[str, str]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()


def _reordered(message: Mapping[str, str]) -> bytes:
    return json.dumps(dict(reversed(list(message.items()))), ensure_ascii=False).encode()


def _spaced(message: Mapping[str, str]) -> bytes:
    return b" \t" + json.dumps(message, ensure_ascii=False, indent=1).replace("\n", " ").encode() + b" \r"


def _escaped(message: Mapping[str, str]) -> bytes:
    members = (f"{_as_escapes(name)}:{_as_escapes(value)}" for name, value in message.items())
    return f"{{{','.join(members)}}}".encode()


def _compact(message: Mapping[str, str]) -> bytes:
    return json.dumps(message, ensure_ascii=True, separators=(",", ":")).encode()


def _as_escapes(text: str) -> str:
    units = text.encode("utf-16-be")
    return '"' + "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2)) + '"'


WAYS: tuple[tuple[str, str, Encoder, bool], ...] = (
    ("with members in another order", "PUBLIC-2", _reordered, False),
    ("with white space around and inside", "FRAME-6", _spaced, False),
    ("with every character escaped", "PUBLIC-2", _escaped, False),
    ("compact, and each speaker's part in one segment", "FRAME-3", _compact, True),
)
"""Other ways to put it on the wire: in words, what is broken if it matters, how, and whether all at once."""


def require_same(chat: ServerSession, talk: Sequence[Utterance]) -> None:
    """Hold a conversation plainly and in every other way.

    Raises:
        Broken: if a delivery differs.
    """
    talk = [utterance for utterance in talk if not utterance.junk]
    peers = chat.gather(*_LABELS)  # of this example's own, so that its traffic shows all that led to a difference
    plain = _hold(chat, peers, talk, _plain, at_once=False)
    for words, requirement, encoder, at_once in WAYS:
        other = _hold(chat, peers, talk, encoder, at_once=at_once)
        for key in plain.keys() | other.keys():
            _compare(key, plain.get(key, []), other.get(key, []), words, requirement)
            chat.evidence.deliveries += len(plain.get(key, []))


def _compare(key: tuple[str, str], plain: list[str], other: list[str], words: str, requirement: str) -> None:
    if plain != other:
        place = next(
            (n for n, (a, b) in enumerate(zip(plain, other, strict=False)) if a != b), min(len(plain), len(other))
        )
        first, second = (quoted(items[place]) if place < len(items) else "nothing" for items in (plain, other))
        recipient, sender = key
        raise Broken(f"{first} at {recipient} from {sender} also {words}", second, requirement)


def _hold(
    chat: ServerSession, peers: Sequence[Peer], talk: Sequence[Utterance], encode: Encoder, *, at_once: bool
) -> Deliveries:
    labels = {peer.name: label for peer, label in zip(peers, _LABELS, strict=True)}
    nobody = chat.name("nobody")
    labels[nobody] = "nobody"
    parts: dict[Peer, bytes] = defaultdict(bytes)
    for utterance in talk:
        speaker = peers[utterance.speaker]
        target = nobody if utterance.target == -1 else peers[utterance.target or 0].name or ""
        frame = _within_limit(_message(utterance, target), encode)
        if at_once:
            parts[speaker] += frame + b"\n"
        else:
            speaker.sends_frame(frame)
    for speaker, data in parts.items():
        speaker.sends_bytes(data)
    chat.fence(*peers)
    return _collect(dict(zip(_LABELS, peers, strict=True)), labels)


def _within_limit(message: Mapping[str, str], encode: Encoder) -> bytes:
    # An escape takes up to six times the bytes of what it stands for; a long content has to go as it is.
    frame = encode(message)
    return frame if len(frame) <= CLIENT_FRAME_BYTES else _plain(message)


def _message(utterance: Utterance, target: str) -> dict[str, str]:
    if utterance.target is None:
        return {"type": "message", "content": utterance.text}
    return {"type": "private_message", "target": target, "content": utterance.text}


def _collect(peers: Mapping[str, Peer], labels: Mapping[str | None, str]) -> Deliveries:
    got: Deliveries = defaultdict(list)
    for label, peer in peers.items():
        for message in peer.inbox.messages():
            if message.get("type") != "system":
                got[label, _source(message, labels, label)].append(_shape(message, labels))
        peer.inbox.waiting.clear()
    return got


def _source(message: Message, labels: Mapping[str | None, str], own: str) -> str:
    return labels.get(message.get("username") or message.get("sender"), own)


def _shape(message: Message, labels: Mapping[str | None, str]) -> str:
    kind, target = message.get("type"), labels.get(message.get("target"), "")
    return " ".join(
        str(part)
        for part in (kind, target, message.get("delivered", ""), message.get("content"), message.get("code", ""))
    )
