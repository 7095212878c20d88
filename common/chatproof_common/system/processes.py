"""Processes: started, waited for, asked to stop, ended; and how they ended."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from chatproof_common.system.descendants import inheriting, process_library
from chatproof_common.system.shell_words import runnable

PIPE, NOTHING, OURS = subprocess.PIPE, subprocess.DEVNULL, None
Stream = int | IO[Any] | None
"""What a process has as a standard stream: a file, or one of these three."""

_FIRST_NTSTATUS = 0x4000_0000
CONSOLE_STATUS = 0xC000_013A
"""How a process ends on Windows that has no handler for Ctrl+C or Ctrl+Break (STATUS_CONTROL_C_EXIT)."""
_NTSTATUS = {
    0x4001_0004: "ended by a debugger",
    0x8000_0003: "a breakpoint",
    0xC000_0005: "access violation",
    0xC000_001D: "illegal instruction",
    0xC000_0094: "integer division by zero",
    0xC000_00FD: "stack overflow",
    0xC000_0135: "a DLL was not found",
    0xC000_0139: "an entry point of a DLL was not found",
    CONSOLE_STATUS: "ended by Ctrl+C or Ctrl+Break",
    0xC000_0142: "a DLL could not be initialised",
    0xC000_0374: "heap corruption",
    0xC000_0409: "a failed security check, or abort()",
}
"""What the statuses mean by which Windows itself ends a process."""
_SLICE = 0.25
"""Windows lets no Ctrl+C end a wait for a process."""
STOP_SIGNAL = "Ctrl+Break" if sys.platform == "win32" else "SIGTERM"
"""What :meth:`Process.ask_to_stop` sends."""


def described_status(status: int) -> str:
    """Return an exit status for a sentence: ``exit status 1``, ``signal SIGSEGV``."""
    if status >= _FIRST_NTSTATUS:
        named_status = _NTSTATUS.get(status)
        return f"exit status 0x{status:08X}" + (f" ({named_status})" if named_status else "")
    if status >= 0:
        return f"exit status {status}"
    named = {one.value: one.name for one in signal.Signals}  # most real-time signals have no name
    return f"signal {named.get(-status, -status)}"


def shell_status(status: int) -> int:
    """Return an exit status as a shell has it: of a process that a signal ended, 128 and the signal's number."""
    return status if status >= 0 else 128 - status


def run(words: Sequence[str], seconds: float) -> int:
    """Run a program to its end, with no input, its output dropped; return its exit status.

    Raises:
        OSError: if it cannot be run; a TimeoutError if it has not ended after ``seconds``, and was killed.
    """
    with inheriting(""):
        started = subprocess.Popen(  # noqa: S603  the user gave these words to be run
            runnable(words), stdin=NOTHING, stdout=PIPE, stderr=PIPE
        )
    with started:
        try:
            started.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from None
        finally:
            started.kill()
    return started.returncode


class Process:
    """A program that we have started; unless it is ``apart``, a Ctrl+C in our terminal reaches it too.

    Attributes:
        words: the program and its arguments.
        pid: its number.
    """

    def __init__(  # noqa: PLR0913  each names itself where it is given
        self,
        words: Sequence[str],
        *,
        stdin: Stream = NOTHING,
        stdout: Stream = NOTHING,
        stderr: Stream = NOTHING,
        more_environment: Mapping[str, str] | None = None,
        apart: bool = False,
        tag: str = "",
    ) -> None:
        """Start it, in our environment and more of it; ``apart``: in its own session; ``tag``: whose mark it has.

        Raises:
            OSError: if it cannot be started.
        """
        self.words = tuple(words)
        with inheriting(tag):
            self._popen = subprocess.Popen(  # noqa: S603  to run what the caller says is the purpose
                runnable(words),
                bufsize=0,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                env=os.environ | (more_environment or {}),
                start_new_session=apart and sys.platform != "win32",
                creationflags=_new_group() if apart else 0,
            )
        self.pid = self._popen.pid
        self._is_apart = apart
        self._job: Any = _job_of(self._popen)

    @property
    def status(self) -> int | None:
        """Its exit status, negative for a signal that ended it; None while it runs."""
        return self._popen.poll()

    @property
    def stdin(self) -> IO[bytes]:
        """Its standard input, which must be a pipe."""
        assert self._popen.stdin is not None  # noqa: S101  for the type checker
        return self._popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        """Its standard output, which must be a pipe."""
        assert self._popen.stdout is not None  # noqa: S101  for the type checker
        return self._popen.stdout

    @property
    def stderr(self) -> IO[bytes]:
        """Its standard error, which must be a pipe."""
        assert self._popen.stderr is not None  # noqa: S101  for the type checker
        return self._popen.stderr

    def wait(self, seconds: float | None = None) -> int | None:
        """Return its exit status, or None if it still runs after ``seconds``."""
        if seconds is None:
            while sys.platform == "win32" and self.wait(_SLICE) is None:
                pass
            return self._popen.wait()
        give_up = time.monotonic() + max(0.0, seconds)
        while True:
            rest = max(0.0, give_up - time.monotonic())
            try:
                return self._popen.wait(min(rest, _SLICE) if sys.platform == "win32" else rest)
            except subprocess.TimeoutExpired:
                if time.monotonic() >= give_up:
                    return None

    def finish(self, seconds: float | None = None) -> tuple[str, str]:
        """Read its pipes until it has ended; return its output and its errors.

        Raises:
            TimeoutError: if it still runs after ``seconds``.
        """
        try:
            out, errors = self._popen.communicate(timeout=seconds)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError(str(error)) from None
        return (out or b"").decode("utf-8", "replace"), (errors or b"").decode("utf-8", "replace")

    def resident_kib(self, *, most: bool = False) -> int:
        """Return its resident memory in KiB, now or at most until now, if the system knows (0 elsewhere)."""
        if sys.platform != "linux":
            return _resident_elsewhere(self.pid, most=most)
        try:
            status = Path(f"/proc/{self.pid}/status").read_text("ascii", "replace")
        except OSError:
            return 0
        member = "VmHWM:" if most else "VmRSS:"
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(member)), 0)

    def ask_to_stop(self) -> bool:
        """Send SIGTERM, on Windows Ctrl+Break, and return at once; harmless if it has ended.

        Returns:
            Whether it could be asked: on Windows only one that is ``apart`` can be.
        """
        if sys.platform == "win32":
            return self._break()
        self._popen.terminate()
        return True

    def interrupt(self) -> None:
        """Send SIGINT, as Ctrl+C does; on Windows Ctrl+Break, and one that is not ``apart`` is ended."""
        if sys.platform == "win32":
            if not self._break():
                self._popen.terminate()
            return
        self._popen.send_signal(signal.SIGINT)

    def kill(self) -> None:
        """Make sure that it has ended."""
        self._popen.kill()
        self._popen.wait()

    def kill_job(self) -> None:
        """End what it has started, and still runs, if the system keeps them together (Windows)."""
        if self._job is not None:
            self._job.kill()
            self._job.close()

    def _break(self) -> bool:
        if sys.platform == "win32" and self._is_apart:
            with contextlib.suppress(OSError):  # it has ended, or has no console
                if self._popen.poll() is None:
                    os.kill(self.pid, signal.CTRL_BREAK_EVENT)
                return True
        return False

    def stop(self, seconds: float) -> None:
        """Ask it to stop, read its pipes meanwhile, and kill it if it has not ended after ``seconds``."""
        if self.status is None:
            if not self.ask_to_stop():
                self._popen.terminate()
            try:
                self.finish(seconds)
            except TimeoutError:
                self._popen.kill()
                self.finish()


def _new_group() -> int:
    """Return the flag by which Windows starts a process apart: Ctrl+Break reaches its group alone, Ctrl+C nobody."""
    if sys.platform == "win32":
        return subprocess.CREATE_NEW_PROCESS_GROUP
    return 0


def _job_of(popen: "subprocess.Popen[bytes]") -> Any:
    if sys.platform == "win32":
        from chatproof_common.system.job import Job  # noqa: PLC0415  Windows alone has it

        return Job(popen)
    return None


def _resident_elsewhere(pid: int, *, most: bool) -> int:
    psutil = process_library()
    if psutil is None:
        return 0
    try:
        told = psutil.Process(pid).memory_info()
    except psutil.Error:
        return 0
    return int(getattr(told, "peak_wset", 0) if most else told.rss) // 1024
