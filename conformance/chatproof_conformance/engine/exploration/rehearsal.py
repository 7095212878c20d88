"""What failed last time, sent again before anything else: whoever has changed a line wants to know that first."""

import asyncio
from collections.abc import Iterable, Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.mend_first import mend_first
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.stage import play_histories
from chatproof_conformance.endpoints.waves.wave import Record, run_wave
from chatproof_conformance.engine.exploration.explorer import Explorer
from chatproof_conformance.engine.exploration.lanes import run_lane, shows
from chatproof_conformance.engine.exploration.memory import FailureMemory, Place
from chatproof_conformance.engine.exploration.suspects import situation_of

_BASICS = frozenset(("FRAME-2", "FRAME-3", "FRAME-6"))
_PATIENCE = 2.3
"""By how much longer it waits than a wave: what is missing then is missing."""


class Rehearsal(Explorer):
    """A check of what failed last time, and of nothing else."""

    def __init__(
        self, source: ServerSource, options: Options, listener: RunListener, memory: FailureMemory, ids: Sequence[str]
    ) -> None:
        """Start nothing yet; ``ids`` are the requirements that failed, in the order in which they are tried."""
        super().__init__(source, options, listener, memory)
        self._memory = memory
        self._ids = ids

    async def _explore(self) -> None:
        workshop = self._workshop
        about_basics = bool(_BASICS & {*self._ids} - self._memory.scripts.keys())
        instance, _ = await self._open(await workshop.instance(), tries_framing=about_basics)
        if not self._can_go_on:
            self._block_all()
            return
        lanes = asyncio.create_task(self._lanes_again())
        try:
            for id_ in self._ids:
                instance = await self._again(instance, id_)
            await lanes
        finally:
            lanes.cancel()
            await asyncio.gather(lanes, return_exceptions=True)

    async def _again(self, instance: Instance, id_: str) -> Instance:
        """Send again what broke a requirement on an instance; return the instance that is left."""
        memory, workshop = self._memory, self._workshop
        if workshop.is_broken(id_):
            return instance
        if scripts := memory.scripts.get(id_):
            record = await run_wave(instance, scripts, patience=_PATIENCE, paced=True)
            situation = situation_of(scripts[0])
        elif history := memory.histories.get(id_):
            record = await play_histories(instance, [history], patience=_PATIENCE)
            situation = history.label
        else:
            if id_ in _ALWAYS or id_ in _BASICS:
                self._mended([id_])
            return instance
        await self._report(instance, record, id_, situation)
        if not await workshop.has_survived(instance, record):
            instance = await workshop.restart(instance)
        return instance

    async def _report(self, instance: Instance, record: Record, id_: str, situation: str) -> None:
        found = (await self._workshop.judge(instance, record, counts=True)).findings
        own = [finding for finding in found if finding.requirement == id_]
        for finding in own[:1] or _first(found):
            self._workshop.report(self._workshop.shown(instance, record, finding, situation))
        if not found:
            self._mended([id_])

    async def _lanes_again(self) -> None:
        """Run the lanes that broke something, and for what nobody knows a frame of, those that may."""
        unknown = [id_ for id_ in self._ids if not self._memory.holds(id_) and id_ not in _ALWAYS | _BASICS]
        lanes = {
            id_: place for id_, place in self._memory.lanes.items() if id_ in self._ids and not self._has_traffic(id_)
        }
        places = {*lanes.values()}
        places |= {place for id_ in unknown for place in shows(id_)}
        await asyncio.gather(*(self._lane(place) for place in sorted(places)))
        self._workshop.report_held()
        tried = [id_ for id_ in self._ids if id_ in lanes or id_ in unknown]
        self._mended(id_ for id_ in tried if not self._workshop.is_broken(id_))

    def _has_traffic(self, id_: str) -> bool:
        return id_ in self._memory.scripts or id_ in self._memory.histories

    async def _lane(self, place: Place) -> None:
        await self._until_gone(run_lane(self._workshop, place))

    def _mended(self, ids: Iterable[str]) -> None:
        for id_ in ids:
            if not self._workshop.is_broken(id_) and self._gone is None:
                self._workshop.evidence[id_] += 1
                self._listener.mended(id_)


_ALWAYS = frozenset(("JOIN-1",))
"""What is seen to be broken whenever anything is tried."""


def _first(findings: Sequence[Finding]) -> Sequence[Finding]:
    return mend_first(findings, {})[:1]
