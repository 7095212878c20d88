"""Reads ``--report KIND=FILE``, and writes the reports."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.files import STANDARD, NamedFile, require_writable, writing
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.streams import STEP_SUMMARY, print_document

if TYPE_CHECKING:
    from chatproof_conformance.reporting.summary import Summary

KINDS = ("html", "json", "junit", "sarif", "md", "badge", "github")
"""Each has a module of its name in :mod:`chatproof_conformance.reporting.formats`."""

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

    @property
    def file(self) -> NamedFile:
        """The file, as the command line names it."""
        return NamedFile(f"--report {self.kind}={self.name}", self.name, makes_folder=True)


def read_destinations(options: Iterable[str]) -> tuple[Destination, ...]:
    """Read ``KIND=FILE[,KIND=FILE…]``; whether the files can be written is not looked at.

    Raises:
        CommandError: if a kind is unknown, or a file is named twice.
    """
    words = [word for option in options for word in _NEXT.split(option)]
    found = tuple(map(_destination, words))
    names = [one.name for one in found]
    for one in found:
        if names.count(one.name) > 1:
            raise CommandError(f"--report: {one.name} is given twice; give each report a file of its own")
    return found


def step_summary(environment: Mapping[str, str]) -> tuple[Destination, ...]:
    """Return where a job of GitHub Actions wants its summary; empty outside such a job.

    Raises:
        CommandError: if that cannot be written.
    """
    name = environment.get(STEP_SUMMARY)
    if not name:
        return ()
    require_writable(NamedFile(f"{STEP_SUMMARY}={name}", name, makes_folder=True))
    return (Destination("md", name, append=True),)


def write_reports(summary: "Summary", destinations: Iterable[Destination]) -> None:
    """Write a run's reports.

    Raises:
        CommandError: if a file cannot be written.
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
    if one.name == STANDARD:
        print_document(text, means_commands=one.kind == "github")
        return
    with writing(one.file.place), Path(one.name).open("ab" if one.append else "wb") as file:
        file.write(text.encode("utf-8", "backslashreplace"))
