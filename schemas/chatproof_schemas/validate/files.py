"""Validates the messages of files and of standard input."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import cast

from chatproof_schemas.schemas import Direction
from chatproof_schemas.validate.judging import judge
from chatproof_schemas.validate.lines import read_lines, what_else
from chatproof_schemas.validate.report import Report
from chatproof_schemas.validation import frame_bytes

STANDARD_INPUT = "-"
VALID, INVALID, CANNOT_RUN = range(3)


def validate_files(names: Sequence[str], directions: Sequence[Direction]) -> int:
    """Judge every line of every file, in order, and return the exit code.

    A file that cannot be read is reported, and the others are judged all the same.
    """
    report = Report(names_direction=len(directions) > 1)
    for name in names:
        _validate_file(name, directions, report)
    report.sum_up()
    return CANNOT_RUN if report.unreadable else INVALID if report.invalid else VALID


def _validate_file(name: str, directions: Sequence[Direction], report: Report) -> None:
    try:
        with _opened(name) as stream:
            _validate_stream(name, stream, directions, report)
    except IsADirectoryError:
        report.tell_unreadable(name, "is a directory; expected a file with one message a line")
    except OSError as error:
        report.tell_unreadable(name, f"cannot be read: {error.strerror or error}")


def _validate_stream(name: str, stream: BufferedReader, directions: Sequence[Direction], report: Report) -> None:
    name = "<stdin>" if name == STANDARD_INPUT else name
    what = what_else(stream)
    if what:
        report.tell_unreadable(name, f"{what}; expected text in UTF-8, one message a line")
        return
    for line in read_lines(stream, max(map(frame_bytes, directions))):
        if line.is_blank:
            continue
        report.tell(name, line, judge(line, directions))
        if not line.ended:
            report.tell_unended(name, line.number)


@contextmanager
def _opened(name: str) -> Iterator[BufferedReader]:
    if name == STANDARD_INPUT:
        yield cast("BufferedReader", sys.stdin.buffer)
        return
    with Path(name).open("rb") as stream:
        yield stream
