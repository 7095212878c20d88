"""One TCP segment as an IP packet, with its headers and their checksums (RFC 791, RFC 8200, RFC 9293)."""

import enum
import ipaddress
import struct
from typing import NamedTuple

MOST_DATA = 65_535 - 20 - 20
"""Bytes of data that fit into one packet, by the length that its IP header can say."""

_TCP = 6
_HOPS = 64
_DO_NOT_FRAGMENT = 0x4000
_WINDOW = 0xFFFF
_SYN_OPTIONS = struct.pack("!BBHBBBB", 2, 4, MOST_DATA, 1, 3, 3, 14)
"""The largest segment; then a window of a gibibyte, so that no reader of the capture takes it for full."""


class Flags(enum.IntFlag):
    """The flags of a TCP header."""

    FIN = 1
    SYN = 2
    RST = 4
    PSH = 8
    ACK = 16


class End(NamedTuple):
    """One end of a connection: a numeric address and a port."""

    address: "ipaddress.IPv4Address | ipaddress.IPv6Address"
    port: int


def read_end(host: str, port: int) -> End:
    """Return the end at an address as a socket has it, without the name of an IPv6 zone."""
    return End(ipaddress.ip_address(host.partition("%")[0]), port)


def packet(source: End, target: End, flags: Flags, numbers: tuple[int, int], data: bytes = b"") -> bytes:
    """Return a packet from one end to the other, both of one IP version.

    Args:
        source: from where.
        target: to where.
        flags: a SYN has its usual options.
        numbers: of sequence, and of acknowledgement; they wrap at 4 GiB.
        data: at most ``MOST_DATA`` bytes.
    """
    options = _SYN_OPTIONS if flags & Flags.SYN else b""
    offset = (20 + len(options)) // 4 << 12
    sequence, acknowledged = (number & 0xFFFFFFFF for number in numbers)
    head = struct.pack("!HHIIHH", source.port, target.port, sequence, acknowledged, offset | flags, _WINDOW)
    size = 20 + len(options) + len(data)
    addresses = source.address.packed + target.address.packed
    checksum = _checksum(addresses + struct.pack("!II", size, _TCP) + head + bytes(4) + options + data)
    segment = head + struct.pack("!HH", checksum, 0) + options + data
    return _ip_header(source.address.version, addresses, size) + segment


def _ip_header(version: int, addresses: bytes, size: int) -> bytes:
    if version == 6:  # noqa: PLR2004  what it is called
        return struct.pack("!IHBB", 6 << 28, size, _TCP, _HOPS) + addresses
    start = struct.pack("!BBHHHBB", 0x45, 0, 20 + size, 0, _DO_NOT_FRAGMENT, _HOPS, _TCP)
    return start + struct.pack("!H", _checksum(start + bytes(2) + addresses)) + addresses


def _checksum(data: bytes) -> int:
    """Return the checksum of RFC 1071: the ones' complement of the sum of all pairs of bytes."""
    # 65,536 leaves 1 if divided by 65,535: so the remainder of the one large number is that of the sum of its pairs.
    return 0xFFFF - (int.from_bytes(data + bytes(len(data) % 2), "big") % 0xFFFF or 0xFFFF)
