"""Ways to write a public message of ours: each is as valid as the others, so a server should take them alike."""

COMPACT = "compact"
"""As our own client writes it."""

SPELLINGS = {
    COMPACT: '{"type":"message","content":"%s"}\n',
    "spaced": '{ "type" : "message", "content" : "%s" }\r\n',
    "reversed": '{"content":"%s","type":"message"}\n',
    "escaped": '{"type":"message","content":"caf\\u00e9 \\ud83d\\ude42 %s"}\n',
    "extended": '{"type": "message", "content": "%s", "id": 7, "at": "2026-12-01T14:30:25Z"}\n',
    "nested": '{"type":"message","by":{"app":"bench","tags":["a"]},"content":"%s"}\n',
}
"""By name, a frame with its LF; ``%s`` stands for its content, which is printable ASCII."""
