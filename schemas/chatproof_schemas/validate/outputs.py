"""Where findings go: standard output or a file."""

import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from chatproof_common.system.errors import is_closed_pipe


class OutputError(Exception):
    """Findings cannot be written; the text says where, and why."""


@contextmanager
def opened_output(name: str | None, form: str) -> Iterator[TextIO]:
    """Open a file for findings in a form, or take standard output; the forms for programs are in UTF-8 everywhere.

    Raises:
        OutputError: where it cannot be opened or written. (A reader of standard output that went is a BrokenPipeError.)
    """
    if name is None and form != "text" and isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    try:
        if name is None:
            yield sys.stdout
        else:
            with Path(name).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
                yield out
    except OSError as error:
        if is_closed_pipe(error):
            raise
        raise OutputError(f"{name or 'standard output'}: cannot be written: {error.strerror or error}") from None
