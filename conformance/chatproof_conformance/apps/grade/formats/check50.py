"""The JSON that check50 writes (``check50 --output json``), for what reads that: a check for each requirement."""

import json
from importlib.metadata import version
from typing import Any

from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.scheme import Scheme
from chatproof_conformance.apps.grade.scoring import Grade
from chatproof_conformance.apps.grade.wording import preface, summary
from chatproof_conformance.reporting.formats.finding_text import finding_text
from chatproof_conformance.reporting.shape import RequirementJson
from chatproof_schemas import requirements

_FIRST = "starts"
_WAITS = "can't be checked before the server builds and starts"


def render(grade: Grade, scheme: Scheme) -> str:
    """Return the text of the file; of what could not be graded, one with an error and no results."""
    value: dict[str, Any] = {"slug": scheme.title, "version": version("chatproof")}
    if grade.needs_a_look:
        value["error"] = {"type": "Error", "value": grade.graded.reason, "traceback": [], "actions": {}, "data": {}}
    else:
        value["results"] = [_first(grade), *_others(grade, scheme)]
    return json.dumps(value, ensure_ascii=False, indent=4) + "\n"


def _first(grade: Grade) -> dict[str, Any]:
    started = grade.graded.report is not None
    cause = None if started else {"rationale": summary(grade), "help": None}
    log = preface(grade).splitlines()
    return _check(_FIRST, "the server builds and starts", cause, log=log, dependency=None)


def _others(grade: Grade, scheme: Scheme) -> list[dict[str, Any]]:
    if grade.graded.report is None:
        names = scheme.neutral_names()
        texts = {
            id_: "a hidden requirement" if id_ in names else requirements()[id_].sentence for id_ in scheme.running.ids
        }
        rows = [(names.get(id_, id_), text) for id_, text in texts.items()]
        cause = {"rationale": _WAITS, "help": None}
        return [_check(_name(id_), f"{id_}: {text}", cause, passed=None) for id_, text in rows]
    return [_requirement(row) for row in for_author(grade.graded.report, scheme)["requirements"]]


def _requirement(row: RequirementJson) -> dict[str, Any]:
    text = f"{row['id']}: {row['sentence']}"
    if row["verdict"] == "pass":
        return _check(_name(row["id"]), text, None)
    if not row["findings"]:
        passed = False if row["verdict"] in ("fail", "warning") else None
        cause = {"rationale": row["reason"] or row["verdict"], "help": None}
        return _check(_name(row["id"]), text, cause, passed=passed)
    first = row["findings"][0]
    cause = {"rationale": f"expected {first['expected']}; got {first['actual']}", "help": first["repeat"]}
    return _check(_name(row["id"]), text, cause, log=finding_text(first).splitlines())


def _check(name: str, description: str, cause: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    """Return a check; without a cause it has passed."""
    return {
        "name": name,
        "description": description,
        "passed": cause is None,
        "log": [],
        "cause": cause,
        "data": {},
        "dependency": _FIRST,
        **more,
    }


def _name(id_: str) -> str:
    """Return an id as check50 names a check, which is a function of Python there."""
    return id_.lower().replace("-", "_")
