"""Whether the members of a message are valid, for each type. Made from the schemas: change those instead.

Written by ``python -m chatproof_schemas.generate``. What is judged are the members of a JSON object with that ``type``.
"""

import re
from collections.abc import Callable
from typing import Any

_USERNAME_REFUSED = re.compile(
    "[\\u0000-\\u001F\\u007F-\\u009F\\u2028\\u2029]|[\\u200B-\\u200F\\u202A-\\u202E\\u2060-\\u2069\\uFEFF]|^ | $"
)
_TIMESTAMP_PATTERN = re.compile("^([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]$")


def _is_username(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= 32 and _USERNAME_REFUSED.search(value) is None


def _is_content(value: object) -> bool:
    return isinstance(value, str) and len(value) >= 1


def _is_timestamp(value: object) -> bool:
    return isinstance(value, str) and len(value) <= 8 and _TIMESTAMP_PATTERN.search(value) is not None


def _is_text(value: object) -> bool:
    return isinstance(value, str) and len(value) >= 1


def _is_code(value: object) -> bool:
    return value in (
        "frame_too_long",
        "malformed_json",
        "invalid_message",
        "unknown_type",
        "username_invalid",
        "not_joined",
        "already_joined",
        "username_taken",
        "server_full",
    )


def _is_client_join(members: dict[str, Any]) -> bool:
    return _is_username(members.get("username"))


def _is_client_message(members: dict[str, Any]) -> bool:
    return _is_content(members.get("content"))


def _is_client_private_message(members: dict[str, Any]) -> bool:
    return _is_username(members.get("target")) and _is_content(members.get("content"))


def _is_server_message(members: dict[str, Any]) -> bool:
    return (
        _is_username(members.get("username"))
        and _is_content(members.get("content"))
        and _is_timestamp(members.get("timestamp"))
    )


def _is_server_private_message(members: dict[str, Any]) -> bool:
    return (
        _is_username(members.get("sender"))
        and _is_content(members.get("content"))
        and _is_timestamp(members.get("timestamp"))
    )


def _is_server_private_confirmation(members: dict[str, Any]) -> bool:
    return (
        _is_username(members.get("target"))
        and _is_content(members.get("content"))
        and isinstance(members.get("delivered"), bool)
        and _is_timestamp(members.get("timestamp"))
        and ("reason" not in members or _is_text(members["reason"]))
    )


def _is_server_system(members: dict[str, Any]) -> bool:
    return _is_text(members.get("message")) and _is_timestamp(members.get("timestamp"))


def _is_server_server(members: dict[str, Any]) -> bool:
    return _is_text(members.get("message")) and _is_timestamp(members.get("timestamp"))


def _is_server_error(members: dict[str, Any]) -> bool:
    return _is_text(members.get("message")) and ("code" not in members or _is_code(members["code"]))


CLIENT: dict[str, Callable[[dict[str, Any]], bool]] = {
    "join": _is_client_join,
    "message": _is_client_message,
    "private_message": _is_client_private_message,
}
SERVER: dict[str, Callable[[dict[str, Any]], bool]] = {
    "message": _is_server_message,
    "private_message": _is_server_private_message,
    "private_confirmation": _is_server_private_confirmation,
    "system": _is_server_system,
    "server": _is_server_server,
    "error": _is_server_error,
}
