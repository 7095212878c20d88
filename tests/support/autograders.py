"""What each autograder asks of the result that it is given, as its documentation has it; each reads a text or fails.

Sources, read in November 2026: gradescope-autograders.readthedocs.io (output format), PrairieLearn's
docs/externalGrading.md, Autolab's docs/lab.md and docs/features/formatted-feedback.md, check50 (its renderers, and
grade50 on top of it), foundation50/classroom50 schemas/result-v1.schema.json and what its runner checks besides.
"""

import json
import re

import jsonschema_rs

from support.report_consumers import read_junit

_TEXT, _NUMBER, _BOOLEAN = {"type": "string"}, {"type": "number"}, {"type": "boolean"}
_WHOLE = {"type": "integer", "minimum": 0}
_VISIBILITY = {"enum": ["visible", "hidden", "after_due_date", "after_published"]}
_FORMAT = {"enum": ["text", "html", "simple_format", "md", "ansi"]}


def _object(required, **members):
    return {"type": "object", "properties": members, "required": required.split(), "additionalProperties": False}


def _list(of, fewest=0):
    return {"type": "array", "items": of, "minItems": fewest}


GRADESCOPE = _object(
    "score tests",
    score=_NUMBER,
    execution_time=_NUMBER,
    output=_TEXT,
    output_format=_FORMAT,
    test_output_format=_FORMAT,
    test_name_format=_FORMAT,
    visibility=_VISIBILITY,
    stdout_visibility=_VISIBILITY,
    extra_data={"type": "object"},
    leaderboard=_list({"type": "object"}),
    tests=_list(
        _object(
            "score max_score name",
            score=_NUMBER,
            max_score=_NUMBER,
            status={"enum": ["passed", "failed"]},
            name=_TEXT,
            name_format=_FORMAT,
            number=_TEXT,
            output=_TEXT,
            output_format=_FORMAT,
            tags=_list(_TEXT),
            visibility=_VISIBILITY,
            extra_data={"type": "object"},
        ),
        1,
    ),
)
PRAIRIELEARN = _object(
    "gradable",
    gradable=_BOOLEAN,
    score={"type": "number", "minimum": 0, "maximum": 1},
    message=_TEXT,
    output=_TEXT,
    format_errors=_list(_TEXT, 1),
    tests=_list(
        _object(
            "name points max_points",
            name=_TEXT,
            description=_TEXT,
            points=_NUMBER,
            max_points=_NUMBER,
            message=_TEXT,
            output=_TEXT,
        ),
        1,
    ),
)
_INSTANT = {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$"}
_FILLED = {"type": "string", "minLength": 1}
CLASSROOM50 = _object(
    "schema classroom assignment assignment_type owner submission commit release review datetime score max-score tests",
    schema={"const": "classroom50/result/v1"},
    classroom=_FILLED,
    assignment=_FILLED,
    assignment_type={"enum": ["individual", "group"]},
    owner=_FILLED,
    submission={"type": "string", "pattern": "^submit/"},
    commit=_FILLED,
    release=_FILLED,
    review=_FILLED,
    datetime=_INSTANT,
    graded_at=_INSTANT,
    score=_WHOLE,
    **{"max-score": _WHOLE},
    tests=_list(
        {
            **_object("test-name passed score max-score", passed=_BOOLEAN, score=_WHOLE),
            "properties": {"test-name": _FILLED, "passed": _BOOLEAN, "score": _WHOLE, "max-score": _WHOLE},
            "additionalProperties": True,
        }
    ),
)
_CHECK = _object(
    "name description passed log cause data dependency",
    name={"type": "string", "pattern": "^[a-z_][a-z0-9_]*$"},
    description=_FILLED,
    passed={"type": ["boolean", "null"]},
    log=_list(_TEXT),
    cause={"type": ["object", "null"]},
    data={"type": "object"},
    dependency={"type": ["string", "null"]},
)
_ERROR = {
    "type": "object",
    "properties": {"type": _TEXT, "value": _TEXT, "traceback": _list(_TEXT), "actions": {"type": "object"}},
    "required": ["type", "value"],
}
CHECK50 = _object("slug version", slug=_TEXT, version=_TEXT, results=_list(_CHECK, 1), error=_ERROR)


def _read(text, schema):
    value = json.loads(text)
    jsonschema_rs.Draft202012Validator(schema).validate(value)
    return value


def gradescope(text):
    """The points of each part by name; a total of its own must be their sum."""
    value = _read(text, GRADESCOPE)
    assert round(sum(test["score"] for test in value["tests"]), 2) == value["score"]
    assert all(0 <= test["score"] <= test["max_score"] for test in value["tests"])
    return {test["name"]: test["score"] for test in value["tests"]}


def prairielearn(text):
    """The same; None if it is not gradable. The file must not be larger than 1 MB."""
    assert len(text.encode()) <= 1_000_000
    value = _read(text, PRAIRIELEARN)
    assert ("score" in value) is value["gradable"]
    return {test["name"]: test["points"] for test in value["tests"]} if value["gradable"] else None


def autolab(text):
    """The same, from the last line of what was printed; the one before says how to show it."""
    *_, shown, scores = text.splitlines()
    shown, scores = json.loads(shown), json.loads(scores)
    assert shown["_presentation"] == "semantic"
    for stage in shown["stages"]:
        assert all(set(test) <= {"passed", "hint"} for test in shown[stage].values())
    assert scores.keys() == {"scores"}
    assert all(isinstance(points, (int, float)) for points in scores["scores"].values())
    return scores["scores"]


def classroom50(text):
    """The same, in whole points; no score is above its most, and the total is their sum."""
    value = _read(text, CLASSROOM50)
    assert value["score"] == sum(test["score"] for test in value["tests"]) <= value["max-score"]
    assert value["max-score"] == sum(test["max-score"] for test in value["tests"])
    assert all(test["score"] <= test["max-score"] for test in value["tests"])
    return {test["test-name"]: test["score"] for test in value["tests"]}


def check50(text):
    """Whether each check passed, by name, None if it was skipped; None for a run with an error."""
    value = _read(text, CHECK50)
    assert ("results" in value) is not ("error" in value)
    if "error" in value:
        return None
    names = [one["name"] for one in value["results"]]
    assert len(set(names)) == len(names)
    for one in value["results"]:
        assert one["dependency"] in (None, *names)
        assert (one["cause"] is None) is (one["passed"] is True)
        assert one["passed"] is True or re.search(r"\S", one["cause"]["rationale"])
    return {one["name"]: one["passed"] for one in value["results"]}


def junit(text):
    """What became of each test, by name, which no two may share (Artemis keeps results by it)."""
    root = read_junit(text)
    found = {}
    for case in root.iter("testcase"):
        assert case.get("name") not in found
        assert len(case.get("name")) <= 255
        found[case.get("name")] = next(
            (one.tag for one in case if one.tag in ("failure", "error", "skipped")), "passed"
        )
    suite = root.find("testsuite")
    assert int(suite.get("tests")) == len(found)
    assert int(suite.get("failures")) == list(found.values()).count("failure")
    return found
