"""The steps of watching a server: what failed last time, the section at work, everything."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from chatproof_common.terminal import Terminal
from chatproof_conformance.apps.watch.score import Change, Score
from chatproof_conformance.apps.watch.screen import Screen
from chatproof_conformance.core.exploration import Exploration, run_result
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.verdicts import RunResult, Verdict
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.explorer import Explorer
from chatproof_conformance.engine.exploration.memory import FailureMemory
from chatproof_conformance.engine.exploration.rehearsal import Rehearsal
from chatproof_conformance.reporting.finding_block import print_finding, print_proof, verdict_of
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_conformance.reporting.summary import RunRequest, Summary
from chatproof_conformance.reporting.wording import counted_verdicts
from chatproof_schemas import requirements

_SECTION_SECONDS = 15.0
"""After which the section at work has had its turn: much takes long while much is broken."""
_WAIT_SECONDS = 10.0
"""For a server that somebody else starts again."""


class ServerSteps(RunListener):
    """Checks a server in steps, and prints what it sees as better or worse than before."""

    role = Role.SERVER

    def __init__(
        self, source: ServerSource, options: Options, policy: VerdictPolicy, screen: Screen, score: Score
    ) -> None:
        """Start nothing yet."""
        self._given = self._source = source
        self._options = options
        self._policy = policy
        self._screen = screen
        self._score = score
        self._memory = FailureMemory()
        self._asked = {*selected_ids(options.selection, Role.SERVER)}
        self._told: set[str] = set()
        self._in_full: set[str] = set()
        self._done = False

    async def begin(self) -> None:
        """Begin with a new version of the server.

        Raises:
            TargetGone: if it runs elsewhere, and is not there.
        """
        self._told, self._in_full, self._done = set(), set(), False
        wait = self._options.wait if self._given.wait is not None else _WAIT_SECONDS
        self._source = await asyncio.to_thread(self._given.reach, wait if self._given.address else self._given.wait)

    async def again(self, ids: Sequence[str]) -> bool:
        """Send again what failed; return whether something is broken.

        Raises:
            TargetGone: if the server does not start.
        """
        known = [id_ for id_ in ids if self._memory.holds(id_)]
        if not known:
            return await self.section(ids)
        await Rehearsal(self._source, self._options, self, self._memory, known).explore()
        return any(id_ in self._score.order for id_ in known)

    async def section(self, ids: Sequence[str]) -> bool:
        """Put some requirements to the test; return whether something is broken.

        Raises:
            TargetGone: if the server does not start.
        """
        limit = min(self._options.time_limit, _SECTION_SECONDS)
        options = replace(self._options, selection=tuple(ids), focus=True, time_limit=limit)
        found = run_result(await self._explored(options), ids)
        self._learn(found)
        return any(result.findings for result in found.judged)

    async def whole(self) -> int:
        """Check everything that is selected; return the exit code.

        Raises:
            TargetGone: if the server does not start.
        """
        request = RunRequest(described=self._source.described, target_words=self._source.words, options=self._options)
        run = Run(self._conclude, request)
        found = run_result(await self._explored(self._options), sorted(self._asked))
        return run.conclude(found, self._policy)

    async def _explored(self, options: Options) -> Exploration:
        explorer = Explorer(self._source, options, self, self._memory)
        await explorer.explore()
        return explorer.result()

    # Listener

    def finding(self, finding: Finding) -> None:
        """Print a finding: one line if it is known already, in full if it is the first."""
        id_ = finding.requirement
        if id_ in self._told or id_ not in self._asked:
            return
        self._told.add(id_)
        change = self._score.learn(id_, verdict_of(finding))
        self._screen.verdict(change, id_, f"expected {finding.expected_there}; got {finding.actual}")
        if not self._in_full or change is Change.WORSE:
            self._show(finding)

    def mended(self, requirement: str) -> None:
        """Print that what failed passes."""
        if self._score.learn(requirement, Verdict.PASS) is Change.BETTER:
            self._screen.better(requirement)

    def progress(self, done: int, planned: int, what: str) -> None:
        """Show how far the run is."""
        self._done = done >= planned
        self._screen.wait_for(f"{what}: {done} of {planned} waves")

    def waiting(self, subjects: Sequence[str]) -> None:
        """Show what is waited for, once all planned acts are done."""
        if self._done and subjects:
            self._screen.wait_for(f"waiting for {', '.join(subjects)}")

    def _show(self, finding: Finding) -> None:
        self._in_full.add(finding.requirement)
        request = RunRequest(described=self._source.described, target_words=self._source.words, options=self._options)

        def show(out: Terminal) -> None:
            print_finding(out, finding, verdict_of(finding))
            print_proof(out, finding, request)

        self._screen.block(show)

    def _learn(self, found: RunResult) -> None:
        for result in found.judged:
            for finding in result.findings[:1]:
                self.finding(finding)
            if result.verdict is Verdict.PASS and self._score.learn(result.requirement.id, Verdict.PASS):
                self._screen.better(result.requirement.id)

    def _conclude(self, summary: Summary) -> None:
        self._learn(summary.result)
        first = [one for one in summary.result.mend_first if not summary.is_known(one)]
        self._score.put_in_order([one.requirement for one in first])
        if first and first[0].requirement not in self._in_full:
            self._show(first[0])
        counted = ", ".join(counted_verdicts(summary.counts()))
        lines = [f"{summary.headline} {counted} of {len(summary.result.judged)} requirements, {summary.seconds:.1f} s"]
        if summary.progress:
            lines.append(summary.progress.sentence)
        if first:
            lines.append(f"Mend first: {first[0].requirement} {requirements()[first[0].requirement].sentence}")
        if summary.result.ended_early:
            lines.append(f"The run ended early: {summary.result.ended_early}")
        self._screen.result(summary.exit_code, lines)
