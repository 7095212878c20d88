"""Reads ``--report KIND=FILE``, makes sure that the files can be written, and writes them."""

import re
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.values import CommandError

if TYPE_CHECKING:
    from chatproof_conformance.reporting.summary import Summary

KINDS = ("html", "json", "junit", "sarif", "md", "badge", "github")
"""Each has a module of its name in :mod:`chatproof_conformance.reporting.formats`."""

STANDARD_OUTPUT = "-"
STEP_SUMMARY = "GITHUB_STEP_SUMMARY"
_NEXT = re.compile(r",(?=[A-Za-z]+=)")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where one report goes.

    Attributes:
        kind: one of ``KINDS``.
        name: of the file; ``-`` is standard output.
        append: whether what the file holds stays.
    """

    kind: str
    name: str
    append: bool = False


def read_destinations(options: Iterable[str]) -> tuple[Destination, ...]:
    """Read ``KIND=FILE[,KIND=FILE…]``, and make sure that each file can be written: before the run, not after it.

    Raises:
        CommandError: if a kind is unknown, a file is named twice, or a file cannot be written.
    """
    words = [word for option in options for word in _NEXT.split(option)]
    found = tuple(map(_destination, words))
    names = [one.name for one in found]
    for one in found:
        if names.count(one.name) > 1:
            raise CommandError(f"--report: {one.name} is given twice; give each report a file of its own")
        require_writable(one.name, f"--report {one.kind}={one.name}")
    return found


def step_summary(environment: Mapping[str, str]) -> tuple[Destination, ...]:
    """Return where a job of GitHub Actions wants its summary; empty outside such a job.

    Raises:
        CommandError: if that cannot be written.
    """
    name = environment.get(STEP_SUMMARY)
    if not name:
        return ()
    require_writable(name, f"{STEP_SUMMARY}={name}")
    return (Destination("md", name, append=True),)


def require_writable(name: str, place: str) -> None:
    """Make sure that a file can be written, and that its folder is there; leave no file if there was none.

    Raises:
        CommandError: if it cannot; ``place`` begins the text.
    """
    if name == STANDARD_OUTPUT:
        return
    path = Path(name)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"{place}: no folder can be made there: {error.strerror}") from None
    try:
        there = path.exists()
        path.open("ab").close()
        if not there:
            path.unlink()
    except OSError as error:
        raise CommandError(f"{place}: cannot be written: {error.strerror or error}") from None


def write_reports(summary: "Summary", destinations: Iterable[Destination]) -> None:
    """Write a run's reports.

    Raises:
        OSError: if a file cannot be written.
    """
    from chatproof_conformance.reporting.document import document_of  # noqa: PLC0415  only if there is a report

    report = document_of(summary)
    for one in destinations:
        text: str = import_module(f"chatproof_conformance.reporting.formats.{one.kind}").render(report)
        _write(text, one)


def _destination(word: str) -> Destination:
    kind, equals, name = word.partition("=")
    if kind not in KINDS:
        raise CommandError(f"--report {word!r}: there is no kind {kind!r}; the kinds are {', '.join(KINDS)}")
    if not equals or not name:
        raise CommandError(f"--report {word!r}: names no file; write {kind}=FILE")
    return Destination(kind, name)


def _write(text: str, one: Destination) -> None:
    data = text.encode("utf-8", "backslashreplace")
    if one.name == STANDARD_OUTPUT:
        sys.stdout.buffer.write(data)
        return
    with Path(one.name).open("ab" if one.append else "wb") as file:
        file.write(data)
