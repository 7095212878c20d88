"""The frames that the server sends, each with its LF (SPEC.md, "Messages").

Contents come as JSON texts, because a content goes out as the JSON text that came in wherever that is possible.
"""

import functools
import json
import re
import time

from chatproof_reference.wire import encode_message
from chatproof_schemas import SERVER_FRAME_BYTES

_ERROR_TEXT_CODE_POINTS = 500
"""Errors quote what clients sent: cut, so that no quotation makes a frame longer than FRAME-1 allows."""


_JSON = json.JSONEncoder(ensure_ascii=False)


def timestamp() -> str:
    """Return the local time as HH:MM:SS."""
    return _timestamp_at(int(time.time()))


@functools.lru_cache(1)
def _timestamp_at(second: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(second))


def json_text(text: str) -> bytes:
    """Return a string as JSON."""
    return _JSON.encode(text).encode()


def system(text: str) -> bytes:
    """Return a ``system`` message."""
    return encode_message({"type": "system", "message": text, "timestamp": timestamp()})


def announcement(text: str) -> bytes:
    """Return what the operator announces, as a ``server`` message.

    Raises:
        ValueError: if the text is empty or does not fit into one frame.
    """
    if not text:
        raise ValueError("An announcement has at least one character")
    frame = encode_message({"type": "server", "message": text, "timestamp": timestamp()})
    excess = len(frame) - 1 - SERVER_FRAME_BYTES
    if excess > 0:
        raise ValueError(f"The announcement is {excess} bytes too long for one frame of {SERVER_FRAME_BYTES} bytes")
    return frame


_TAIL = re.compile(rb',"timestamp":"[0-9:]{8}"}\n\Z')


def untimed(frame: bytes) -> bytes:
    """Return a frame without what :func:`public_tail` adds; empty if it does not end in that way."""
    tail = _TAIL.search(frame)
    return frame[: tail.start()] if tail else b""


def error(text: str, code: str) -> bytes:
    """Return an ``error``."""
    if len(text) > _ERROR_TEXT_CODE_POINTS:
        text = text[: _ERROR_TEXT_CODE_POINTS - 1] + "…"
    return encode_message({"type": "error", "message": text, "code": code})


def public_head(username: str) -> bytes:
    """Return what a user's public messages begin with, up to the content."""
    return b'{"type":"message","username":' + json_text(username) + b',"content":'


def public_tail() -> bytes:
    """Return what public messages end with now, from the content on."""
    return _public_tail_at(int(time.time()))


@functools.lru_cache(1)
def _public_tail_at(second: int) -> bytes:
    return b',"timestamp":"' + _timestamp_at(second).encode() + b'"}\n'


def private(sender: str, content: bytes) -> bytes:
    """Return a ``private_message`` as its target gets it."""
    return b'{"type":"private_message","sender":' + json_text(sender) + b',"content":' + content + public_tail()


def confirmation(target: str, content: bytes, *, reason: str = "") -> bytes:
    """Return a ``private_confirmation``: delivered, or with the reason why not."""
    outcome = b',"delivered":false,"reason":' + json_text(reason) if reason else b',"delivered":true'
    head = b'{"type":"private_confirmation","target":' + json_text(target) + b',"content":'
    return head + content + outcome + public_tail()


def plain_text(content: bytes) -> str:
    """Return the string that a JSON text holds."""
    text = content.decode()
    return text[1:-1] if "\\" not in text else str(json.loads(text))
