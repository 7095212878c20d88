"""The file in which all is kept that the servers of a run print (``--server-log``), within a bound."""

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

from chatproof_common.command_line.values import CommandError

_MOST_BYTES = 64 * 1024 * 1024


class ServerLog:
    """One file for all of them; what each prints stands under a line that names it."""

    def __init__(self, path: Path, most: int = _MOST_BYTES) -> None:
        """Begin an empty file, which takes at most about ``most`` bytes.

        Raises:
            CommandError: if it cannot be written.
        """
        try:
            # Once: to open a pipe again may take as long as its reader likes, and the run would stand still.
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise CommandError(f"--server-log {str(path)!r} cannot be written: {error.strerror}") from None
        self._room = most
        self._writing: object = None
        self._lock = threading.Lock()

    def writer(self, name: str) -> Callable[[bytes], None]:
        """Return what writes down the output of a server."""
        who = object()  # two servers may have one name

        def write(data: bytes) -> None:
            with self._lock:
                if self._writing is not who:
                    self._writing = who
                    self._append(f"== {name} ==\n".encode())
                self._append(data)

        return write

    def _append(self, data: bytes) -> None:
        if self._room <= 0:
            return
        self._room -= len(data)
        if self._room <= 0:
            data += b"\n== the rest is left out: this file is full ==\n"
        with contextlib.suppress(OSError):  # a full disk harms no run
            self._file.write(data)
