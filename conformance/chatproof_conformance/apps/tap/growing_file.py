"""A file that is written while the tap runs, and holds whole pieces only, however the tap ends."""

import contextlib
from pathlib import Path


class GrowingFile:
    """A file that grows by whole pieces.

    Attributes:
        trouble: why it could not be written further; None if it could.
    """

    def __init__(self, path: Path, start: bytes) -> None:
        """Create the file, or empty it.

        Args:
            path: where it is.
            start: its first piece.

        Raises:
            OSError: if it cannot be written.
        """
        self.trouble: OSError | None = None
        self._file = path.open("wb", buffering=0)
        self._start = len(start)
        self._size = 0
        try:
            self._write_all(start)
        except OSError:
            self._file.close()
            raise

    def append(self, pieces: bytes) -> None:
        """Write whole pieces after the others; once that has failed, nothing is written any more."""
        if self.trouble is not None:
            return
        try:
            self._write_all(pieces)
        except OSError as error:
            self.trouble = error
            with contextlib.suppress(OSError):
                self._file.truncate(self._size)  # a part of a piece could make the whole file unreadable

    def replace_start(self, start: bytes) -> None:
        """Write another first piece, if it is as long, and the file is whole and one that can be gone back in."""
        if self._file.seekable() and len(start) == self._start and self.trouble is None:
            self._file.seek(0)
            self._file.write(start)

    def close(self) -> None:
        """Close it."""
        self._file.close()

    def _write_all(self, data: bytes) -> None:
        rest = memoryview(data)
        while rest:
            rest = rest[self._file.write(rest) or 0 :]
        self._size += len(data)
