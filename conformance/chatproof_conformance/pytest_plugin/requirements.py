"""A whole check of the server, each requirement as a test of its own.

The check is a process of its own: it runs pytest, with settings that must not meet those of this session.
"""

import json
import tempfile
import warnings
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.printable import shortened
from chatproof_common.system.processes import PIPE, Process
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.pytest_plugin.judging import ChatWarning
from chatproof_conformance.pytest_plugin.serving import NOT_NAMED
from chatproof_conformance.pytest_plugin.settings import PluginSettings, as_written_here
from chatproof_conformance.pytest_plugin.wording import broken_text, labelled, requirement_line
from chatproof_conformance.reporting.wording import last_lines, seen_by
from chatproof_schemas import requirements

if TYPE_CHECKING:
    from chatproof_conformance.reporting.shape import FindingJson

_ENDING_SECONDS = 15.0
_FRAMES, _FAR_TOO_MANY = 20, 1_000_000
_LONGEST_FRAME = 160
_ARROWS = {"client": "→", "server": "←"}


def server_requirements() -> list[str]:
    """Return the ids of all requirements of a server, in the order of SPEC.md."""
    return [id_ for id_, row in requirements().items() if row.of == "server"]


def selected(items: Iterable[pytest.Item]) -> list[str]:
    """Return the ids that the session's tests ask for; none if they ask for all."""
    calls = [getattr(item, "callspec", None) for item in items]
    asked = {call.params.get("chat_requirement") for call in calls if call is not None}
    ids = [id_ for id_ in server_requirements() if id_ in asked]
    return [] if ids == server_requirements() else ids


@dataclass(frozen=True, slots=True)
class CheckedRequirement:
    """What the check found of one requirement.

    Attributes:
        id: of SPEC.md, such as ``PRIVATE-2``.
        found: its part of the check's JSON report.
        strict: whether a broken SHOULD fails.
    """

    id: str
    found: dict[str, Any] = field(repr=False)
    strict: bool = field(repr=False)

    def is_kept(self) -> None:
        """Pass if the requirement is kept; fail if it is broken, or nothing is known of it.

        A broken SHOULD warns, unless the session is strict. What was not tested, or could not be, since another
        requirement is broken, is skipped with the reason.
        """
        __tracebackhide__ = True
        verdict, reason = Verdict(self.found["verdict"]), as_written_here(self.found["reason"])
        if verdict is Verdict.FAIL or (verdict is Verdict.WARNING and self.strict):
            raise AssertionError(self._broken())
        if verdict is Verdict.WARNING:
            warnings.warn(ChatWarning(self._broken()), stacklevel=2)
        elif verdict in (Verdict.NOT_TESTED, Verdict.BLOCKED):
            pytest.skip(f"{verdict.value}: {reason}")
        elif verdict is Verdict.INCONCLUSIVE:
            raise AssertionError(f"{requirement_line(self.id)}\nnothing is known: {reason}")

    def _broken(self) -> str:
        return _finding_text(self.id, min(self.found["findings"], key=lambda f: len(f["traffic"]) or _FAR_TOO_MANY))


def check(settings: PluginSettings, ids: Sequence[str]) -> dict[str, Any]:
    """Return the JSON report of a check of these requirements, all if none is named; fail the test if there is none."""
    if not settings.named:
        pytest.fail(NOT_NAMED, pytrace=False)
    with tempfile.TemporaryDirectory(prefix="chatproof-") as folder:
        file = Path(folder) / "report.json"
        last_words = _run([*PROGRAM, "check", *settings.words(), *ids, f"--report=json={file}"])
        if not file.is_file():
            pytest.fail(f"the chat server cannot be checked: {as_written_here(last_words)}", pytrace=False)
        report: dict[str, Any] = json.loads(file.read_text("utf-8"))
        return report


def find_result(report: dict[str, Any], id_: str, *, strict: bool) -> CheckedRequirement:
    """Return what a report says of a requirement; fail the test if the check did not reach it."""
    found = next((row for row in report["requirements"] if row["id"] == id_), None)
    if found is None:
        pytest.fail(f"{id_} was not reached: {as_written_here(report['gone'] or report['interrupted'])}", pytrace=False)
    return CheckedRequirement(id_, found, strict)


def _run(words: Sequence[str]) -> str:
    """Run a check to its end and return the last line of its standard error; an interrupt ends it in order."""
    child = Process(words, stderr=PIPE)
    try:
        _, errors = child.finish()
    except BaseException:
        child.interrupt()
        child.wait(_ENDING_SECONDS)
        raise
    return (errors.strip().splitlines() or [f"exit code {child.status}"])[-1]


def _finding_text(id_: str, finding: dict[str, Any]) -> str:
    parts = [broken_text(id_, finding["expected"], as_written_here(finding["actual"]))]
    frames = [
        f"{step['connection']} {_ARROWS[step['event']]} {shortened(step['text'], _LONGEST_FRAME)}"
        for step in finding["traffic"]
        if step["event"] in _ARROWS and finding["connection"] in (None, step["connection"])
    ]
    parts += [labelled("frames", frames[-_FRAMES:])] if frames else []
    words = last_lines(finding["last_words"])
    parts += [labelled("printed", words)] if words else []
    seen = [labelled(seen_by(cast("FindingJson", finding)), [finding["case"]])] if finding["case"] else []
    return "\n".join([*parts, *seen, labelled("repeat", [finding["repeat"]])])
