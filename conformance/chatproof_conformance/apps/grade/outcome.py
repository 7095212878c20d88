"""What became of a submission, as it is kept between runs."""

import enum
import json
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, cast

from chatproof_conformance.reporting.shape import Report

VERSION = 1


class Outcome(str, enum.Enum):
    """How far a submission came; each has a row."""

    CHECKED = "checked"
    DIED = "died while it was checked"
    SLOW = "checked in part: out of time"
    NO_BUILD = "does not build"
    NO_START = "does not start"
    ELSEWHERE = "listens elsewhere"
    TOO_LARGE = "is too large"
    UNKNOWN = "could not be graded"
    """It is not known why: a person has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Graded:
    """A submission after its check.

    Attributes:
        name: of the submission.
        slug: of its files.
        key: what it was checked with; if that is the same another time, this holds still.
        outcome: how far it came.
        reason: why it came no further, as a clause; empty if it did.
        printed: the last lines of its build, if that failed.
        notes: what limits it met, and what else its author should know.
        means: what kept it in.
        seed: of its generated input.
        seconds: how long it took.
        report: of the check; None if there was none.
    """

    name: str
    slug: str
    key: str
    outcome: Outcome
    reason: str = ""
    printed: str = ""
    notes: tuple[str, ...] = ()
    means: tuple[str, ...] = ()
    seed: int = 0
    seconds: float = 0.0
    report: Report | None = None

    def save(self, path: Path) -> None:
        """Write it to a file, whole or not at all.

        Raises:
            OSError: if it cannot be written.
        """
        value = {"chatproof": "graded", "version": VERSION, **asdict(self)}
        fresh = path.with_suffix(".new")
        fresh.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", "utf-8")
        fresh.replace(path)


def load(path: Path) -> Graded | None:
    """Return what was saved in a file; None if there is nothing there that this version can read."""
    try:
        value: dict[str, Any] = json.loads(path.read_text("utf-8"))
        if (value.pop("chatproof"), value.pop("version")) != ("graded", VERSION):
            return None
        value["outcome"] = Outcome(value["outcome"])
        value["notes"], value["means"] = tuple(value["notes"]), tuple(value["means"])
        value["report"] = cast("Report | None", value["report"])
        known = {one.name for one in fields(Graded)}
        return Graded(**value) if value.keys() == known else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
