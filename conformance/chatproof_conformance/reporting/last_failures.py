"""Which requirements failed the last time that something was checked: a small file for each in the user's cache."""

import contextlib
import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

from chatproof_common.system.cache_folder import cache_folder, keep, kept
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import RequirementResult
from chatproof_schemas import requirements

_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RecursionError)
"""What a file causes that is not as this module writes it."""


def remember_failures(
    role: Role, target_words: str, judged: Iterable[RequirementResult], first: Iterable[str] = ()
) -> None:
    """Keep which requirements are broken; what was not judged this time stays. If that fails, nothing is kept.

    ``first`` are the ids of those that are to be mended first, in order.
    """
    results = list(judged)
    failed = set(last_failures(role, target_words)) - {result.requirement.id for result in results}
    failed |= (now := {result.requirement.id for result in results if result.findings})
    file = _file(role, target_words)
    known = {
        "checked": f"chatproof {role.command}{target_words}",
        "last": [id_ for id_ in dict.fromkeys([*first, *requirements()]) if id_ in now],
        "failed": [id_ for id_ in dict.fromkeys([*first, *requirements()]) if id_ in failed],
    }
    with contextlib.suppress(OSError):
        keep(file, json.dumps(known) + "\n")


def last_failures(role: Role, target_words: str) -> list[str]:
    """Return the ids of what failed last time; none if nothing did, or nothing is known."""
    try:
        failed = json.loads(kept(_file(role, target_words)))["failed"]
    except _UNREADABLE:
        return []
    return [id_ for id_ in requirements() if id_ in failed] if isinstance(failed, list) else []


def latest_failures() -> tuple[str, list[str]]:
    """Return the command line of the last check, whatever it checked, and the ids of what failed in it.

    What failed before and was not checked again is not among them. What is to be mended first comes first. Both are
    empty if nothing is known.
    """
    with contextlib.suppress(*_UNREADABLE):
        file = max((cache_folder("chatproof") / "failed").glob("*.json"), key=lambda one: one.stat().st_mtime)
        known = json.loads(kept(file))
        return str(known["checked"]), [id_ for id_ in known["last"] if id_ in requirements()]
    return "", []


def _file(role: Role, target_words: str) -> Path:
    name = hashlib.sha256(f"{role.value}{target_words}".encode()).hexdigest()[:16]
    return cache_folder("chatproof") / "failed" / f"{name}.json"
