"""What makes a message of the server, a name and a content valid (SPEC.md, "Messages" and "Names")."""

import re
from collections.abc import Callable
from typing import Any

from baseline.refused import Refused

_NO_NAME = re.compile(
    "[\0-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|^ | $|[\ud800-\udfff]"
)
_TIME = re.compile("(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
_LONGEST_NAME = 32


def is_name(value: object) -> bool:
    """Whether it is a valid username."""
    return isinstance(value, str) and 1 <= len(value) <= _LONGEST_NAME and not _NO_NAME.search(value)


def is_text(value: object) -> bool:
    """Whether it is a text of at least one code point."""
    return isinstance(value, str) and bool(value)


def is_time(value: object) -> bool:
    """Whether it is HH:MM:SS."""
    return isinstance(value, str) and bool(_TIME.fullmatch(value))


def is_flag(value: object) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


Check = Callable[[object], bool]
REQUIRED: dict[str, dict[str, Check]] = {
    "message": {"username": is_name, "content": is_text, "timestamp": is_time},
    "private_message": {"sender": is_name, "content": is_text, "timestamp": is_time},
    "private_confirmation": {"target": is_name, "content": is_text, "delivered": is_flag, "timestamp": is_time},
    "system": {"message": is_text, "timestamp": is_time},
    "server": {"message": is_text, "timestamp": is_time},
    "error": {"message": is_text},
}
OPTIONAL: dict[str, dict[str, Check]] = {"private_confirmation": {"reason": is_text}, "error": {"code": is_text}}


def check(message: Any) -> dict[str, Any]:
    """Return a message of the server that is valid.

    Raises:
        Refused: it is no object, of no known type, or a member is missing or wrong.
    """
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Refused("the server sent JSON that is no message")
    kind = message["type"]
    if kind not in REQUIRED:
        raise Refused(f"the server sent a message of the unknown type {kind!a}")
    for member, right in REQUIRED[kind].items():
        if member not in message or not right(message[member]):
            raise Refused(f"the server sent a message of type {kind} without a valid {member}")
    for member, right in OPTIONAL.get(kind, {}).items():
        if member in message and not right(message[member]):
            raise Refused(f"the server sent a message of type {kind} whose {member} is not valid")
    return message
