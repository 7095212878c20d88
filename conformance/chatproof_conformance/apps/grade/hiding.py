"""What an author sees of a report: of hidden requirements a neutral name and the verdict, never what was tried."""

from collections.abc import Mapping
from typing import Any

from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.reporting.shape import FindingJson, Report, RequirementJson

_SECTION = "HIDDEN"
_SENTENCE = "A requirement that is tested but not named."
_REASON = "what was tried is not shown"


def for_author(report: Report, scheme: Scheme) -> Report:
    """Return a report in which nothing tells which requirements are hidden, or how they are tested."""
    names = scheme.neutral_names()
    if not names:
        return report
    rows = [_requirement(row, names) for row in report["requirements"]]
    order = {name: number for number, name in enumerate(names.values(), 1)}
    return {
        **report,
        "options": {**report["options"], "selection": _shown(report["options"]["selection"], names)},
        "level": _level(report["level"], names),
        "mend_first": _shown(report["mend_first"], names),
        "situations": [],  # they count all input, that of hidden requirements too
        "requirements": sorted(rows, key=lambda row: order.get(row["id"], 0)),
    }


def named(id_: str, scheme: Scheme) -> str:
    """Return how an author sees a requirement."""
    return scheme.neutral_names().get(id_, id_)


def _requirement(row: RequirementJson, names: Mapping[str, str]) -> RequirementJson:
    if row["id"] not in names:
        findings = [_finding(found, names) for found in row["findings"]]
        return {**row, "reason": _neutral(row["reason"], names), "findings": findings}
    passed = row["verdict"] == "pass"
    return {
        **row,
        "id": names[row["id"]],
        "section": _SECTION,
        "sentence": _SENTENCE,
        "reason": "" if passed else _REASON,
        "evidence": dict.fromkeys(row["evidence"], 0),
        "cases": [],
        "findings": [],
    }


def _finding(found: FindingJson, names: Mapping[str, str]) -> FindingJson:
    return {**found, "hidden": _shown(found["hidden"], names)}


def _shown(ids: list[str], names: Mapping[str, str]) -> list[str]:
    return [id_ for id_ in ids if id_ not in names]


def _neutral(reason: str, names: Mapping[str, str]) -> str:
    """Return why something could not be tested; if a hidden requirement stands in the way, without what was seen."""
    word = next((id_ for id_ in names if id_ in reason.replace(",", " ").replace(":", " ").split()), None)
    return reason if word is None else f"needs {names[word]}, which is broken"


def _level(level: dict[str, Any] | None, names: Mapping[str, str]) -> dict[str, Any] | None:
    """Return the level; None if a hidden requirement is what stands before the next: its subject would name that."""
    following = level["next"] if level else None
    return None if following and names.keys() & set(following["open"]) else level
