"""Keeps a process from writing elsewhere, signalling others and connecting to others, by Linux's Landlock (5.19 on).

Any process may do that to itself and to all that it starts, for good; no right of root's is needed.
"""

import contextlib
import ctypes
import os
import struct
import sys

from chatproof_common.system.confinement import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_BENEATH, _PORT = 1, 2
_WRITE_FILE, _TRUNCATE = 1 << 1, 1 << 14
_CHANGES = _WRITE_FILE | sum(1 << bit for bit in range(4, 13))
"""To write to a file, remove a file or a folder, and make one of any kind."""
_MOVE = 1 << 13
_CONNECT = 1 << 1
_ABSTRACT_SOCKETS, _SIGNALS = 1, 2
_WITH_MOVES, _WITH_TRUNCATE, _WITH_NETWORK, _WITH_SCOPES = 2, 3, 4, 6
"""Since which version of the interface. Without moves, no file could be renamed from folder to folder."""
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/tty", "/dev/ptmx", "/dev/pts")


def version() -> int:
    """Return the version of the interface; 0 if there is none, or too old a one."""
    try:
        found = kernel.call(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    except (OSError, AttributeError):
        return 0
    return found if found >= _WITH_MOVES else 0


def restrict(folders: list[str], *, port: int | None = None, alone: bool = False) -> None:
    """Let this process write beneath these folders only, and signal nobody who is not restricted with it.

    Args:
        folders: must exist.
        port: the only one to which it may connect, unless it is ``alone``.
        alone: whether it has a network of its own anyway.

    Raises:
        OSError: if the system refuses.
    """
    found = version()
    files = _CHANGES | _MOVE | (_TRUNCATE if found >= _WITH_TRUNCATE else 0)
    network = _CONNECT if found >= _WITH_NETWORK and not alone else 0
    attributes = struct.pack("=QQQ", files, network, _ABSTRACT_SOCKETS | _SIGNALS if found >= _WITH_SCOPES else 0)
    size = 24 if found >= _WITH_SCOPES else 16 if found >= _WITH_NETWORK else 8
    rules = kernel.call(_CREATE, ctypes.c_char_p(attributes), ctypes.c_size_t(size), ctypes.c_uint32(0))
    try:
        for folder in folders:
            _allow(rules, folder, files)
        for device in _DEVICES:
            with contextlib.suppress(OSError):  # not every system has each of them
                _allow(rules, device, _WRITE_FILE)
        if network and port is not None:
            _add(rules, _PORT, struct.pack("=QQ", _CONNECT, port))
        kernel.gain_no_privileges()
        kernel.call(_RESTRICT, ctypes.c_int(rules), ctypes.c_uint32(0))
    finally:
        os.close(rules)


def _allow(rules: int, place: str, what: int) -> None:
    if sys.platform != "linux":
        raise NotImplementedError
    descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        _add(rules, _BENEATH, struct.pack("=Qi", what, descriptor))
    finally:
        os.close(descriptor)


def _add(rules: int, kind: int, rule: bytes) -> None:
    kernel.call(_ADD, ctypes.c_int(rules), ctypes.c_int(kind), ctypes.c_char_p(rule), ctypes.c_uint32(0))
