"""Finds and opens what there is to read: files, patterns of names, standard input, all of them perhaps compressed."""

import glob
import gzip
import os
import stat
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BufferedReader, RawIOBase
from pathlib import Path
from typing import cast

STANDARD_INPUT = "-"
_GZIP = b"\x1f\x8b"
_NOT_TEXT = {
    b"PK\x03\x04": "is a zip archive",
    b"\x28\xb5\x2f\xfd": "is compressed by zstd (try `zstd -dc FILE | chatproof validate -`)",
    b"\xfd7zXZ": "is compressed by xz (try `xz -dc FILE | chatproof validate -`)",
    b"BZh": "is compressed by bzip2 (try `bzip2 -dc FILE | chatproof validate -`)",
    b"\xff\xfe": "is UTF-16 (try `iconv -f UTF-16 -t UTF-8 FILE | chatproof validate -`)",
    b"\xfe\xff": "is UTF-16 (try `iconv -f UTF-16 -t UTF-8 FILE | chatproof validate -`)",
}


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
        if name == STANDARD_INPUT or not glob.has_magic(name) or Path(name).exists():
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
        InputError: if that is not possible, or its first bytes show that it is not text.
    """
    with _raw(name) as raw:
        with reading():
            stream: BufferedReader = raw
            if raw.peek(len(_GZIP)).startswith(_GZIP):
                stream = BufferedReader(cast("RawIOBase", gzip.GzipFile(fileobj=raw)))
            _refuse_what_is_no_text(stream)
        yield Input(stream, raw, _size(raw))


@contextmanager
def reading() -> Iterator[None]:
    """Turn whatever goes wrong in reading into an :class:`InputError`."""
    try:
        yield
    except EOFError:
        raise InputError("ends in the middle of its gzip data; expected a whole file") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"has damaged gzip data ({error}); what follows was not judged") from None
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}") from None


@contextmanager
def _raw(name: str) -> Iterator[BufferedReader]:
    if name == STANDARD_INPUT:
        yield cast("BufferedReader", sys.stdin.buffer)
        return
    if glob.has_magic(name) and not Path(name).exists():
        raise InputError("matches no file; expected the name of a file, or a pattern that matches some")
    if Path(name).is_dir():
        raise InputError("is a directory; expected a file with one message a line, or a pattern such as 'DIRECTORY/*'")
    with reading():
        stream = Path(name).open("rb")  # noqa: SIM115  opening is one thing, and what is done with it another
    with stream:
        yield stream


def _refuse_what_is_no_text(stream: BufferedReader) -> None:
    first = stream.peek(max(map(len, _NOT_TEXT)))
    for mark, what in _NOT_TEXT.items():
        if first.startswith(mark):
            raise InputError(f"{what}; expected text in UTF-8, one message a line")


def _size(raw: BufferedReader) -> int | None:
    status = os.fstat(raw.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else None
