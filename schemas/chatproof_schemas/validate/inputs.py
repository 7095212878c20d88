"""Finds and opens what there is to read: files, patterns of names, standard input, all of them perhaps compressed."""

import glob
import gzip
import os
import re
import stat
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import Any, cast

from chatproof_common.command_line.files import is_there
from chatproof_common.encodings import other_encoding, said_of

STANDARD_INPUT = "-"
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_NOT_TEXT = {
    b"PK\x03\x04": "is a zip archive",
    b"\xfd7zXZ": "is compressed by xz (try `xz -dc FILE | chatproof validate -`)",
    b"BZh": "is compressed by bzip2 (try `bzip2 -dc FILE | chatproof validate -`)",
}
_OVER_SEVERAL_LINES = {
    re.compile(rb'\s*\{[ \t]*\r?\n[ \t]*"'): "jq -c .",
    re.compile(rb"\s*\[[ \t]*\r?\n[ \t]*\{"): "jq -c '.[]'",
}
"""How JSON begins that was written for people, and what puts each object of it on one line."""
_BEGINNING_BYTES = 64


class InputError(Exception):
    """A file, or the rest of it, that cannot be read; the text is the reason, and what would be right.

    Attributes:
        line: the number of the line at fault; None if that is not known.
    """

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.line = line


@dataclass(frozen=True, slots=True)
class Input:
    """What is being read.

    Attributes:
        stream: its bytes, decompressed.
        raw: its bytes as they are stored.
        size: how many bytes are stored; None if nobody knows, as of a pipe.
    """

    stream: BufferedIOBase
    raw: BufferedReader
    size: int | None


def expand(names: Sequence[str]) -> Iterator[str]:
    """Yield each name; of a pattern that no shell expanded, the files that it matches in order, or itself if none."""
    for name in names:
        if name == STANDARD_INPUT or not glob.has_magic(name) or is_there(name):
            yield name
        else:
            found = sorted(glob.glob(name, recursive=True))  # noqa: PTH207  Path.glob takes no absolute pattern
            files = [match for match in found if not Path(match).is_dir()]
            yield from files or [name]


def shown(name: str) -> str:
    """Return what a file is called in findings."""
    return "<stdin>" if name == STANDARD_INPUT else name


@contextmanager
def opened(name: str) -> Iterator[Input]:
    """Open a file, or take standard input.

    Raises:
        InputError: if that is not possible, or its first bytes show that it is not text, or JSON over several lines.
    """
    with _raw(name) as raw:
        with reading():
            stream, first = raw, raw.peek(len(_ZSTD))
            if first.startswith(_GZIP):
                stream = BufferedReader(cast("RawIOBase", gzip.GzipFile(fileobj=raw)))
            elif first.startswith(_ZSTD):
                stream = BufferedReader(_Zstd(raw))
            _refuse_other_forms(stream)
        yield Input(stream, raw, _size(raw))


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever goes wrong in reading into an :class:`InputError`."""
    try:
        yield
    except EOFError:
        raise InputError("ends in the middle of its compressed data; expected a whole file") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"has damaged gzip data ({error}); what follows was not judged") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from None


class _Zstd(RawIOBase):
    """What is compressed by zstd, decompressed."""

    def __init__(self, raw: BufferedReader) -> None:
        self._module = _zstd()
        self._file = self._module.ZstdFile(raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            count: int = self._file.readinto(buffer)
        except self._module.ZstdError as error:
            raise InputError(f"has damaged zstd data ({error}); what follows was not judged") from None
        return count


def _zstd() -> Any:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd  # noqa: PLC0415  few logs are compressed so
        else:
            from backports import zstd  # noqa: PLC0415  the same; and it is an extra
    except ImportError:
        raise InputError(
            "is compressed by zstd; expected the extra that reads it (`pip install 'chatproof[zstd]'`), or "
            "`zstd -dc FILE | chatproof validate -`"
        ) from None
    return zstd


@contextmanager
def _raw(name: str) -> Iterator[BufferedReader]:
    if name == STANDARD_INPUT:
        yield cast("BufferedReader", sys.stdin.buffer)
        return
    if glob.has_magic(name) and not is_there(name):
        raise InputError("matches no file; expected the name of a file, or a pattern that matches some")
    with reading():
        if Path(name).is_dir():
            raise InputError(
                "is a directory; expected a file with one message a line, or a pattern such as 'DIRECTORY/*'"
            )
        stream = Path(name).open("rb")  # noqa: SIM115  opening is one thing, and what is done with it another
    with stream:
        yield stream


def _refuse_other_forms(stream: BufferedReader) -> None:
    first = stream.peek(_BEGINNING_BYTES)
    encoding = other_encoding(first)
    others = [said_of(encoding)] if encoding else [what for mark, what in _NOT_TEXT.items() if first.startswith(mark)]
    for what in others:
        raise InputError(f"{what}; expected text in UTF-8, one message a line")
    for beginning, command in _OVER_SEVERAL_LINES.items():
        if beginning.match(first):
            how = f"try `{command} FILE | chatproof validate -`"
            raise InputError(f"is JSON over several lines ({how}); expected one message a line")


def _size(raw: BufferedReader) -> int | None:
    status = os.fstat(raw.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
