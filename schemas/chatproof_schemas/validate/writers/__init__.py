"""The formats in which findings are written: one module each, each with a subclass of :class:`Writer`."""

from abc import ABC, abstractmethod
from typing import TextIO

from chatproof_schemas.validate.findings import Finding, Tally, Unreadable


class Writer(ABC):
    """Writes findings as they come; ``out`` must take UTF-8, unless the format is text."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin_file(self, name: str) -> None:  # noqa: B027  most formats need nothing here
        """Begin a file; not overridden if each finding names its file."""

    @abstractmethod
    def write(self, finding: Finding) -> None:
        """Write a finding."""

    def write_unreadable(self, unreadable: Unreadable) -> None:  # noqa: B027  the same
        """Write that a file, or its rest, could not be read; not overridden if :meth:`close` does."""

    def close(self, tally: Tally, code: int) -> None:  # noqa: ARG002  what the formats of documents end with
        """Write the counts and the exit code, if the format has them, and hand over what is still held."""
        self._out.flush()
