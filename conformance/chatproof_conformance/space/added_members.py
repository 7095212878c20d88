"""Members that a message does not have: programs may trip over them, pass them on, or take them for others."""

from collections.abc import Mapping
from typing import Any

_FORGED_TIMES: tuple[Any, ...] = ("00:00:00", "12:34:56", "", None, [], 0)
_FORGED_NAMES: tuple[Any, ...] = ("", "<own>", "<word>", 5, None, ["<present>"], {"name": "<present>"}, " ")
_VALUES: tuple[Any, ...] = (None, True, False, 0, -0.0, 1e-7, 1.5, [], {}, "", [[]], {"": {}}, [None, {}])

ADDED: tuple[Mapping[str, Any], ...] = (
    *({member: "<present>"} for member in ("username", "sender", "from", "user", "name", "nick", "target", "to")),
    *({"timestamp": value} for value in _FORGED_TIMES),
    *({"username": value} for value in _FORGED_NAMES),
    {"username": "<present>", "sender": "<present>", "timestamp": "01:02:03", "from": "<other>"},
    {"sender": None, "username": None, "timestamp": None},
    {"message": "<word>", "content": "<word>", "reason": "<word>"},
    {"message": "<present> left the chat"},
    *({"delivered": value} for value in (True, False, "true")),
    *({"code": value} for value in ("username_taken", 5)),
    *({member: "join"} for member in ("Type", "TYPE", "type ", " type", "type\0", "kind", "@type", "$type", "event")),
    *({member: "<word>b"} for member in ("Content", "CONTENT", "content\0", "\ufeffcontent", "text", "body", "data")),
    {"inner": {"type": "join", "username": "<word>b"}},
    {"inner": {"type": "private_message", "target": "<present>", "content": "<word>b"}},
    {"type2": "message", "messages": [{"type": "message", "content": "<word>b"}]},
    *({name: {"username": "<present>", "admin": True}} for name in ("__proto__", "constructor", "prototype")),
    *(
        {name: "<word>"}
        for name in ("toString", "hasOwnProperty", "length", "__class__", "", "\0", " ", "é", "🙂", "$")
    ),
    *({"x": value} for value in _VALUES),
    *(
        {"x": text}
        for text in ('"', "\\", "}", "{", "]", '"}', "}{", "\n", "\r\n", "\0", "é\u2028🙂", "/*", "//", "NaN")
    ),
    {"x": list(range(150))},
    {f"m{number}": number for number in range(70)},
    {"x": "y" * 700},
)
"""Members that messages do not have, as patterns: forged, nearly known, meaningful to a language, of each JSON type."""
