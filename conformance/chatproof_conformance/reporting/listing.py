"""What can be selected, as one JSON object for programs: ``--list --format json``; listing.schema.json describes it."""

import json
from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.wording import SECTIONS
from chatproof_schemas import requirements, work_levels

VERSION = 1


def print_listing(role: Role, ids: Iterable[str]) -> None:
    """Print requirements."""
    print(json.dumps(listing(role, ids), indent=2, ensure_ascii=False))  # noqa: T201  it is the answer


def listing(role: Role, ids: Iterable[str]) -> dict[str, Any]:
    """Return requirements as a JSON object."""
    return {
        "chatproof": "listing",
        "version": VERSION,
        "tool": {"name": "chatproof", "version": version("chatproof")},
        "role": role.value,
        "levels": [{"number": one.number, "subject": one.subject} for one in work_levels(role.value)],
        "requirements": [_row(id_, role) for id_ in ids],
    }


def _row(id_: str, role: Role) -> dict[str, Any]:
    row = requirements()[id_]
    return {
        "id": id_,
        "section": row.section,
        "title": SECTIONS[row.section],
        "level": row.level.value,
        "sentence": row.sentence,
        "in_level": next((one.number for one in work_levels(role.value) if id_ in one.ids), None),
    }
