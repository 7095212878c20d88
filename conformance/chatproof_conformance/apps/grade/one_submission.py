"""Builds, starts and checks one submission, confined, and prints what became of it: the child process of a grading.

``python -m chatproof_conformance.apps.grade.one_submission TASK``: TASK is the JSON of a :class:`Task`. The process
changes its view of the system for good, so each submission has its own.
"""

import json
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.printable import readable
from chatproof_common.system import signals
from chatproof_common.system.confinement import cell as cells
from chatproof_common.system.confinement import launcher
from chatproof_common.system.confinement.limits import MEBIBYTE
from chatproof_common.system.process_tree import TaggedProcess
from chatproof_common.system.processes import PIPE, described_status
from chatproof_common.system.shell_words import join_words, split_words
from chatproof_common.system.streams import STEP_SUMMARY
from chatproof_conformance.apps.grade.copying import TooLargeError, copy_submission
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.plain_report import plain, without_prefix

_ELSEWHERE = "the command listens on "
_LEAST_SECONDS = 3.0
_ENDING_SECONDS = 10.0
_LAST_LINES = 30


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be done.

    Attributes:
        source: the folder of the submission.
        ours: a folder for what the programs must not reach.
        folder: one for the programs.
        hidden: folders and files that its programs must not see.
        ids: what is checked; empty: all.
        seed: of the generated input.
        running: the members of :class:`chatproof_conformance.apps.grade.scheme.Running`, its limits by name.
    """

    source: str
    ours: str
    folder: str
    hidden: tuple[str, ...]
    ids: tuple[str, ...]
    seed: int
    running: Mapping[str, Any]


@dataclass(slots=True)
class Result:
    """What became of it; the members are those of :class:`chatproof_conformance.apps.grade.outcome.Graded`."""

    outcome: Outcome = Outcome.UNKNOWN
    reason: str = ""
    printed: str = ""
    notes: list[str] = field(default_factory=list)
    means: tuple[str, ...] = ()
    report: Any = None


class _Trial:
    """One submission, from its copy to its report."""

    def __init__(self, task: Task) -> None:
        """Prepare the place for its programs."""
        self._task, self._running, self._ours = task, task.running, Path(task.ours)
        self._began = time.monotonic()
        self._notes = self._ours / "notes"
        self._notes.touch()
        self._cell = cells.enter(task.folder, mebibytes=task.running["limits"]["disk"])
        self.result = Result()

    def run(self) -> None:
        """Fill in the result."""
        try:
            left_out = copy_submission(
                Path(self._task.source), Path(self._cell.folder, "site"), self._running["limits"]["disk"] * MEBIBYTE
            )
        except TooLargeError as error:
            self.result.outcome, self.result.reason = Outcome.TOO_LARGE, str(error)
            return
        self.result.notes += left_out
        cells.hand_over(self._cell)
        if not self._running["network"]:
            self._cell = cells.cut_off(self._cell)
        if self._build():
            if self._running["network"]:
                self._cell = cells.cut_off(self._cell)
            self._check()
        self.result.means = self._cell.means
        self.result.notes += list(dict.fromkeys(self._notes.read_text("utf-8", "replace").splitlines()))
        if self.result.outcome is Outcome.NO_START and self.result.notes:
            self.result.reason = self.result.notes[-1]

    def _build(self) -> bool:
        """Build it; return whether there is something to start."""
        if self._running["build"] is None:
            return True
        words = [*self._confined(None), *split_words(self._running["build"])]
        child = TaggedProcess(words, stdout=PIPE, apart=True)
        try:
            printed, _ = child.finish(self._left())
            failed = described_status(child.status or 0) if child.status else ""
        except TimeoutError:
            printed, failed = "", f"it took longer than {self._running['deadline']:g} s"
        finally:
            child.kill_all()
        if failed:
            self.result.outcome, self.result.reason = Outcome.NO_BUILD, f"{self._running['build']}: {failed}"
            self.result.printed = "\n".join(self._own_paths(printed).splitlines()[-_LAST_LINES:])
        return not failed

    def _check(self) -> None:
        report = self._ours / "report.json"
        command = join_words([*self._confined(0), *split_words(self._running["start"])])
        limit = max(_LEAST_SECONDS, round(self._left()))
        words = [*PROGRAM, "check", *self._task.ids, "--command", command, "--seed", str(self._task.seed)]
        words += ["--budget", f"{self._running['budget']:g}", "--time-limit", f"{limit:g}"]
        words += ["--wait", f"{self._running['start_seconds']:g}", "--report", f"json={report}"]
        words += ["--announce", self._running["announce"]] if self._running["announce"] else []
        # What it remembers is not for its user's next `check --failed`, nor for the page of a job.
        environment = {"XDG_CACHE_HOME": str(self._ours / "cache"), STEP_SUMMARY: ""}
        child = TaggedProcess(words, stdout=PIPE, stderr=PIPE, more_environment=environment, apart=True)
        try:
            _, errors = child.finish(limit + self._running["start_seconds"] + _ENDING_SECONDS)
        except TimeoutError:
            self.result.outcome, self.result.reason = Outcome.UNKNOWN, f"its check did not end within {limit:g} s"
            return
        finally:
            child.kill_all()
        if report.exists():
            found = json.loads(report.read_text("utf-8"))
            self.result.report = plain(found, {command: self._running["start"], f"{self._cell.folder}/site/": ""})
            self.result.reason = self.result.report["gone"] or self.result.report["interrupted"] or ""
            early = Outcome.DIED if found["gone"] else Outcome.SLOW if found["interrupted"] else None
            self.result.outcome = early or Outcome.CHECKED
            return
        self.result.reason = self._own_paths(without_prefix(errors)) or f"the check ended with {child.status}"
        gone = child.status == 2 and errors.startswith("chatproof check: ")  # noqa: PLR2004  nothing can be said
        elsewhere = Outcome.ELSEWHERE if _ELSEWHERE in errors else Outcome.NO_START
        self.result.outcome = elsewhere if gone else Outcome.UNKNOWN

    def _confined(self, port: int | None) -> list[str]:
        return launcher.words_for(
            launcher.Settings(
                folder=self._cell.folder,
                notes=str(self._notes),
                limits=self._running["limits"],
                environment=dict(self._running["environment"]),
                alone=self._cell.alone,
                own_network=self._cell.own_network,
                measured=self._cell.measured,
                user=self._cell.user,
                port=port,
                hidden=(*self._task.hidden, self._task.ours),
            )
        )

    def _left(self) -> float:
        return float(self._running["deadline"]) - (time.monotonic() - self._began)

    def _own_paths(self, text: str) -> str:
        return readable(text.replace(f"{self._cell.folder}/site/", ""))


def main(text: str) -> None:
    """Do a task and print the result as JSON."""
    signals.call_at([signals.TERMINATE], lambda _: sys.exit(1))  # what is under way ends its children then
    task = Task(**json.loads(text))
    trial = _Trial(task)
    trial.run()
    print(json.dumps(asdict(trial.result)))  # noqa: T201  its way to its parent


if __name__ == "__main__":
    main(*sys.argv[1:])
