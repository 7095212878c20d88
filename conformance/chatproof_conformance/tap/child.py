"""A command that is run behind the tap: its end is the tap's."""

import os
import shlex
import signal
import subprocess
from collections.abc import Sequence

_PATIENCE_SECONDS = 5.0


class ChildError(Exception):
    """A command that cannot be run; the text says why."""


class Child:
    """A process that is told where the tap listens; it shares the terminal, so Ctrl+C reaches it too."""

    def __init__(self, words: Sequence[str], address: tuple[str, int]) -> None:
        """Start it, with ``{host}`` and ``{port}`` replaced, and the address in its environment.

        Raises:
            ChildError: where it cannot be started.
        """
        host, port = address
        self.words = [word.replace("{host}", host).replace("{port}", str(port)) for word in words]
        told = {"CHATPROOF_TAP": f"{host}:{port}", "CHATPROOF_TAP_HOST": host, "CHATPROOF_TAP_PORT": str(port)}
        try:
            self._process = subprocess.Popen(self.words, env=os.environ | told)  # noqa: S603  the user's own command
        except OSError as error:
            raise ChildError(f"the command cannot be run: {error.strerror}: {self.words[0]}") from None

    @property
    def status(self) -> int | None:
        """How it ended, as a shell tells it (128 and the signal's number); None while it runs."""
        status = self._process.poll()
        return status if status is None or status >= 0 else 128 - status

    def told(self) -> str:
        """Return how it ended, for a sentence."""
        return f"{shlex.join(self.words)}: exit status {self.status}"

    def end(self) -> None:
        """Ask it to end, and make sure that it does."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(_PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
