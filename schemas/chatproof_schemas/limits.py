"""The numbers of SPEC.md, "The wire", "Names" and "Leaving": each stands once, here."""

CLIENT_FRAME_BYTES = 1024
"""The longest frame that a client may send, in bytes without its LF."""

SERVER_FRAME_BYTES = 8192
"""The longest frame that a server may send, in bytes without its LF."""

UNENDED_FRAME_BYTES = 65_536
"""After this many bytes with no LF a server may close the connection (FRAME-5)."""

LEAVE_SECONDS = 10
"""Within this time a leave must be told (LEAVE-1, LEAVE-2)."""

USERNAME_CODE_POINTS = 32
"""The longest name, in code points."""
