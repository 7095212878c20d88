"""Words and signs that every format of a report uses for the same things."""

from collections.abc import Mapping

from chatproof_conformance.core.verdicts import Verdict

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


def plural(count: int, word: str) -> str:
    """Return a number and what it counts: ``1 case``, ``1,200 cases``."""
    many = {"delivery": "deliveries"}.get(word, f"{word}s")
    return f"{count:,} {word if count == 1 else many}"
