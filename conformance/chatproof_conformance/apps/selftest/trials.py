"""Tries the harness on many implementations at once, each in a child process, and judges what it found."""

import contextlib
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from chatproof_common.command_line.program import module_words
from chatproof_common.system.processes import PIPE, Process
from chatproof_common.system.removing import remove
from chatproof_common.system.shell_words import join_words
from chatproof_common.system.waiting import each_completed
from chatproof_conformance.apps.selftest.implementations import Implementation
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.mend_first import mend_first
from chatproof_conformance.reporting.likely_causes import likely_cause
from chatproof_schemas import Level, requirements

_MOST_SECONDS = 600.0
"""No check takes nearly so long; a child that does is ended, and counted as a failure of the harness."""
_ENDING_SECONDS = 15.0
_CALLED_OFF_SECONDS = 0.5
"""How long the children have to end when the user has ended it all; one that is killed leaves nothing running."""
_REMOVE_SECONDS, _ROUNDS, _ROUND_SECONDS = 2.0, 20, 0.05


@dataclass(frozen=True, slots=True)
class Trial:
    """What the harness found in one implementation.

    Attributes:
        implementation: which one.
        findings: what it found.
        unknown: the ids that were blocked or inconclusive, each with the reason.
        seconds: how long the whole check took.
        first: after how many seconds the first finding was known; None if there was none.
        error: why it could not be checked to the end; None if it could.
        saved: the folder with the recordings of false alarms; None if none were kept.
    """

    implementation: Implementation
    findings: tuple[Finding, ...] = ()
    unknown: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    first: float | None = None
    error: str | None = None
    saved: Path | None = None

    @property
    def found(self) -> frozenset[str]:
        """Every id under which something was found."""
        return frozenset(finding.requirement for finding in self.findings)

    @property
    def right(self) -> frozenset[str]:
        """The ids found that the implementation does break."""
        return self.found & (self.implementation.breaks | self.implementation.warnings)

    @property
    def others(self) -> frozenset[str]:
        """The ids found that the catalogue does not list for it."""
        return self.found - self.right

    @property
    def likely(self) -> str:
        """The likely cause, by name, of the finding under a right id that is to be mended first; empty if none."""
        right = [finding for finding in self.findings if finding.requirement in self.right]
        cause = next(map(likely_cause, mend_first(right, {})), None)
        return cause.name if cause else ""

    @property
    def problems(self) -> list[str]:
        """Why the harness failed this trial, as clauses; empty if it did well."""
        return _faulty_problems(self) if self.implementation.faulty else _conforming_problems(self)


def _faulty_problems(trial: Trial) -> list[str]:
    if trial.right:
        return []
    if trial.error:
        return [f"the check ended early: {trial.error}"]
    return [f"found only under {listed(trial.others)}" if trial.others else "not found"]


def _conforming_problems(trial: Trial) -> list[str]:
    problems = [f"the check ended early: {trial.error}"] if trial.error else []
    problems += [
        f"{_alarm_word(finding)} of {finding.requirement}: "
        f"{finding.seen_by}: expected {finding.expected_there}; got {finding.actual}"
        for finding in trial.findings
        if finding.requirement in trial.others
    ]
    problems += [f"nothing known of {id_}: {reason}" for id_, reason in trial.unknown.items()]
    problems += [f"{id_} is broken and not found" for id_ in sorted(trial.implementation.warnings - trial.found)]
    return problems


def _alarm_word(finding: Finding) -> str:
    return "false alarm" if requirements()[finding.requirement].level is Level.MUST else "false warning"


def in_order(ids: frozenset[str]) -> list[str]:
    """Return ids in the order of SPEC.md."""
    return [id_ for id_ in requirements() if id_ in ids]


def listed(ids: frozenset[str]) -> str:
    """Return ids for a sentence."""
    return ", ".join(in_order(ids))


@dataclass(kw_only=True, slots=True)
class Trials:
    """Runs trials in child processes.

    Attributes:
        seed: repeats the generated input.
        budget: about how many seconds drawn input may take on each implementation.
        jobs: how many run at once.
        generated: whether generated input is all that they meet: no lane.
        save: the folder for the recordings of false alarms, in a folder for each implementation; None: none are kept.
    """

    seed: int
    budget: float
    jobs: int
    generated: bool = False
    save: Path | None = None
    _lock: Lock = field(default_factory=Lock, init=False)
    _children: set[Process] = field(default_factory=set, init=False)
    _called_off: bool = field(default=False, init=False)
    _scratch: str = field(default="", init=False)

    def run(self, implementations: Sequence[Implementation], ended: Callable[[Trial], None]) -> list[Trial]:
        """Try each of them, call ``ended`` after each, and return the trials in the order of the implementations.

        Whatever ends it early, an interrupt too, leaves no process and no file behind.
        """
        with _scratch_folder() as self._scratch, ThreadPoolExecutor(self.jobs) as pool:
            try:
                futures = [pool.submit(self._try, implementation) for implementation in implementations]
                for future in each_completed(futures):
                    ended(future.result())
            except BaseException:
                self._call_off()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return [future.result() for future in futures]

    def _try(self, implementation: Implementation) -> Trial:
        if implementation.faulty or self.save is None:
            return self._check(implementation)
        return self._check_and_save(implementation, self.save)

    def _check_and_save(self, implementation: Implementation, save: Path) -> Trial:
        with tempfile.TemporaryDirectory() as recordings:
            trial = self._check(implementation, recordings)
            if not trial.problems or not any(Path(recordings).iterdir()):
                return trial  # what it found are warnings that the implementation earns
            kept = shutil.copytree(recordings, save / implementation.name, dirs_exist_ok=True)
        return replace(trial, saved=kept)

    def _check(self, implementation: Implementation, folder: str = "") -> Trial:
        words = [*module_words(f"{__package__}.one_trial"), implementation.of, str(self.seed), str(self.budget)]
        words += ["generated" if self.generated else "whole", folder, join_words(implementation.command)]
        with self._lock:
            if self._called_off:
                return Trial(implementation, error="called off")
            child = Process(words, stdout=PIPE, stderr=PIPE, more_environment={"TMPDIR": self._scratch})
            self._children.add(child)
        try:
            out, errors = child.finish(_MOST_SECONDS)
        except TimeoutError:
            return Trial(implementation, seconds=_MOST_SECONDS, error=f"no result within {_MOST_SECONDS:.0f} s")
        finally:
            child.stop(_ENDING_SECONDS)  # asked to, it ends what it has started
            with self._lock:
                self._children.discard(child)
        trial = _read(implementation, out, errors, child.status)
        return replace(trial, unknown={}) if self.generated else trial

    def _call_off(self) -> None:
        with self._lock:
            self._called_off = True
            children = tuple(self._children)
        for child in children:
            child.ask_to_stop()
        give_up = time.monotonic() + _CALLED_OFF_SECONDS
        for child in children:
            if child.wait(give_up - time.monotonic()) is None:
                child.kill()


@contextlib.contextmanager
def _scratch_folder() -> Iterator[str]:
    """Give a folder for the temporary files of all trials: who is killed cannot remove its own."""
    folder = Path(tempfile.mkdtemp(prefix="chatproof-"))
    try:
        yield str(folder)
    finally:
        for _ in range(_ROUNDS):
            if remove(folder, _REMOVE_SECONDS) is None:
                break
            time.sleep(_ROUND_SECONDS)  # what a killed child has started ends a moment later


def _read(implementation: Implementation, out: str, errors: str, status: int | None) -> Trial:
    try:
        row = json.loads(out)
    except ValueError:
        last = (errors.strip().splitlines() or ["no reason given"])[-1]
        return Trial(implementation, error=f"the harness failed with exit status {status}: {last}")
    return Trial(
        implementation,
        findings=tuple(Finding(**members) for members in row.get("findings", ())),
        unknown=row.get("unknown", {}),
        seconds=row["seconds"],
        first=row.get("first"),
        error=row["error"],
    )
