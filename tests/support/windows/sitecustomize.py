"""Takes away what Windows lacks, from each Python that has this folder on its PYTHONPATH; imitates some of what it has.

It shows what our code does there, not what Windows does. Taken away: signals but for a few, process groups, fork, poll,
waiting for what is no socket, resource, fcntl, termios, MSG_DONTWAIT, Unix sockets. Imitated: TerminateProcess (SIGTERM
asks nobody), Ctrl+Break (SIGUSR2), job objects, pairs of sockets by TCP, 512 sockets to wait for, exit statuses.
``sys.platform`` and ``os.name`` are those of Windows in the one room that may ask, chatproof_common.system.

``CHATPROOF_LACKS`` names more, separated by commas: ``slow-clock``, ``slow-refusals``, ``silent-shutdown``,
``closed-output``.
"""

import ast
import contextlib
import errno
import importlib.abc
import importlib.machinery
import io
import os
import select
import selectors
import signal
import socket
import stat
import struct
import subprocess
import sys
import time

with contextlib.suppress(ImportError):  # a Python without it, such as a server under test may have
    import psutil  # noqa: F401  on Linux it needs what is taken away below

ROOM = "chatproof_common.system"
JOB = f"{ROOM}.job"
CONSOLE_STATUS, KILLED_STATUS, CRASHED_STATUS = 0xC000013A, 1, 0xC0000005
MOST_SOCKETS = 512
MORE = {name for name in os.environ.get("CHATPROOF_LACKS", "").split(",") if name}

_KILL, _BREAK, _CRASH = int(signal.SIGKILL), int(signal.SIGUSR2), int(signal.SIGSEGV)
_kill, _killpg = os.kill, os.killpg
_select = select.select
_IN_PROGRESS = errno.EINPROGRESS

_NOT_THERE = {
    os: (
        *("fork", "forkpty", "killpg", "setsid", "getpgid", "setpgid", "getpgrp", "tcgetpgrp", "tcsetpgrp", "getsid"),
        *(
            "sched_getaffinity",
            "sched_setaffinity",
            "getloadavg",
            "set_blocking",
            "uname",
            "mkfifo",
            "chown",
            "openpty",
        ),
        *("openpty", "geteuid", "getegid", "setuid", "setgid"),
    ),
    signal: (
        *("SIGKILL", "SIGHUP", "SIGCHLD", "SIGCLD", "SIGUSR1", "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGSTOP", "SIGTSTP"),
        *("SIGQUIT", "SIGCONT", "SIGTTIN", "SIGTTOU", "SIGWINCH", "pthread_kill", "pthread_sigmask", "alarm", "pause"),
        *("setitimer", "sigwait", "siginterrupt", "SIG_BLOCK", "SIG_UNBLOCK"),
    ),
    select: ("poll", "epoll", "POLLIN", "POLLOUT", "POLLERR", "POLLHUP"),
    socket: ("AF_UNIX", "MSG_DONTWAIT", "TCP_INFO", "AF_NETLINK"),
}
_NO_MODULES = ("resource", "fcntl", "termios", "tty", "pty", "pwd", "grp", "syslog", "readline")


def _take_away() -> None:
    os.process_cpu_count = os.cpu_count  # it would ask for the affinity
    for module, names in _NOT_THERE.items():
        for name in names:
            if hasattr(module, name):
                delattr(module, name)
    for name in _NO_MODULES:
        sys.modules[name] = None  # type: ignore[assignment]  # importing it fails
    signal.SIGBREAK = _BREAK
    signal.CTRL_C_EVENT, signal.CTRL_BREAK_EVENT = 0, 1
    socket.SO_EXCLUSIVEADDRUSE = socket.SO_REUSEADDR  # a port that lingers can be had again, one in use cannot
    subprocess.CREATE_NEW_PROCESS_GROUP = 0x200


# Processes.


def _end_or_break(pid: int, number: int) -> None:
    """What ``os.kill`` does on Windows: the console's events go to a group, all else is the end."""
    if number == signal.CTRL_BREAK_EVENT:
        _killpg(pid, _BREAK)
    else:
        _kill(pid, _KILL)


class _Popen(subprocess.Popen):
    def __init__(self, *arguments, creationflags=0, start_new_session=False, **options):
        assert not start_new_session, "Windows ignores start_new_session"
        new_group = bool(creationflags & subprocess.CREATE_NEW_PROCESS_GROUP)
        super().__init__(*arguments, start_new_session=new_group, **options)

    def _handle_exitstatus(self, status, *rest, **named):
        super()._handle_exitstatus(status, *rest, **named)
        ended = {-_BREAK: CONSOLE_STATUS, -_KILL: KILLED_STATUS, -_CRASH: CRASHED_STATUS}
        self.returncode = ended.get(self.returncode, self.returncode)

    def send_signal(self, sig):
        if self.poll() is None:
            os.kill(self.pid, sig)

    def terminate(self):
        if self.poll() is None:
            _kill(self.pid, _KILL)

    kill = terminate


def _imitate_processes() -> None:
    os.kill = _end_or_break
    subprocess.Popen = _Popen


JOB_SOURCE = '''
"""Imitates a job object: ends whatever descends from a process, as far as that can still be seen."""
import contextlib
import psutil

class Job:
    def __init__(self, popen):
        self._popen, self._known = popen, {}

    def kill(self):
        with contextlib.suppress(psutil.Error):
            for one in psutil.Process(self._popen.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    one.send_signal(9)  # it asks for signal.SIGKILL otherwise, which Windows has not

    def close(self):
        pass
'''


# Waiting, and sockets.


def _no_sockets_only(ones) -> None:
    for one in ones:
        descriptor = one if isinstance(one, int) else one.fileno()
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            raise OSError(10038, "an operation was attempted on something that is not a socket")


def _select_sockets(readers, writers, broken, seconds=None):
    if not (readers or writers or broken):
        raise OSError(10022, "an invalid argument was supplied")
    if max(len(readers), len(writers), len(broken)) > MOST_SOCKETS:
        raise ValueError("too many file descriptors in select()")
    for ones in (readers, writers, broken):
        _no_sockets_only(ones)
    return _select(readers, writers, broken, seconds)


def _select_of_selectors(_, readers, writers, _broken, seconds=None):
    if not (readers or writers):
        raise OSError(10022, "an invalid argument was supplied")
    found, ready, broken = _select_sockets(list(readers), list(writers), list(writers), seconds)
    return found, ready + broken, []


class _Socket(socket.socket):
    """A socket of Windows, in a few respects."""

    def connect_ex(self, address):
        code = super().connect_ex(address)
        return errno.EWOULDBLOCK if code == _IN_PROGRESS else code

    def setsockopt(self, level, option, value, *rest):
        if option == socket.SO_LINGER and isinstance(value, bytes):
            value = struct.pack("ii", *struct.unpack_from("hh", value))  # two shorts; what follows is not looked at
        return super().setsockopt(level, option, value, *rest)

    def connect(self, address):
        try:
            super().connect(address)
        except ConnectionRefusedError:
            if "slow-refusals" in MORE:
                seconds = self.gettimeout()
                time.sleep(2.0 if seconds is None else min(2.0, seconds))
                if seconds is not None and seconds < 2.0:
                    raise TimeoutError("timed out") from None
            raise

    def shutdown(self, how):
        if "silent-shutdown" in MORE and how != socket.SHUT_WR:
            self._shut = True  # whoever waits in another thread is not woken
            how = socket.SHUT_WR
        super().shutdown(how)

    def recv(self, *arguments):
        if getattr(self, "_shut", False):
            return b""
        return super().recv(*arguments)

    def accept(self):
        descriptor, address = self._accept()
        return _Socket(self.family, self.type, self.proto, fileno=descriptor), address


def _pair():
    """Two sockets by TCP, as Windows makes a pair."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        one = socket.socket()
        one.connect(listening.getsockname())
        while True:
            other, address = listening.accept()
            if address == one.getsockname():
                return one, other
            other.close()


def _imitate_sockets() -> None:
    socket.socket = _Socket
    socket.socketpair = lambda *_: _pair()
    select.select = _select_sockets
    selectors.SelectSelector._select = _select_of_selectors
    selectors.DefaultSelector = selectors.SelectSelector


# Time.


def _imitate_clock() -> None:
    step, real = 0.015625, time.monotonic
    time.monotonic = lambda: real() // step * step


# The room that asks for its system.


class _Elsewhere(ast.NodeTransformer):
    def visit_Attribute(self, node):
        named = (node.value.id, node.attr) if isinstance(node.value, ast.Name) else None
        said = {("sys", "platform"): "win32", ("os", "name"): "nt"}.get(named)
        return ast.copy_location(ast.Constant(said), node) if said else self.generic_visit(node)


class _Loader(importlib.machinery.SourceFileLoader):
    def get_code(self, fullname):  # never from the cache, and never into it
        source = JOB_SOURCE if fullname == JOB else self.get_data(self.path)
        return compile(_Elsewhere().visit(ast.parse(source, self.path)), self.path, "exec", dont_inherit=True)


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if not f"{name}.".startswith(f"{ROOM}."):
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is not None and isinstance(spec.loader, importlib.machinery.SourceFileLoader):
            spec.loader = _Loader(spec.loader.name, spec.loader.path)
        return spec


class _ClosedPipe(io.RawIOBase):
    """Standard output whose reader has gone, as Windows reports it."""

    def writable(self):
        return True

    def write(self, _):
        raise OSError(errno.EINVAL, "Invalid argument")

    def fileno(self):
        return 1


_take_away()
_imitate_processes()
_imitate_sockets()
if "slow-clock" in MORE:
    _imitate_clock()
if sys.version_info < (3, 11):
    import asyncio

    asyncio.WindowsSelectorEventLoopPolicy = asyncio.DefaultEventLoopPolicy
if "closed-output" in MORE:
    sys.stdout = io.TextIOWrapper(io.BufferedWriter(_ClosedPipe()), encoding="utf-8")
sys.meta_path.insert(0, _Finder())
