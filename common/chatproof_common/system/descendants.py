"""Whatever a process that we started has started in turn, in own sessions too, and where it listens.

Linux says it under /proc, psutil elsewhere. Each process that we start has a tag in its environment, which all that it
starts inherits: a daemon has another parent and session than what started it, but still the tag. A program may write
over its environment (Redis shows its name there): so what we start itself is known by its number, too. A daemon may
have emptied its own: on Linux each also has a number that stands for the tag, its mark, as a resource limit that limits
nothing, which is inherited as all of them are.

Run as a program with the beginning of a tag, this module is the guardian: it waits for the end of its standard input,
which comes however its parent ends, then kills what still runs with such a tag, or was named there. It can import no
other module of ours.
On Windows there is none: there a job object does it (job.py).
"""

import atexit
import contextlib
import functools
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Collection, Iterator
from itertools import count
from pathlib import Path
from typing import Any

_PROC = Path("/proc")
_PREFIX = "CHATPROOF_STARTED"
_RUN = f"{_PREFIX}_{secrets.token_hex(8)}"
_NUMBERS = count(1)
_LISTENING = "0A"
_GONE = (FileNotFoundError, ProcessLookupError, PermissionError)
"""It ends meanwhile, or is another user's."""
_ROUNDS, _ROUND_SECONDS, _LOAD_SECONDS = 200, 0.005, 0.0005
_START, _MEMORY, _ENVIRONMENT, _END_OF_ENVIRONMENT = 19, 20, 47, 48
"""Where starttime, vsize, env_start and env_end stand in what :func:`_status` returns."""

_LOCKS = 10
"""RLIMIT_LOCKS, which has limited nothing since Linux 2.4; Python has no name for it."""
_MARKS, _MARKS_OF_RUN, _RUN_DIGITS = 1 << 61, 1 << 20, 10
"""The numbers from the first on are marks: so many of each run, which are told apart by digits of its tag."""
_starting = threading.RLock()


def new_tag() -> tuple[str, str]:
    """Return a tag that no other process has, as name and value; from the first on, the guardian watches over all."""
    _start_guardian()
    return _RUN, f"{next(_NUMBERS)};"


@contextlib.contextmanager
def inheriting(tag: str) -> Iterator[None]:
    """Let what is started meanwhile, by this thread alone, have the mark of a tag; none if the tag is empty.

    All that can run in several threads starts its processes so: or they would have another's mark.
    """
    with _starting:
        if sys.platform != "linux" or not tag:
            yield
            return
        import resource  # noqa: PLC0415  POSIX alone has it

        before, most = resource.getrlimit(_LOCKS)
        with contextlib.suppress(OSError, ValueError):  # whoever started us has bounded it
            resource.setrlimit(_LOCKS, (_marks(tag).start, most))
        try:
            yield
        finally:
            resource.setrlimit(_LOCKS, (before, most))


def _marks(tag: str) -> range:
    """Return the mark of a tag of ours, all marks of a run if it is the beginning of its tags, none of another one."""
    name, _, number = tag.partition("=")
    prefix, _, digits = name.rpartition("_")
    if prefix != _PREFIX:
        return range(0)
    first = _MARKS + int(digits[:_RUN_DIGITS], 16) * _MARKS_OF_RUN
    if not number:
        return range(first, first + _MARKS_OF_RUN)
    one = first + int(number.rstrip(";")) % _MARKS_OF_RUN
    return range(one, one + 1)


def guard(pid: int) -> None:
    """Let the guardian know of a process that we have started, which may not show its tag."""
    if (guardian := _start_guardian()) is not None and guardian.stdin is not None:
        with contextlib.suppress(OSError, ValueError):  # somebody has ended it, or this is the end
            os.write(guardian.stdin.fileno(), f"{pid} {_birth(pid)}\n".encode())


def _birth(pid: int) -> str:
    """Return when a process began, by which it is told from a later one of the same number; empty if not known."""
    if sys.platform != "linux":
        return OtherTable.birth(pid)
    with contextlib.suppress(*_GONE):
        return _status(_PROC / str(pid))[_START].decode()
    return ""


@functools.cache
def _start_guardian() -> "subprocess.Popen[bytes] | None":
    if sys.platform != "win32":
        words = [sys.executable, "-I", *(["-S"] if sys.platform == "linux" else []), __file__, _RUN]
        nothing = subprocess.DEVNULL
        with inheriting(""):
            guardian = subprocess.Popen(  # noqa: S603  our own words
                words, stdin=subprocess.PIPE, stdout=nothing, stderr=nothing, start_new_session=True
            )
        atexit.register(guardian.communicate)
        return guardian
    return None


def find_tagged(tag: str, known: Collection[int] = ()) -> set[int]:
    """Return the ids of the processes that have a tag (``NAME=value``, or its beginning), and of their descendants.

    So are those of which it is known that they have it, if they run, and their descendants.
    """
    # Again if there are none: one may have started the next and ended while we looked, as a daemon's parents do.
    return _find_tagged(tag, known) or _find_tagged(tag, known)


def _find_tagged(tag: str, known: Collection[int]) -> set[int]:
    if sys.platform != "linux":
        return OtherTable.find_tagged(tag, known) - {os.getpid()}
    parents, marks = dict(_running()), _marks(tag)
    found = {pid for pid in parents if pid in known or _is_of(pid, tag, marks)} - {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def process_name(pid: int) -> str:
    """Return what a process calls itself; empty if that is not known."""
    if sys.platform != "linux":
        return OtherTable.name(pid)
    try:
        return (_PROC / str(pid) / "comm").read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def ask(pid: int) -> bool:
    """Send SIGTERM to a process; return whether that was done: Windows has no way to ask just any process."""
    if sys.platform == "win32":
        return False
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, signal.SIGTERM)
        return True
    return False


def ask_tagged(tag: str, besides: int | None = None) -> None:
    """Send SIGTERM to all that have a tag, besides one."""
    for pid in find_tagged(tag) - {besides}:
        ask(pid)


def kill_tagged(tag: str) -> None:
    """Kill all that have a tag, and what they start meanwhile; return when they have ended, or after a second."""
    for _ in range(_ROUNDS):
        found = find_tagged(tag)
        if not found:
            return
        for pid in found:
            _kill(pid)
        time.sleep(_ROUND_SECONDS)


def freeze(pids: Collection[int]) -> bool:
    """Stop processes (SIGSTOP), until :func:`thaw`; return False if the system has no such thing."""
    if sys.platform == "win32":
        return False
    _send(pids, signal.SIGSTOP)
    return True


def thaw(pids: Collection[int]) -> None:
    """Let processes go on."""
    if sys.platform != "win32":
        _send(pids, signal.SIGCONT)


def _send(pids: Collection[int], number: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def kill_group(pid: int) -> None:
    """Kill the process group that a process leads, if there is such a thing."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":  # there any signal but those of the console ends a process at once
            os.kill(pid, signal.SIGTERM)
        else:
            os.kill(pid, signal.SIGKILL)


def listening_addresses(pids: Collection[int]) -> set[tuple[str, int]]:
    """Return the TCP addresses on which any of these processes listens."""
    if sys.platform != "linux":
        return OtherTable.listening(pids)
    sockets = {f"socket:[{inode}]": address for inode, address in _listening_sockets()}
    return {sockets[file] for pid in pids for file in _open_files(pid) if file in sockets}


def _running() -> Iterator[tuple[int, int]]:
    """Yield each process that has not ended, with its parent."""
    for folder in _PROC.iterdir():  # glob would hide that it cannot be read
        if not folder.name.isdecimal():
            continue
        with contextlib.suppress(*_GONE):
            state, parent, *_ = _status(folder)
            if state not in (b"Z", b"X"):
                yield int(folder.name), int(parent)


def _status(folder: Path) -> list[bytes]:
    """Return what proc(5) calls stat, from its third field on; the second, a name, may hold any character."""
    return (folder / "stat").read_bytes().rpartition(b")")[2].split()


def _is_of(pid: int, tag: str, marks: range) -> bool:
    return _has_mark(pid, marks) or _has_tag(pid, b"\0" + tag.encode())


def _has_mark(pid: int, marks: range) -> bool:
    if sys.platform != "linux" or not marks:
        return False
    import resource  # noqa: PLC0415  POSIX alone has it

    with contextlib.suppress(*_GONE):
        return resource.prlimit(pid, _LOCKS)[0] in marks
    return False


def _has_tag(pid: int, tag: bytes) -> bool:
    folder = _PROC / str(pid)
    with contextlib.suppress(*_GONE):
        for _ in range(_ROUNDS):
            environment = (folder / "environ").read_bytes()
            if environment or _has_none(_status(folder)):
                return tag in b"\0" + environment
            time.sleep(_LOAD_SECONDS)
    return False


def _has_none(status: list[bytes]) -> bool:
    """Return whether a process has no environment for good; a program that is being loaded has none for a moment."""
    if len(status) <= _END_OF_ENVIRONMENT:  # what imitates Linux may say less
        return True
    memory, start, end = status[_MEMORY], status[_ENVIRONMENT], status[_END_OF_ENVIRONMENT]
    return memory == b"0" or start == end != b"0"


def _listening_sockets() -> Iterator[tuple[str, tuple[str, int]]]:
    for family, name in ((socket.AF_INET, "tcp"), (socket.AF_INET6, "tcp6")):
        with contextlib.suppress(FileNotFoundError):  # no IPv6
            for line in (_PROC / "net" / name).read_text("ascii").splitlines()[1:]:
                _, local, _, state, *rest = line.split()
                if state == _LISTENING:
                    yield rest[5], _address(family, local)


def _address(family: int, text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    # Each 32-bit word stands in the byte order of the machine.
    words = (int(host[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(host), 8))
    return socket.inet_ntop(family, b"".join(words)), int(port, 16)


def _open_files(pid: int) -> Iterator[str]:
    with contextlib.suppress(*_GONE):
        for file in (_PROC / str(pid) / "fd").iterdir():
            with contextlib.suppress(*_GONE):
                yield str(file.readlink())


def process_library() -> Any:
    """Return psutil, which other systems than Linux need; None in the single file, in which nothing compiled can be."""
    try:
        import psutil  # noqa: PLC0415  on Linux it is not needed
    except ImportError:
        return None
    return psutil


class OtherTable:
    """The same of other systems than Linux, from psutil: slower, and a process of another user says nothing."""

    @staticmethod
    def find_tagged(tag: str, known: Collection[int]) -> set[int]:
        """Return the ids of the processes that have a tag, or its beginning, or are known to have it."""
        psutil, found = process_library(), set()
        for one in psutil.process_iter(["environ", "status"]) if psutil else ():
            environment = one.info["environ"] or {}
            has_tag = any(f"{name}={value}".startswith(tag) for name, value in environment.items())
            if (has_tag or one.pid in known) and one.info["status"] != psutil.STATUS_ZOMBIE:
                found.add(one.pid)
        return found

    @staticmethod
    def birth(pid: int) -> str:
        """Return when a process began; empty if that is not known."""
        psutil = process_library()
        if psutil is None:
            return ""
        try:
            return str(psutil.Process(pid).create_time())
        except psutil.Error:
            return ""

    @staticmethod
    def name(pid: int) -> str:
        """Return what a process calls itself; empty if that is not known."""
        psutil = process_library()
        if psutil is None:
            return ""
        try:
            return str(psutil.Process(pid).name())
        except psutil.Error:
            return ""

    @staticmethod
    def listening(pids: Collection[int]) -> set[tuple[str, int]]:
        """Return the TCP addresses on which any of these processes listens."""
        psutil, found = process_library(), set()
        for pid in pids if psutil else ():
            with contextlib.suppress(psutil.Error):
                for one in psutil.Process(pid).net_connections("tcp"):
                    if one.status == psutil.CONN_LISTEN:
                        found.add((one.laddr.ip, one.laddr.port))
        return found


if __name__ == "__main__":
    for line in sys.stdin.read().splitlines():
        number, _, began = line.partition(" ")
        if began and _birth(int(number)) == began:
            _kill(int(number))
    kill_tagged(sys.argv[1])
