"""Programs to be measured: started on a free port, awaited, stopped."""

import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from types import TracebackType

from chatproof_reference.cores import on_cores

_PROGRAM = (sys.executable, "-m", "chatproof_common.command_line.main")
BUNDLED = (*_PROGRAM, "server", "--headless", "--port", "{port}", "--log-level", "warning")
TUTORIAL = (sys.executable, str(Path(__file__).with_name("tutorial_server.py")), "{port}")
_START_SECONDS = 15.0


class TargetFailedError(Exception):
    """A program could not be started; the text says which and why."""


class Target:
    """A server process, from ``with`` to its end."""

    def __init__(self, command: Sequence[str], cores: AbstractSet[int] = frozenset()) -> None:
        """Prepare a command line; ``{port}`` in it becomes a free port, and ``cores`` all that it may use, if any."""
        port = _free_port()
        self.address = ("127.0.0.1", port)
        self._cores = cores
        self._command = [word.replace("{port}", str(port)) for word in command]

    def __enter__(self) -> "Target":  # noqa: PYI034  typing.Self came with Python 3.11
        """Start it and wait until it accepts connections.

        Raises:
            TargetFailedError: if it does not.
        """
        try:
            with on_cores(self._cores):
                self._process = subprocess.Popen(  # noqa: S603  running the user's command is the purpose
                    self._command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
                )
        except OSError as error:
            raise TargetFailedError(f"{shlex.join(self._command)}: {error.strerror}") from error
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if _listens(self.address):
                return self
            time.sleep(0.02)
        self.__exit__(None, None, None)
        raise TargetFailedError(f"{shlex.join(self._command)}: does not listen on port {self.address[1]}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop it."""
        self._process.terminate()
        try:
            self._process.wait(6.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def resident_kib(self, *, most: bool = False) -> int:
        """Return its resident memory in KiB, now or at most until now, if the system tells (0 elsewhere)."""
        try:
            status = Path(f"/proc/{self._process.pid}/status").read_text()
        except OSError:
            return 0
        member = "VmHWM:" if most else "VmRSS:"
        return next((int(line.split()[1]) for line in status.splitlines() if line.startswith(member)), 0)


def _listens(address: tuple[str, int]) -> bool:
    try:
        socket.create_connection(address, timeout=1.0).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port
