"""The standard streams of this process."""
# ruff: noqa: RUF001  our signs are among what is replaced here

import codecs
import contextlib
import io
import os
import re
import sys
from collections.abc import Iterator, Mapping
from typing import IO, Any, TextIO

_PLAIN_SIGNS = "plain-signs"
_SIGNS = {
    "✓": "+", "✗": "x", "⊘": "/", "→": "->", "←": "<-", "↓": "v", "…": "...", "●": "*", "·": "-", "–": "-", "“": '"',
    "”": '"', "’": "'", "×": "x", "⚠": "!", "🔒": "[private]", "━": "-", "╸": "-", "╺": "-", "│": "|", "─": "-",
}  # fmt: skip
"""Our signs, for consoles that have only ASCII."""

_READERS = ("GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION")
"""The services, by their variables, that take lines of a job's output for commands: GitHub, Azure, TeamCity."""
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
"""The variable that names the file in which a step of a job of GitHub writes its summary, in Markdown."""
_COMMAND = re.compile(r"^[^\S\n]*(::)|(##(?:\[|vso\[|teamcity\[))", re.MULTILINE)
_LONGEST_COMMAND = 16

_STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))
"""By descriptor."""


def open_missing() -> None:
    """Open the null device in place of each standard stream that whoever started us has closed (``>&-``).

    Otherwise the next file or socket would get its number, and what is printed.
    """
    for number, (name, mode) in enumerate(_STREAMS):
        if getattr(sys, name) is not None:
            continue
        at = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
        os.set_inheritable(at, at == number)
        setattr(sys, name, open(at, mode, encoding="utf-8", closefd=False))  # noqa: SIM115  for good


def survive_any_character() -> None:
    """Let no character end the program: output shows a plain sign or an escape, input keeps other bytes (PEP 383)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=_PLAIN_SIGNS)
    if isinstance(sys.stdin, io.TextIOWrapper):
        is_ascii = sys.stdin.encoding.lower().replace("-", "") in ("ascii", "usascii", "ansi_x3.41968")
        is_utf8 = is_ascii or (sys.platform == "win32" and not sys.stdin.isatty())  # not the code page of old programs
        sys.stdin.reconfigure(encoding="utf-8" if is_utf8 else sys.stdin.encoding, errors="surrogateescape")


def read_input(most: int) -> bytes:
    """Return what has come on standard input, UTF-8; empty at its end, or if there is none.

    Not through sys.stdin: a thread that waits inside it would hold its lock when the interpreter ends.
    """
    try:
        if sys.platform == "win32" and sys.stdin.isatty():  # a read of descriptor 0 would return the code page's bytes
            console: Any = sys.stdin.buffer
            return bytes(console.raw.read(most) or b"")
        return os.read(0, most)
    except (OSError, ValueError):
        return b""


def discard(stream: IO[str]) -> None:
    """Let what a stream still holds, and all that is written to it later, go nowhere: its reader has gone."""
    at = os.open(os.devnull, os.O_WRONLY)
    os.dup2(at, stream.fileno())
    os.close(at)


@contextlib.contextmanager
def without_commands_of_others(environment: Mapping[str, str]) -> Iterator[None]:
    """Let nothing that is printed be a command to the service that runs this job, if one would read it.

    :func:`for_commands` returns a stream for those that we mean.
    """
    if not any(map(environment.get, _READERS)):
        yield
        return
    before = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = map(_Guarded, before)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before


def for_commands(stream: TextIO) -> TextIO:
    """Return a stream as it is without :func:`without_commands_of_others`."""
    return stream.meant if isinstance(stream, _Guarded) else stream


def without_commands(text: str, before: str = "") -> str:
    r"""Return text in which nothing is a command of such a service: ``\u003a:error``, ``\u0023#[group]``.

    JSON stays the same JSON: what begins a command can stand in its strings only. ``before`` is what the line has.
    """
    whole, shown, taken = before + text, [], len(before)
    for found in _COMMAND.finditer(whole):
        at = max(found.start(found.lastindex or 0), len(before))
        if at < found.end():
            shown += [whole[taken:at], f"\\u{ord(whole[at]):04x}"]
            taken = at + 1
    return "".join([*shown, whole[taken:]])


def print_document(text: str, *, means_commands: bool = False) -> None:
    """Print a document, in UTF-8 everywhere; it is free of commands, unless it means them."""
    if isinstance(sys.stdout, _Guarded) and not means_commands:
        text = without_commands(text)
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))


class _Guarded:
    """A stream of text: all that is written is free of commands; everything else is the stream's own."""

    def __init__(self, meant: TextIO) -> None:
        self.meant = meant
        self._line = ""  # what the last line has so far, as far as it may become a command

    def write(self, text: str) -> int:
        self.meant.write(without_commands(text, self._line))
        line = (self._line + text).rpartition("\n")[2]
        begun = line.lstrip()
        self._line = begun if len(begun) < _LONGEST_COMMAND else "x" + begun[-_LONGEST_COMMAND:]
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.meant, name)


def _plain_signs(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    chars = error.object[error.start : error.end]
    plain = (_SIGNS.get(char) or char.encode("ascii", "backslashreplace").decode() for char in chars)
    return "".join(plain), error.end


codecs.register_error(_PLAIN_SIGNS, _plain_signs)
