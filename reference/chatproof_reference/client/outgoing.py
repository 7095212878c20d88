"""What this client sends: built, judged before it leaves (CLIENT-2), and matched with the server's answers."""

import itertools
from collections.abc import Iterator
from typing import Any

from chatproof_reference.wire import encode_message
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, find_problems


class MessageRefused(ValueError):  # noqa: N818  the name says what happened; it is an answer, not a failure
    """Something that must not or cannot be sent; the text gives the user the reason. Nothing was sent."""


def join_message(username: str) -> dict[str, Any]:
    """Return the message that joins under a name."""
    return {"type": "join", "username": username}


def chat_message(content: str, target: str | None = None) -> dict[str, Any]:
    """Return a public message, or a private one if there is a target."""
    if target is None:
        return {"type": "message", "content": content}
    return {"type": "private_message", "target": target, "content": content}


def frame_bytes_left(content: str, target: str | None = None) -> int:
    """Return how many bytes a message's frame leaves of the limit (SPEC.md, "The wire"); below 0 it is too long."""
    frame = encode_message(_printable(chat_message(content, target)))
    return CLIENT_FRAME_BYTES - (len(frame) - 1)


def to_frame(message: dict[str, Any]) -> bytes:
    """Return a message's frame, LF included.

    Raises:
        MessageRefused: if it is an invalid client message or longer than a frame may be.
    """
    problems = find_problems(message, Direction.CLIENT)
    if problems:
        first = problems[0]
        raise MessageRefused(f"The {first.path.lstrip('/') or 'message'} {first.what}; expected {first.expected}.")
    try:
        frame = encode_message(message)
    except UnicodeEncodeError as error:
        raise MessageRefused(_not_text(error.object[error.start])) from None
    over = len(frame) - 1 - CLIENT_FRAME_BYTES
    if over > 0:
        raise MessageRefused(
            f"Too long by {over} byte{'' if over == 1 else 's'}: a frame holds {CLIENT_FRAME_BYTES}. Nothing was sent."
        )
    return frame


def _not_text(char: str) -> str:
    """Return what is wrong with a lone surrogate: it stands for a byte if text was read that is not UTF-8 (PEP 383)."""
    if "\udc80" <= char <= "\udcff":
        return f"The text holds the byte 0x{ord(char) & 0xFF:02X}, which is not UTF-8, and cannot be sent."
    return "The text holds half of a character (a lone surrogate) and cannot be sent."


class Unanswered:
    """The messages that the server has not answered yet, oldest first.

    A server handles a connection's frames in order and its answers arrive in that order (ORDER-1), so an error with
    no further word answers the oldest.
    """

    def __init__(self) -> None:
        self._sent: dict[int, tuple[str, str | None]] = {}
        self._ids = itertools.count(1)

    def add(self, content: str, target: str | None) -> int:
        """Return the id of a message that is about to be sent; ``target`` is None for a public one."""
        sent_id = next(self._ids)
        self._sent[sent_id] = (content, target)
        return sent_id

    def answered(self, content: str, target: str | None = None) -> int | None:
        """Return the id of the oldest message that an echo or a confirmation answers, and forget it."""
        return self._take(sent_id for sent_id, sent in self._sent.items() if sent == (content, target))

    def refused(self) -> int | None:
        """Return the id of the message that an error answers, and forget it."""
        return self._take(iter(self._sent))

    def drain(self) -> tuple[int, ...]:
        """Forget all, and return their ids."""
        ids = tuple(self._sent)
        self._sent.clear()
        return ids

    def _take(self, fitting: Iterator[int]) -> int | None:
        found = next(fitting, None)
        if found is not None:
            del self._sent[found]
        return found


def _printable(message: dict[str, Any]) -> dict[str, Any]:
    """Replace lone surrogates, which only a half-typed character can hold: each is three bytes either way."""
    return {
        name: value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for name, value in message.items()
    }
