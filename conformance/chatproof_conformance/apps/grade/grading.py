"""Grades submissions side by side, each in a process of its own, and goes on where an earlier run has ended."""

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from pathlib import Path
from threading import Lock
from typing import Any

from chatproof_common.command_line.program import module_words
from chatproof_common.system.process_tree import TaggedProcess
from chatproof_common.system.processes import PIPE, described_status
from chatproof_conformance.apps.grade.one_submission import Task
from chatproof_conformance.apps.grade.outcome import Graded, Outcome, load
from chatproof_conformance.apps.grade.scheme import Running, Scheme
from chatproof_conformance.apps.grade.submissions import Submission, digest
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import selected_ids

_OVERHEAD_SECONDS = 60.0
"""Beside the deadline: to copy, to start, to write a report, on a machine that is busy."""
_SEEDS = 1_000_000
_MODULE = "chatproof_conformance.apps.grade.one_submission"


@dataclass(kw_only=True, slots=True)
class Grading:
    """One run over a class.

    Attributes:
        scheme: by which it is graded.
        results: the folder in which what is known of each submission is kept; it must exist.
        hidden: folders and files that no program of a submission must see.
        jobs: how many are graded at once.
    """

    scheme: Scheme
    results: Path
    hidden: Sequence[Path]
    jobs: int
    _lock: Lock = field(default_factory=Lock, init=False)
    _children: set[TaggedProcess] = field(default_factory=set, init=False)
    _called_off: bool = field(default=False, init=False)

    def known(self, submissions: Sequence[Submission]) -> dict[str, Graded]:
        """Return what still holds of an earlier run, by the slug of the submission.

        Raises:
            CommandError: if a submission cannot be read.
        """
        found = {}
        for one in submissions:
            kept = load(self._file(one))
            if kept is not None and kept.outcome is not Outcome.UNKNOWN and kept.key == self._key(one):
                found[one.slug] = kept
        return found

    def grade(self, submissions: Sequence[Submission], ended: Callable[[Graded], None]) -> list[Graded]:
        """Grade each, call ``ended`` after each, and return them in this order.

        Whatever ends it early, an interrupt too, leaves no process behind; what is graded by then is kept.

        Raises:
            OSError: if a result cannot be written.
            CommandError: if a submission cannot be read.
        """
        with ThreadPoolExecutor(self.jobs) as pool:
            try:
                futures = [pool.submit(self._grade, one) for one in submissions]
                for future in as_completed(futures):
                    ended(future.result())
            except BaseException:
                self._call_off()
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        return [future.result() for future in futures]

    def seed_of(self, submission: Submission) -> int:
        """Return the seed of a submission's input: of its name and of the scheme's seed, or that itself."""
        running = self.scheme.running
        if running.same_seed:
            return running.seed % _SEEDS
        return int(hashlib.sha256(f"{running.seed}/{submission.slug}".encode()).hexdigest(), 16) % _SEEDS

    def _grade(self, submission: Submission) -> Graded:
        key, began = self._key(submission), time.monotonic()
        with _folders() as (ours, folder):
            result = self._run(submission, ours, folder)
        graded = Graded(
            name=submission.name,
            slug=submission.slug,
            key=key,
            outcome=Outcome(result.pop("outcome")),
            seed=self.seed_of(submission),
            seconds=round(time.monotonic() - began, 3),
            notes=tuple(result.pop("notes", ())),
            means=tuple(result.pop("means", ())),
            **result,
        )
        if not self._called_off:
            graded.save(self._file(submission))
        return graded

    def _run(self, submission: Submission, ours: str, folder: str) -> dict[str, Any]:
        running = self.scheme.running
        task = Task(
            source=str(submission.folder.resolve()),
            ours=ours,
            folder=folder,
            hidden=tuple(str(one) for one in self.hidden),
            ids=() if list(running.ids) == selected_ids((), Role.SERVER) else running.ids,
            seed=self.seed_of(submission),
            running=_members(running),
        )
        with self._lock:
            if self._called_off:
                return {"outcome": Outcome.UNKNOWN, "reason": "called off"}
            words = [*module_words(_MODULE), json.dumps(asdict(task))]
            child = TaggedProcess(words, stdout=PIPE, stderr=PIPE, apart=True)
            self._children.add(child)
        try:
            out, errors = child.finish(running.deadline + running.start_seconds + _OVERHEAD_SECONDS)
        except TimeoutError:
            return {"outcome": Outcome.UNKNOWN, "reason": "its grading did not end in time"}
        finally:
            child.kill_all()
            with self._lock:
                self._children.discard(child)
        return _read(out, errors, child.status)

    def _call_off(self) -> None:
        with self._lock:
            self._called_off = True
            for child in self._children:
                child.kill_all()

    def _key(self, submission: Submission) -> str:
        """Return what is the same if grading it again could say nothing new."""
        parts = [_members(self.scheme.running), submission.slug, digest(submission.folder), version("chatproof")]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _file(self, submission: Submission) -> Path:
        return self.results / f"{submission.slug}.json"


def _members(running: Running) -> dict[str, Any]:
    return {**asdict(running), "limits": running.limits._asdict()}


def _read(out: str, errors: str, status: int | None) -> dict[str, Any]:
    try:
        result: dict[str, Any] = json.loads(out)
    except ValueError:
        last = (errors.strip().splitlines() or ["it said nothing"])[-1]
        return {"outcome": Outcome.UNKNOWN, "reason": f"its grader ended with {described_status(status or 0)}: {last}"}
    return result


@contextlib.contextmanager
def _folders() -> Iterator[tuple[str, str]]:
    """Make a folder for us and one for the programs of a submission; remove both, whatever is in them."""
    ours, folder = (tempfile.mkdtemp(prefix=f"chatproof-{name}-") for name in ("result", "grade"))
    try:
        yield ours, folder
    finally:
        for one in (ours, folder):
            _remove(one)


def _remove(folder: str) -> None:
    def allow(_function: object, path: str, _error: object) -> None:
        """Remove what its owner may not: a program may have taken the permissions of a folder away."""
        with contextlib.suppress(OSError):
            os.chmod(os.path.dirname(path), 0o700)  # noqa: PTH101, PTH120  shutil gives texts
            os.chmod(path, 0o700)  # noqa: PTH101  the same
            if os.path.isdir(path) and not os.path.islink(path):  # noqa: PTH112, PTH114  the same
                shutil.rmtree(path, ignore_errors=True)
            else:
                os.unlink(path)  # noqa: PTH108  the same

    shutil.rmtree(folder, onerror=allow)  # onexc came with Python 3.12
