"""Reads a folder of reports: which implementations there are, and the reports of each over time."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from chatproof_common.printable import printable
from chatproof_conformance.apps.interop.shape import InteropReport, read_interop
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.shape import Report, RequirementJson, read_report

_HEAD_BYTES = 4096
_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Dated:
    """A report, and what of it is looked up often.

    Attributes:
        report: as it was read.
        file: from which file, relative to the folder.
        started: when the run began.
        rows: its requirements by their ids.
    """

    report: Report
    file: str
    started: datetime
    rows: Mapping[str, RequirementJson]


@dataclass(frozen=True, slots=True)
class Implementation:
    """A server or client, with its reports.

    Attributes:
        role: which of the two.
        name: as its reports have it.
        page: the file of its page.
        history: its reports, the newest last.
    """

    role: Role
    name: str
    page: str
    history: Sequence[Dated]

    @property
    def newest(self) -> Dated:
        """Its newest report."""
        return self.history[-1]


@dataclass(frozen=True, slots=True)
class Collection:
    """All reports of a folder.

    Attributes:
        implementations: by role and name.
        matrices: the reports of `interop`, by their pages, the newest first.
        left_out: how many files hold reports of recordings, which are of no single implementation.
    """

    implementations: Sequence[Implementation]
    matrices: Mapping[str, InteropReport]
    left_out: int

    def of(self, role: Role) -> list[Implementation]:
        """Return the servers or the clients."""
        return [one for one in self.implementations if one.role is role]


def read_collection(folder: Path) -> Collection:
    """Read every file of a folder, and of those in it, that ends with ``.json``.

    Raises:
        DocumentError: if one cannot be read or is no report, or there is none.
    """
    dated: dict[tuple[Role, str], list[Dated]] = {}
    matrices: list[InteropReport] = []
    left_out = 0
    for file in _files(folder):
        if _is_interop(file):
            matrices.append(read_interop(str(file)))
            continue
        report = read_report(str(file), situations=False)
        if report["checked"]["role"] not in [role.value for role in Role]:
            left_out += 1
            continue
        name = printable(report["implementation"]["name"] or "")
        found = Dated(report, str(file.relative_to(folder)), _moment(report, file), _rows(report))
        dated.setdefault((Role(report["checked"]["role"]), name), []).append(found)
    if not dated and not matrices:
        raise DocumentError(f"{folder}: holds no report; `chatproof check --report json=FILE` writes one")
    matrices.sort(key=lambda one: one["started"], reverse=True)
    pages = ["interop.html" if not place else f"interop-{place + 1}.html" for place in range(len(matrices))]
    return Collection(tuple(_implementations(dated)), dict(zip(pages, matrices, strict=True)), left_out)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(path for path in folder.rglob("*.json") if path.is_file())
    except OSError as error:
        raise DocumentError(f"{folder}: cannot be read: {error.strerror or error}") from None


def _is_interop(file: Path) -> bool:
    """Whether a file is a report of `interop`; its first member says what it is."""
    try:
        with file.open("rb") as opened:
            head = opened.read(_HEAD_BYTES)
    except OSError:
        return False  # whoever reads it says so
    text = "".join(head.decode("utf-8", "replace").split())
    return '"chatproof":"interop"' in text[:40]


def _moment(report: Report, file: Path) -> datetime:
    try:
        return datetime.fromisoformat(report["started"]).astimezone()
    except ValueError:
        raise DocumentError(f"{file}: /started: is {json.dumps(report['started'])}; expected a date and time") from None


def _rows(report: Report) -> dict[str, RequirementJson]:
    return {row["id"]: row for row in report["requirements"]}


def _implementations(dated: Mapping[tuple[Role, str], list[Dated]]) -> Iterator[Implementation]:
    taken: set[str] = set()
    for (role, name), history in sorted(dated.items(), key=_order):
        page = _page(role, name, taken)
        taken.add(page)
        yield Implementation(role, name, page, sorted(history, key=lambda one: one.started))


def _order(item: tuple[tuple[Role, str], Any]) -> tuple[str, list[str], str]:
    """Order by name, as people do: ``server 2`` before ``server 10``."""
    role, name = item[0]
    parts = [part.zfill(_DIGITS) if part.isdigit() else part for part in re.split("([0-9]+)", name.casefold())]
    return role.value, parts, name


def _page(role: Role, name: str, taken: set[str]) -> str:
    """Return a file name for an implementation, other than those that are taken on a disk that folds case."""
    stem = "".join(char if char.isascii() and char.isalnum() else "-" for char in name.lower())[:60].strip("-") or "x"
    page, number = f"{role.value}-{stem}.html", 1
    while page in taken:
        number += 1
        page = f"{role.value}-{stem}-{number}.html"
    return page
