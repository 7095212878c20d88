"""Programs to be measured: started on a free port, awaited, stopped."""

import sys
import time
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.system.cores import on_cores
from chatproof_common.system.ports import free_port
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.shell_words import fill_words, join_words, shell_hint
from chatproof_common.system.sockets import accepts

_ALL = "100000"
"""The whole load comes from one address."""
BUNDLED = (
    *(*PROGRAM, "server", "--headless", "--port", "{port}", "--log-level", "warning"),
    *("--max-per-address", _ALL, "--max-unjoined-per-address", _ALL),
)
TUTORIAL = (sys.executable, str(Path(__file__).with_name("tutorial_server.py")), "{port}")
_START_SECONDS, _STOP_SECONDS = 15.0, 6.0


class TargetFailedError(Exception):
    """A program could not be started; the text names it and the reason."""


class Target:
    """A server, whose :attr:`process` runs from ``with`` to its end."""

    def __init__(self, command: Sequence[str], cores: AbstractSet[int] = frozenset()) -> None:
        """Prepare a command line; ``{port}`` in it becomes a free port, and ``cores`` all that it may use, if any."""
        self.address = ("127.0.0.1", free_port())
        self._cores = cores
        self._command = fill_words(command, port=self.address[1])

    def __enter__(self) -> "Target":  # noqa: PYI034  typing.Self came with Python 3.11
        """Start it and wait until it accepts connections.

        Raises:
            TargetFailedError: if it does not.
        """
        try:
            with on_cores(self._cores):
                self.process = ProcessTree(self._command)
        except OSError as error:
            hint = shell_hint(self._command)
            raise TargetFailedError(f"{join_words(self._command)}: {error.strerror}{hint}") from error
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self.process.status is None:
            if accepts(self.address, 1.0):
                return self
            time.sleep(0.02)
        self.__exit__()
        raise TargetFailedError(f"{join_words(self._command)}: does not listen on port {self.address[1]}")

    def __exit__(self, *_: object) -> None:
        self.process.ask_to_stop()
        self.process.end(_STOP_SECONDS)
