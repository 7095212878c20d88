"""A command in a real terminal: what it prints, as a person sees it, and the keys that they press."""

import os
import pty
import re
import select
import signal
import struct
import termios
import time
from fcntl import ioctl

_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class CommandTerminal:
    """A terminal of 80 columns and 40 lines in which a command runs."""

    def __init__(self, words, folder, environment):
        self.process, self._terminal = pty.fork()
        if not self.process:
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                os.chdir(folder)
                os.execve(words[0], [str(word) for word in words], environment)  # noqa: S606  no shell is wanted
            finally:
                os._exit(127)
        ioctl(self._terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 80, 0, 0))
        self._raw = b""
        self._seen = 0

    @property
    def text(self):
        """All that was printed, without styles."""
        return _STYLE.sub("", self._raw.decode("utf-8", "replace")).replace("\r", "")

    def until(self, *texts, patience=90):
        """Wait until one of the texts is printed after all that was waited for before; return it."""
        deadline = time.monotonic() + patience
        while True:
            found = [(at, text) for text in texts if (at := self.text.find(text, self._seen)) >= 0]
            if found:
                at, text = min(found)
                self._seen = at + len(text)
                return text
            assert time.monotonic() < deadline, self.text[self._seen - 200 :]
            assert self._read(deadline), f"it has ended: {self.text[-2000:]}"

    def _read(self, deadline):
        ready, _, _ = select.select([self._terminal], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return True
        try:
            data = os.read(self._terminal, 65536)
        except OSError:
            return False
        self._raw += data
        return bool(data)

    def press(self, keys):
        os.write(self._terminal, keys.encode())

    def end(self, patience=30):
        """Wait until the command has ended; return its exit status, negative for a signal."""
        deadline = time.monotonic() + patience
        while self._read(deadline):
            assert time.monotonic() < deadline, self.text[-1000:]
        status = os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
        self.process = None
        return status

    def close(self):
        if self.process:
            os.kill(self.process, signal.SIGTERM)
            self.end()
        os.close(self._terminal)
