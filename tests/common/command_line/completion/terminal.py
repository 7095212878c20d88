"""A shell on a terminal, to which a test types as a person does."""

import os
import pty
import select
import subprocess
import time
from contextlib import contextmanager

_PATIENCE = 60.0  # far above what any shell takes: it only ends a wait that failed


class Terminal:
    """What a person sees and types."""

    def __init__(self, descriptor):
        self.seen = ""
        self._descriptor = descriptor

    def types(self, text):
        os.write(self._descriptor, text.encode())

    def shows(self, text):
        """Wait until a text stands on the terminal, and forget all up to it."""
        give_up = time.monotonic() + _PATIENCE
        while text not in self.seen:
            ready, _, _ = select.select([self._descriptor], [], [], max(0.0, give_up - time.monotonic()))
            assert ready, f"{text!r} does not come; what came: {self.seen!r}"
            self.seen += os.read(self._descriptor, 65_536).decode("utf-8", "replace")
        self.seen = self.seen.partition(text)[2]


@contextmanager
def shell_on_terminal(words, environment, folder):
    """Start a shell, and end it with the block."""
    ours, its = pty.openpty()
    try:
        shell = subprocess.Popen(
            words, stdin=its, stdout=its, stderr=its, cwd=folder, env=environment, start_new_session=True
        )
        yield Terminal(ours)
    finally:
        os.close(its)
        os.close(ours)
        shell.kill()
        shell.wait()
