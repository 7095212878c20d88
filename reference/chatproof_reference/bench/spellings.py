"""Ways to write a public message of ours: each is as valid as the others, so a server should take them alike."""

COMPACT = "compact"
"""As our own client writes it."""

_ESCAPES = "caf\\u00e9 \\ud83d\\ude42 "

SPELLINGS = {
    COMPACT: '{"type":"message","content":"%s"}\n',
    "spaced": '{ "type" : "message", "content" : "%s" }\r\n',
    "reversed": '{"content":"%s","type":"message"}\n',
    "escaped": '{"type":"message","content":"' + _ESCAPES + '%s"}\n',
    "extended": '{"type": "message", "content": "%s", "id": 7, "at": "2026-12-01T14:30:25Z"}\n',
    "nested": '{"type":"message","by":{"app":"bench","tags":["a"]},"content":"%s"}\n',
}
"""By name, a frame with its LF; ``%s`` stands for its content, which is printable ASCII."""


def text_bytes(spelling: str, content_bytes: int) -> int:
    """Return how long a text must be for its content to have so many bytes on the wire, escapes included.

    A server may pass on a content as it came: if one were longer, its delivery would be measured too.
    """
    return content_bytes - (len(_ESCAPES) if _ESCAPES in SPELLINGS[spelling] else 0)
