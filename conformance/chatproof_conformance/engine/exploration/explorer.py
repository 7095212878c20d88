"""A check of a server from its first connection to its verdict: rounds, lanes, narrowing, and the time limit."""

import asyncio
import itertools
import time
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.exploration import Exploration
from chatproof_conformance.core.mend_first import mend_first
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record, run_wave
from chatproof_conformance.engine.exploration.basics import try_framing
from chatproof_conformance.engine.exploration.focus import HISTORIES, LANES, focused, is_within
from chatproof_conformance.engine.exploration.lanes import run_lanes, untested_of_cluster
from chatproof_conformance.engine.exploration.ledger import Entry
from chatproof_conformance.engine.exploration.memory import FailureMemory
from chatproof_conformance.engine.exploration.narrowing import Narrower
from chatproof_conformance.engine.exploration.opening import gather_listeners, judge_opening
from chatproof_conformance.engine.exploration.plan import Wave, drawn_round, plan_rounds
from chatproof_conformance.engine.exploration.reached import cells_of, planned_pairs
from chatproof_conformance.engine.exploration.replays import explore_histories
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.engine.exploration.wreck import Wreck
from chatproof_conformance.engine.limits import run_limited
from chatproof_conformance.space.act import lacks_end
from chatproof_conformance.space.histories import histories, races
from chatproof_conformance.space.script import dropping
from chatproof_schemas import LEAVE_SECONDS, requirements

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Sequence

    from chatproof_conformance.core.findings import Finding

_NO_LF = "with no LF between objects, what would put it to the test has no end"
_LEAVE_NOTICES = f"leave notices, for {LEAVE_SECONDS:g} s at most"
_LEAVES = ("LEAVE-1", "LEAVE-2")
_REFUSALS, _CODES = "ERROR-1", "ERROR-12"
_DRAWN_HISTORIES = 12
_NARROWED_AT_ONCE = 2
_MOST_UNJUDGED = 4
"""So many waves may be played before the first of them is judged: what it shows to fail, later ones leave out."""
_SMOKE, _SAMPLE = 2, 12
"""The first waves are a smoke; of the others one in so many is played with no LF between objects."""
_SLOW_SECONDS, _AT_ONCE_IF_SLOW = 0.08, 3
"""A server whose answers take so long hardly works meanwhile."""
_HISTORIES_DELAY = 2.0
"""Seconds after which histories begin, so that what is plainly wrong shows undisturbed."""


class Explorer:
    """One check of a server."""

    def __init__(
        self, source: ServerSource, options: Options, listener: RunListener, memory: FailureMemory | None = None
    ) -> None:
        """Start nothing yet; ``memory`` takes note of what shows each failure."""
        self._options = options
        self._listener = listener
        self._workshop = Workshop(source, options, listener, memory)
        self._narrower: Narrower | None = None
        self._failed: asyncio.Queue[tuple[Instance, Record, Sequence[Finding]]] = asyncio.Queue()
        self._unjudged: set[asyncio.Task[None]] = set()
        self._blocked: dict[str, tuple[str, str]] = {}
        self._can_go_on = True
        self._gone: str | None = None
        self._interrupted: str | None = None
        self._by_user = False

    async def explore(self) -> None:
        """Check, until all is tried or the time is over.

        Raises:
            TargetGone: if the server cannot be started, or accepts no connection.
            Exception: whatever our own machinery has failed with.
        """
        workshop, options = self._workshop, self._options
        first_failure = workshop.failed if options.fail_fast else None
        enough = workshop.until_all_broken() if options.selection else None
        try:
            self._interrupted = await run_limited(self._explore(), options.time_limit, self._end, first_failure, enough)
        finally:
            self._workshop.report_held()
            self._workshop.close()
        self._listener.done()

    def _end(self) -> None:
        self._workshop.ends = True

    def interrupted_by_user(self) -> None:
        """Know that the user has ended it."""
        self._interrupted, self._by_user = "you ended the run", True

    def result(self) -> Exploration:
        """Return what is known."""
        workshop = self._workshop
        workshop.untested.update(untested_of_cluster(workshop))
        if self._options.framing == "none" and not self._interrupted:
            lacking = [id_ for id_ in requirements() if not workshop.evidence[id_]]
            workshop.untested.update({id_: workshop.untested.get(id_, _NO_LF) for id_ in lacking})
        if workshop.evidence[_REFUSALS] and not workshop.evidence[_CODES] and not self._interrupted:
            workshop.untested.setdefault(_CODES, "none of the server's errors has a code, which is optional")
        return Exploration(
            findings=tuple(mend_first(workshop.findings, self._blocked)),
            evidence={id_: Evidence(deliveries=number) for id_, number in workshop.evidence.items()},
            total=workshop.total,
            situations=workshop.situations,
            ends_lines=workshop.ends_lines,
            blocked=self._blocked or self._explained(),
            untested=workshop.untested,
            unknown=workshop.unknown,
            gone=self._gone,
            stop_request=workshop.stop_request,
            interrupted=self._interrupted,
            by_user=self._by_user,
        )

    def _explained(self) -> dict[str, tuple[str, str]]:
        """Return what never passed, and seemed to be broken by something else: that stands in its way."""
        workshop = self._workshop
        return workshop.stand_ins() | {
            id_: (root.requirement, root.expected_there)
            for id_, root in workshop.explained.items()
            if not workshop.evidence[id_] and not workshop.is_broken(id_) and workshop.is_broken(root.requirement)
        }

    async def _explore(self) -> None:
        if not self._options.focus:
            self._workshop.judging.start()
        self._workshop.situations.plan(planned_pairs())
        bulk = await self._workshop.instance()
        # A process that starts takes time: it does so meanwhile.
        second = asyncio.create_task(self._workshop.instance())
        try:
            bulk, broken = await self._open(bulk)
        finally:
            await asyncio.wait((second,))
        if not self._can_go_on:
            self._block_all()
            return
        narrowing: list[asyncio.Task[None]] = []
        beside = [asyncio.create_task(self._until_gone(work)) for work in (self._lanes(), self._histories())]
        losing = asyncio.create_task(self._lost_leaves())
        try:
            quiet = second.result()
            quiet.takes_parts = bulk.takes_parts
            self._narrower = Narrower(self._workshop, quiet)
            for requirement in broken:
                self._narrower.failing.leave_out(requirement)
            await self._narrower.control()
            narrowing = [asyncio.create_task(self._narrow(first=place == 0)) for place in range(_NARROWED_AT_ONCE)]
            await self._until_gone(self._bulk(bulk))
            await asyncio.gather(*beside)
            await self._narrowed(narrowing)
            await self._until_gone(self._settle())
            if losing.done():
                losing.result()  # an error of our own is no verdict
        finally:
            ending = (*beside, losing, *narrowing, *self._unjudged)
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _open(self, instance: Instance, *, tries_framing: bool = True) -> tuple[Instance, list[str]]:
        """Let the listeners come to the first instance; return where they are, and in which forms no frame is handled.

        Raises:
            TargetGone: if the server accepts no connection, or cannot be started again.
        """
        workshop, broken = self._workshop, list[str]()
        if tries_framing and self._options.framing == "lf":
            instance, broken = await try_framing(workshop, instance)
            workshop.takes_parts = instance.takes_parts = "FRAME-2" not in broken
        instance = await gather_listeners(workshop, instance)
        self._can_go_on = await judge_opening(workshop, instance)
        return instance, broken

    async def _until_gone(self, work: "Awaitable[None]") -> None:
        """Do something; if the server goes and cannot be started again, know why, and leave it at that."""
        try:
            await work
        except TargetGone as gone:
            self._gone = self._gone or str(gone)

    def _block_all(self) -> None:
        """Nobody can join, or nobody survives it: nothing else can be tried than what was seen by then."""
        finding, seen = self._workshop.findings[0], self._workshop.evidence
        rows = (row for row in requirements().values() if role_of(row) is Role.SERVER and not seen[row.id])
        self._blocked = {row.id: (finding.requirement, finding.expected_there) for row in rows}

    async def _lanes(self) -> None:
        if self._options.lanes and (not self._options.focus or self._is_about(LANES)):
            await run_lanes(self._workshop)

    def _is_about(self, subjects: frozenset[str]) -> bool:
        """Whether the selection names one of these requirements, or one of these sections."""
        ids = selected_ids(self._options.selection, Role.SERVER)
        return any(id_ in subjects or id_.split("-")[0] in subjects for id_ in ids)

    async def _histories(self) -> None:
        """Play the listed histories, then drawn ones while the budget lasts."""
        if self._options.focus and not self._is_about(HISTORIES):
            return
        began, seed = time.monotonic(), self._options.seed
        if not self._options.focus:
            await asyncio.sleep(_HISTORIES_DELAY)
        with self._workshop.waited_for("histories of a few users"):
            await self._play_histories(seed, began)

    async def _play_histories(self, seed: int, began: float) -> None:
        listed = [*histories(seed), *races()]
        if self._options.framing == "none":
            listed = [one for one in listed[::_SAMPLE] if not any(lacks_end(event.act) for event in one.events)]
        if (built := self._workshop.built) is not None:
            listed = [one for one in listed if is_within(one, built)]
        if not listed:
            return
        instance = await explore_histories(self._workshop, await self._workshop.instance(), listed)
        while not self._options.focus and time.monotonic() - began < self._options.budget:
            from chatproof_conformance.space.drawn import drawn_histories  # noqa: PLC0415  Hypothesis imports slowly

            seed += 1
            instance = await explore_histories(self._workshop, instance, drawn_histories(seed, _DRAWN_HISTORIES))

    async def _bulk(self, instance: Instance) -> None:
        """Play the planned rounds, then drawn ones while the budget lasts."""
        began, wreck = time.monotonic(), Wreck(self._workshop)
        waves = list(plan_rounds(self._options.seed, shared=not self._workshop.owns_server))
        if self._options.framing == "none":  # each frame waits for the answer to the last: a sample must do
            waves = waves[:_SMOKE] + waves[_SMOKE::_SAMPLE]
        if self._options.focus:
            ids = selected_ids(self._options.selection, Role.SERVER)
            waves = list(focused(waves, ids, self._workshop.built))
        for number, scripts in enumerate(waves[:_SMOKE]):
            self._listener.progress(number, len(waves), "traffic")
            instance = await self._wave(instance, scripts, wreck)
        instance = await self._play_planned(instance, waves, wreck)
        self._listener.progress(len(waves), len(waves), "drawn traffic")
        for number in itertools.count():
            if self._options.focus or time.monotonic() - began > self._options.budget:
                break
            for scripts in drawn_round(self._options.seed + number):
                instance = await self._wave(instance, scripts, wreck)
        await self._until_judged(0)

    async def _play_planned(self, instance: Instance, waves: "list[Wave]", wreck: Wreck) -> Instance:
        """Play all waves but the smoke; on a server that takes its time, several at once, each on an instance."""
        waiting = deque(waves[_SMOKE:])

        async def play(one: Instance) -> Instance:
            while waiting:
                self._listener.progress(len(waves) - len(waiting), len(waves), "traffic")
                one = await self._wave(one, waiting.popleft(), wreck)
            return one

        is_slow = self._workshop.owns_server and instance.listening.usual > _SLOW_SECONDS
        more = [await self._workshop.instance() for _ in range(_AT_ONCE_IF_SLOW - 1)] if is_slow else []
        return (await asyncio.gather(*map(play, (instance, *more))))[0]

    async def _wave(self, instance: Instance, scripts: Wave, wreck: Wreck) -> Instance:
        """Play a wave, and once more what is left of it whenever something in it has wrecked the server."""
        known = None
        while known != wreck.known:
            known = set(wreck.known)
            instance = await self._play(instance, scripts, wreck)
        return instance

    async def _play(self, instance: Instance, scripts: Wave, wreck: Wreck) -> Instance:
        failing = self._narrower_of().failing
        known = [failing.without(wreck.without_known(script)) for script in scripts]
        if self._options.framing == "none":
            known = [dropping(script, lacks_end) for script in known]
        record = await run_wave(instance, known)
        if not await self._workshop.has_survived(instance, record):
            return await wreck.find(instance, record)
        for script in known:
            self._workshop.situations.reached.update(cells_of(script))
        await self._until_judged(_MOST_UNJUDGED)
        self._unjudged.add(asyncio.create_task(self._take(instance, record)))
        return instance

    async def _until_judged(self, most: int) -> None:
        """Wait until so many waves at most are not judged."""
        while len(self._unjudged) > most:
            done, _ = await asyncio.wait(self._unjudged, return_when=asyncio.FIRST_COMPLETED)
            self._unjudged -= done  # others are added meanwhile
            for task in done:
                task.result()

    async def _take(self, instance: Instance, record: Record) -> None:
        found = (await self._workshop.judge(instance, record, counts=True)).findings
        if (built := self._workshop.built) is not None:
            found = tuple(finding for finding in found if finding.requirement in built)
        if found or record.stirred:
            self._failed.put_nowait((instance, record, found))

    async def _narrow(self, *, first: bool) -> None:
        """Narrow what has failed; whoever is not the first begins when there is more than one can do."""
        narrower = self._narrower_of() if first else None
        while True:
            instance, record, findings = await self._failed.get()
            try:
                narrower = narrower or self._narrower_of().beside(await self._workshop.instance())
                await narrower.narrow(instance, record, findings)
            except TargetGone as gone:
                self._gone = self._gone or str(gone)
            self._failed.task_done()

    async def _narrowed(self, narrowing: "list[asyncio.Task[None]]") -> None:
        """Wait until all that failed is narrowed."""
        joining = asyncio.create_task(self._failed.join())
        await asyncio.wait((joining, *narrowing), return_when=asyncio.FIRST_COMPLETED)
        for task in narrowing:
            if task.done():  # by an error of our own
                joining.cancel()
                task.result()

    async def _lost_leaves(self) -> None:
        """Report that no leave is told as soon as that is certain: from then on nothing waits for one any more."""
        entry = await self._workshop.ledger.overdue()
        self._workshop.ledger.note_waited(entry)
        judgement = await self._workshop.judge_again(entry.instance, entry.record)
        entry.note(judgement)
        self._report_lost(entry, judgement.findings)

    async def _settle(self) -> None:
        """Wait for the leaves that are still to be told, and judge again what came late."""
        if not self._workshop.loses_leaves():
            with self._workshop.waited_for(_LEAVE_NOTICES):
                await self._workshop.ledger.settle()
        for entry in self._workshop.ledger.changed():
            judgement = await self._workshop.judge_again(entry.instance, entry.record)
            late = {id_: number for id_, number in judgement.evidence.items() if id_.startswith("LEAVE-")}
            self._workshop.evidence.update(late)
            new = [one for one in judgement.findings if (one.requirement, one.cause) not in entry.known]
            if new:
                await self._narrower_of().narrow(entry.instance, entry.record, new)
                # Nothing shorter may have shown it.
                self._report_lost(entry, [replace(one, failures=1, attempts=2) for one in new])

    def _report_lost(self, entry: Entry, findings: "Iterable[Finding]") -> None:
        """Report the first leave that nobody was told of, with the traffic of its wave: to try it again takes 10 s."""
        for finding in findings:
            if finding.requirement in _LEAVES and not finding.frames and not self._workshop.loses_leaves():
                self._workshop.report(self._workshop.shown(entry.instance, entry.record, finding, "somebody leaves"))

    def _narrower_of(self) -> Narrower:
        assert self._narrower is not None  # noqa: S101  there is one when waves have run
        return self._narrower
