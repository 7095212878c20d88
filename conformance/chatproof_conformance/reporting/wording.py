"""Words and signs that every format of a report uses for the same things."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from chatproof_common.excerpts import excerpt
from chatproof_common.printable import printable
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.reporting.likely_causes import likely_words

if TYPE_CHECKING:
    from chatproof_conformance.reporting.shape import FindingJson, Report

_LAST_LINES = 8
SECTIONS = {
    "FRAME": "frames on the wire",
    "JOIN": "joining",
    "LEAVE": "leaving",
    "ORDER": "order",
    "PUBLIC": "public messages",
    "PRIVATE": "private messages",
    "CONFIRM": "confirmations",
    "ERROR": "errors",
    "TIME": "timestamps",
    "LOAD": "many, slow and silent clients",
    "SERVER": "announcements",
    "STOP": "stopping",
    "CLIENT": "what a client sends and shows",
    "CLUSTER": "one chat at several addresses",
}
SIGNS = {"pass": "✓", "warning": "!", "fail": "✗", "blocked": "⊘", "inconclusive": "?", "not tested": "-"}
"""By verdict."""
TONES = {
    "pass": "good",
    "warning": "warn",
    "fail": "bad",
    "blocked": "unknown",
    "inconclusive": "unknown",
    "not tested": "none",
}
"""By verdict, its colour in pages: a class of style.css."""


def counted_verdict(verdict: str, count: int) -> str:
    """Return a verdict as it follows a number: ``passed``, ``failed``, ``warnings``."""
    word = Verdict(verdict).value
    return {"pass": "passed", "fail": "failed", "warning": "warning" if count == 1 else "warnings"}.get(word, word)


def counted_verdicts(counts: Mapping[str, int]) -> list[str]:
    """Return how many requirements have each verdict, such as ``2 failed``; none for a verdict that none has."""
    return [f"{counts[verdict]} {counted_verdict(verdict, counts[verdict])}" for verdict in Verdict if counts[verdict]]


def seen_by(found: "FindingJson") -> str:
    """Return what a finding's ``case`` is: a ``situation`` or a ``case``."""
    return "situation" if found["situation"] else "case"


def identity(report: "Report") -> str:
    """Return the name and version of the implementation in a report; empty if the user has said neither."""
    known, checked = report["implementation"], report["checked"]["name"]
    name = known["name"] if known["name"] != checked else ""
    return " ".join(filter(None, (name, known["version"])))


def last_lines(words: str) -> list[str]:
    """Return the last few lines of what a server printed, and what names an error before them, printable."""
    lines = words.strip("\r\n").split("\n") if words.strip() else []
    return [printable(line) for line in excerpt(lines, 0, _LAST_LINES, gap="") if line]


def level_reached(level: Mapping[str, Any] | None) -> str:
    """Return a report's level in a few words: ``level 3 of 8``; empty if it does not say."""
    return f"level {level['reached']} of {level['of']}" if level else ""


def level_sentence(level: Mapping[str, Any]) -> str:
    """Return a report's level, and what comes next."""
    reached = f"{level['reached']} of {level['of']}" + (f": {level['subject']}" if level["subject"] else "")
    following = level["next"]
    return reached + (f"; next: {following['subject']} ({', '.join(following['open'])})" if following else "")


def likely(found: "FindingJson") -> str:
    """Return the most likely cause of a finding in a report, if there is one, and what explains more."""
    return likely_words(found["cause"]["title"] if found["cause"] else None, found["explain"])


def plural(count: int, word: str) -> str:
    """Return a number and what it counts: ``1 case``, ``1,200 cases``."""
    many = {"delivery": "deliveries"}.get(word, f"{word}s")
    return f"{count:,} {word if count == 1 else many}"


def explains(hides: int, hidden: Sequence[str], waiting: Sequence[str] = ()) -> str:
    """Return what else a finding explains, as a clause; empty if it explains nothing.

    Args:
        hides: how many other symptoms look like it.
        hidden: the ids of the requirements of these.
        waiting: the ids of what cannot be tested before it is mended.
    """
    ids = f" ({', '.join(hidden)})" if hidden else ""
    parts = [f"{hides} {'other looks' if hides == 1 else 'others look'} like this{ids}"] if hides else []
    parts += [f"{plural(len(waiting), 'requirement')} cannot be tested before: {', '.join(waiting)}"] if waiting else []
    return "; ".join(parts)
