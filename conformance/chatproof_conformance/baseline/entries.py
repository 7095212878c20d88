"""A baseline as a file: JSON, with a schema beside this module; docs/reports.md describes it for its users."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.json_files import DocumentError, Form, read_document
from chatproof_conformance.core.text import quoted
from chatproof_schemas import requirements

VERSION = 1
FORM = Form("baseline", VERSION, "baseline", "`chatproof check --write-baseline FILE` makes one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A known failure; its members stand in the order in which a file has them.

    Attributes:
        requirement: the id of what is broken.
        case: what an older file has: there are no cases any more, and the entry holds for the requirement.
        text: a part of what the failure says was expected and received, in one line; None: whatever it says.
        reason: why that is accepted for now.
        link: where it is dealt with, an http or https URL; None if the file does not say.
        expires: the last day on which it is accepted.
        intermittent: whether it may also pass.
    """

    requirement: str
    case: str | None = None
    text: str | None = None
    reason: str
    link: str | None = None
    expires: date
    intermittent: bool = False

    def covers(self, finding: Finding) -> bool:
        """Whether a finding is this known failure."""
        if finding.requirement != self.requirement:
            return False
        return self.text is None or self.text in f"expected {finding.expected_there}; got {finding.actual}"

    def __str__(self) -> str:
        """Its requirement, and its case and its text if it has them."""
        place = self.requirement + (f" in {self.case}" if self.case else "")
        return place + (f" ({quoted(self.text)})" if self.text else "")


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known failures of a file.

    Attributes:
        name: of the file.
        entries: in its order.
    """

    name: str
    entries: tuple[Entry, ...]

    def entry_for(self, finding: Finding, day: date | None = None) -> Entry | None:
        """Return the entry that covers a finding on a day (None: today); one with text first."""
        valid = [one for one in self.entries if one.covers(finding) and one.expires >= (day or local_day())]
        return max(valid, key=lambda entry: entry.text is not None, default=None)


def local_day() -> date:
    """Return the day on which this runs, where it runs."""
    return date.today()  # noqa: DTZ011  an entry expires by the calendar of those who wait for it


def read_baseline(name: str) -> Baseline:
    """Read a baseline.

    Raises:
        DocumentError: if it cannot be read or is not a baseline, with the place.
    """
    value = read_document(name, FORM)
    entries = [_entry(f"{name}: /known/{place}", members) for place, members in enumerate(value["known"])]
    places: dict[tuple[str, str | None, str | None], int] = {}
    for place, entry in enumerate(entries):
        first = places.setdefault((entry.requirement, entry.case, entry.text), place)
        if first != place:
            raise DocumentError(f"{name}: /known/{place}: says {entry} again, as /known/{first} does; expected once")
    return Baseline(name, tuple(entries))


def write_baseline(entries: Iterable[Entry], path: Path) -> None:
    """Write a baseline.

    Raises:
        OSError: if it cannot be written.
    """
    known = [{name: value for name, value in asdict(entry).items() if value or name == "link"} for entry in entries]
    document = {"chatproof": FORM.kind, "version": VERSION, "known": known}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n", "utf-8")


def _entry(where: str, members: dict[str, Any]) -> Entry:
    try:
        expires = date.fromisoformat(members["expires"])
    except ValueError:
        raise DocumentError(f"{where}/expires: {members['expires']} is no day of the calendar") from None
    if members["requirement"] not in requirements():
        raise DocumentError(
            f"{where}/requirement: {json.dumps(members['requirement'])} is no requirement; "
            "`chatproof check --list` and `chatproof check-client --list` show all"
        )
    return Entry(**{**members, "expires": expires})
