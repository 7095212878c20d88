"""Explanations as JSON values, from which every other form is made; explanation.schema.json describes them."""

from typing import Any, TypedDict

from chatproof_conformance.apps.explain.topics import Topic, all_topics
from chatproof_conformance.core.json_files import Form
from chatproof_conformance.explanations.reading import causes, codes, explanations, introductions
from chatproof_conformance.explanations.words import words
from chatproof_conformance.reporting.wording import SECTIONS
from chatproof_schemas import Requirement, requirements, work_levels

FORM = Form("explanation", 1, "explanations", "`chatproof explain --format json` writes one")


class Explained(TypedDict):
    """What `chatproof explain` was asked for."""

    chatproof: str
    version: int
    topics: list[dict[str, Any]]


def document_of(topics: list[Topic]) -> Explained:
    """Return the explanations of topics, in their order."""
    return {"chatproof": FORM.kind, "version": FORM.version, "topics": [_MAKERS[one.kind](one.name) for one in topics]}


def listed_topics() -> dict[str, list[str]]:
    """Return the names of all that can be explained, by kind."""
    found: dict[str, list[str]] = {}
    for topic in all_topics():
        found.setdefault(topic.kind, []).append(topic.name)
    return found


def _requirement(name: str) -> dict[str, Any]:
    row, said = requirements()[name], explanations()[name]
    return {
        "kind": "requirement",
        **_row(row),
        "heading": row.heading,
        "in_level": _level_of(row),
        "why": said.why,
        "exchange": list(said.exchange),
        "causes": [_named_cause(cause) for cause in said.causes],
        "tested": said.tested,
        "related": list(said.related),
    }


def _level_of(row: Requirement) -> dict[str, Any]:
    levels = work_levels(row.of)
    level = next(one for one in levels if row.id in one.ids)
    return {"number": level.number, "of": len(levels), "subject": level.subject}


def _section(name: str) -> dict[str, Any]:
    rows = [_row(row) for row in requirements().values() if row.section == name]
    return {
        "kind": "section",
        "name": name,
        "title": SECTIONS[name],
        "text": introductions()[name],
        "requirements": rows,
    }


def _cause(name: str) -> dict[str, Any]:
    cause = causes()[name]
    breaks = [id_ for id_, said in explanations().items() if name in said.causes]
    order = [id_ for id_ in requirements() if id_ in breaks]
    return {"kind": "cause", **_named_cause(name), "text": cause.text, "code": dict(cause.code), "related": order}


def _code(name: str) -> dict[str, Any]:
    word = codes()[name]
    return {"kind": "code", "name": name, "text": word.text, "related": list(word.related)}


def _term(name: str) -> dict[str, Any]:
    word = words()[name]
    return {"kind": "term", "name": name, "text": word.text, "related": list(word.related)}


def _row(row: Requirement) -> dict[str, str]:
    return {"name": row.id, "level": row.level.value, "sentence": row.sentence}


def _named_cause(name: str) -> dict[str, str]:
    return {"name": name, "title": causes()[name].title}


_MAKERS = {"requirement": _requirement, "section": _section, "cause": _cause, "code": _code, "term": _term}
