"""What a saved recording says of itself: the requirement that was seen broken, and how, as notes at its beginning."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from chatproof_conformance.core.findings import Finding
from chatproof_schemas import requirements
from chatproof_schemas.transcript import Event, Kind

CUT = "the tap cuts the connection"
"""How a note begins about a connection that `chatproof tap` cuts: its doing, and nobody else's."""
_BROKEN = re.compile(r"broken: ([A-Z]+-[0-9]+) ")
_NAMES = ("case", "expected", "actual")


@dataclass(frozen=True, slots=True)
class Notes:
    """What was seen when the recording was made.

    Attributes:
        requirement: the id of the broken requirement.
        case: the case or situation in which it was seen; empty if nothing is said.
        expected, actual: as in the finding; empty if nothing is said.
    """

    requirement: str
    case: str = ""
    expected: str = ""
    actual: str = ""


def notes_of(finding: Finding) -> list[Event]:
    """Return the notes for a finding."""
    row = requirements()[finding.requirement]
    texts = [f"broken: {row.id} ({row.level.value}) {row.sentence}"]
    parts = zip(_NAMES, (finding.seen_by, finding.expected_there, finding.actual), strict=True)
    texts += [f"{name}: {text}" for name, text in parts]
    return [Event(0.0, "", Kind.NOTE, text.encode("utf-8", "replace")) for text in texts]


def read_notes(events: Iterable[Event]) -> Notes | None:
    """Return what a recording's notes say, None if they name no requirement."""
    texts = [event.data.decode("utf-8", "replace") for event in events if event.kind is Kind.NOTE]
    found = [match[1] for text in texts if (match := _BROKEN.match(text)) and match[1] in requirements()]
    if not found:
        return None
    parts = {name: text.removeprefix(f"{name}: ") for text in texts for name in _NAMES if text.startswith(f"{name}: ")}
    return Notes(found[0], **parts)
