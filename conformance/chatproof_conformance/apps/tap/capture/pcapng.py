"""The blocks of a pcapng file (draft-ietf-opsawg-pcapng): a section, one interface, packets."""

import struct

_SECTION_HEADER, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_UNKNOWN_LENGTH = -1
_RAW_IP = 101
"""LINKTYPE_RAW: each packet begins with its IP header, of either version."""
_NO_LIMIT = 0
_END, _COMMENT = 0, 1
_APPLICATION = 4
"""Of a section: which program wrote it."""
_NAME, _RESOLUTION = 2, 9
"""Of an interface."""
_NANOSECONDS = bytes([9])


def file_start(application: str, interface: str) -> bytes:
    """Return the blocks with which a file begins."""
    section = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, _UNKNOWN_LENGTH) + _options((_APPLICATION, application.encode()))
    described = _options((_NAME, interface.encode()), (_RESOLUTION, _NANOSECONDS))
    return _block(_SECTION_HEADER, section) + _block(_INTERFACE, struct.pack("<HHI", _RAW_IP, 0, _NO_LIMIT) + described)


def packet_block(packet: bytes, at: int, comment: str = "") -> bytes:
    """Return the block of a packet, seen ``at`` so many nanoseconds of Unix time, with a comment for people."""
    size = len(packet)
    head = struct.pack("<IIIII", 0, at >> 32, at & 0xFFFFFFFF, size, size)
    return _block(_PACKET, head + _padded(packet) + (_options((_COMMENT, comment.encode())) if comment else b""))


def _block(kind: int, body: bytes) -> bytes:
    length = len(body) + 12
    return struct.pack("<II", kind, length) + body + struct.pack("<I", length)


def _options(*options: tuple[int, bytes]) -> bytes:
    written = [struct.pack("<HH", code, len(value)) + _padded(value) for code, value in options]
    return b"".join(written) + struct.pack("<HH", _END, 0)


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)
