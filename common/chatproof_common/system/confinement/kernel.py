"""The calls of Linux that Python (before 3.12) has no function for."""

import ctypes
import functools
import os
import struct
import sys
from typing import Any

NEW_USER, NEW_PROCESSES, NEW_NETWORK = 0x10000000, 0x20000000, 0x40000000
NEW_MOUNTS, NEW_QUEUES = 0x00020000, 0x08000000

_PRIVATE, _RECURSIVE, _BIND = 1 << 18, 1 << 14, 1 << 12
_NO_SUID, _NO_DEVICES = 2, 4
_SUBREAPER, _NO_NEW_PRIVILEGES, _NAME = 36, 38, 15
_GET_FLAGS, _SET_FLAGS, _UP = 0x8913, 0x8914, 1
_INTERFACE = struct.Struct("16sh22x")


def unshare(kinds: int) -> None:
    """Go on in new namespaces of these kinds.

    Raises:
        OSError: if the system does not let this process.
    """
    _called("unshare", ctypes.c_int(kinds))


def keep_mounts() -> None:
    """Let what is mounted from now on be seen in this namespace alone."""
    _called("mount", b"none", b"/", None, ctypes.c_ulong(_RECURSIVE | _PRIVATE), None)


def mount_memory(place: str, *, mebibytes: int, mode: str = "0755") -> None:
    """Put an empty file system of a bounded size, kept in memory, over a folder.

    Raises:
        OSError: if the system does not let this process.
    """
    options = f"size={mebibytes}m,mode={mode}".encode()
    flags = ctypes.c_ulong(_NO_SUID | _NO_DEVICES)
    _called("mount", b"tmpfs", os.fsencode(place), b"tmpfs", flags, options)


def mount_nothing(place: str) -> None:
    """Show an empty file in place of a file.

    Raises:
        OSError: if the system does not let this process.
    """
    _called("mount", os.fsencode(os.devnull), os.fsencode(place), None, ctypes.c_ulong(_BIND), None)


def mount_processes(place: str = "/proc") -> None:
    """Show the processes of this namespace alone.

    Raises:
        OSError: if the system does not let this process, as in many containers.
    """
    _called("mount", b"proc", os.fsencode(place), b"proc", ctypes.c_ulong(_NO_SUID | _NO_DEVICES), None)


def adopt_orphans() -> None:
    """Become the parent of whatever loses its parent among what this process starts, also in other sessions."""
    _called("prctl", ctypes.c_int(_SUBREAPER), ctypes.c_ulong(1), _NONE, _NONE, _NONE)


def gain_no_privileges() -> None:
    """Let no program that is run from now on, such as one with a set-user-id bit, gain anything."""
    _called("prctl", ctypes.c_int(_NO_NEW_PRIVILEGES), ctypes.c_ulong(1), _NONE, _NONE, _NONE)


def take_name(name: str) -> None:
    """Let this process be called so in lists of processes, as far as 15 bytes go."""
    _called("prctl", ctypes.c_int(_NAME), ctypes.c_char_p(os.fsencode(name)[:15]), _NONE, _NONE, _NONE)


def bring_loopback_up() -> None:
    """Let a new network namespace reach itself: 127.0.0.1 and ::1, and nothing else.

    Raises:
        OSError: if the system does not let this process.
    """
    if sys.platform != "linux":
        raise NotImplementedError
    import fcntl  # noqa: PLC0415  POSIX alone has it
    import socket  # noqa: PLC0415  most that is confined starts without it

    with socket.socket() as any_socket:
        name, flags = _INTERFACE.unpack(fcntl.ioctl(any_socket, _GET_FLAGS, _INTERFACE.pack(b"lo", 0)))
        fcntl.ioctl(any_socket, _SET_FLAGS, _INTERFACE.pack(name, flags | _UP))


def call(number: int, *arguments: Any) -> int:
    """Call the system by a number that is the same on every machine.

    Raises:
        OSError: if it fails.
    """
    return _called("syscall", ctypes.c_long(number), *arguments)


_NONE = ctypes.c_ulong(0)


@functools.cache
def _library() -> Any:
    return ctypes.CDLL(None, use_errno=True)


def _called(name: str, *arguments: Any) -> int:
    result: int = getattr(_library(), name)(*arguments)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
