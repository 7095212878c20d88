"""A peer whose machine vanishes: it takes in nothing any more and says nothing, as if its cable had been cut."""

import ctypes
import socket
import struct
import sys

import pytest

_SO_ATTACH_FILTER = 26
_RETURN = 0x06

needs_packet_filters = pytest.mark.skipif(sys.platform != "linux", reason="packets of a socket can be dropped on Linux")


def vanish(connection):
    """Let the system drop every packet that arrives for a connected socket, before TCP sees it."""
    drop_all = ctypes.create_string_buffer(struct.pack("HBBI", _RETURN, 0, 0, 0))
    program = struct.pack("HP", 1, ctypes.addressof(drop_all))
    connection.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
