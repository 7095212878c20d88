"""The numbers of SPEC.md, "The wire" and "Names": each stands once, here."""

CLIENT_FRAME_BYTES = 1024
"""The longest frame that a client may send, in bytes without its LF."""

SERVER_FRAME_BYTES = 8192
"""The longest frame that a server may send, in bytes without its LF."""

UNENDED_FRAME_BYTES = 65_536
"""After this many bytes with no LF a server may close the connection (FRAME-5)."""

USERNAME_CODE_POINTS = 32
"""The longest name, in code points."""
