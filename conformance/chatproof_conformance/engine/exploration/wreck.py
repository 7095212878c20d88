"""A server that dies or answers nobody any more: which act wrecks it, found on fresh instances, several at a time."""

import asyncio
import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.target import DYING_SECONDS
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record, run_wave
from chatproof_conformance.engine.exploration.suspects import situation_of
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.extremes import is_extreme
from chatproof_conformance.judges.server.client_frames import Verb, read_client_frame
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import End, Script, dropping
from chatproof_schemas.transcript import Event, Kind

_MOST_ROUNDS = 10
_AT_ONCE = 4
"""So many suspects, or parts, are tried at the same time."""
_RESET, _TALK = "LEAVE-2", "PUBLIC-1"
_Item = TypeVar("_Item")
_SAMPLE = Room("token", "own", ("present", "other", "third"))


class Wreck:
    """What has wrecked the server so far.

    Attributes:
        known: the kinds of acts, and of ends, that do, by the requirement that is broken; no later wave has them.
    """

    def __init__(self, workshop: Workshop) -> None:
        """Know of none."""
        self.known: set[str] = set()
        self._workshop = workshop

    def without_known(self, script: Script) -> Script:
        """Return a script without what wrecks the server."""
        if _RESET in self.known and script.end is End.RESET:
            script = replace(script, end=End.FIN)
        return dropping(script, lambda act: kind_of(act) in self.known) if self.known else script

    async def find(self, instance: Instance, record: Record) -> Instance:
        """Find what wrecked an instance and report it; return a fresh instance.

        Raises:
            TargetGone: if none can be started, or whoever leaves wrecks it.
        """
        wrecked = _Wrecked(_suspects(record), record, instance, self._words(instance))
        parts: Sequence[Sequence[Script]] = [[script] for script in wrecked.scripts[:_AT_ONCE]]
        try:
            for _ in range(_MOST_ROUNDS):
                smaller = await self._first_wrecked(parts, wrecked.instance)
                if smaller is None and parts == _parts(wrecked.scripts):
                    break
                wrecked = smaller or wrecked
                parts = _parts(wrecked.scripts)
            wrecked = await self._first_wrecked(_ends_alone(wrecked.scripts), wrecked.instance) or wrecked
        finally:  # even if it cannot be started again
            self._report(wrecked)
        if _ends_it(wrecked.scripts, End.FIN):
            raise TargetGone(f"{wrecked.words} when a client has left")
        if _ends_it(wrecked.scripts, End.RESET):
            self.known.add(_RESET)
        return await self._workshop.restart(wrecked.instance)

    async def _first_wrecked(self, parts: Sequence[Sequence[Script]], before: Instance) -> "_Wrecked | None":
        """Play each part on a fresh instance; return the first that wrecks it, None if none does.

        Instances of our own come side by side; those that are not needed any more go, and with a wreck the one before.
        """
        at_once = _AT_ONCE if self._workshop.owns_server else 1
        for first in range(0, len(parts), at_once):
            trials = await asyncio.gather(*(self._try(part) for part in parts[first : first + at_once]))
            wrecked = [trial for trial in trials if trial is not None]
            if wrecked:
                for instance in (before, *(trial.instance for trial in wrecked[1:])):
                    await self._workshop.discard(instance)
                return wrecked[0]
        return None

    async def _try(self, part: Sequence[Script]) -> "_Wrecked | None":
        instance = await self._workshop.instance()
        record = await run_wave(instance, part)
        if await self._workshop.has_survived(instance, record):
            await self._workshop.discard(instance)
            return None
        return _Wrecked(part, record, instance, self._words(instance))

    def _words(self, instance: Instance) -> str:
        return self._workshop.target(instance).how_ended(DYING_SECONDS) or "it answers nobody any more"

    def _report(self, wrecked: "_Wrecked") -> None:
        scripts, record = wrecked.scripts, wrecked.record
        guilty = next((script for script in scripts if script.acts), scripts[0] if scripts else None)
        if guilty is not None and guilty.acts:
            self.known.add(kind_of(guilty.acts[0]))
        sent = [
            at for at, event in enumerate(record.events) if event.kind is Kind.CLIENT_DATA and _is_by(event, record)
        ]
        at = sent[-1] if sent else len(record.events) - 1
        label = record.events[at].connection if sent else None
        expected = "that the server goes on serving everyone"
        finding = Finding(_requirement(scripts), expected, wrecked.words, connection=label, event=at)
        situation = situation_of(guilty) if guilty else ""
        if len(scripts) > 1:  # it cannot be started again, or only together do they wreck it
            situation = f"{len(scripts)} clients at once"
        shown = self._workshop.shown(wrecked.instance, record, finding, situation)
        # What it said last may be older than what it was still sent, and comes before all else if it has ended.
        target = self._workshop.target(wrecked.instance)
        has_ended = target.how_ended() is not None
        last_words = target.last_words() if has_ended or not shown.last_words else shown.last_words
        self._workshop.report(replace(shown, last_words=last_words))


@dataclass(frozen=True, slots=True)
class _Wrecked:
    """What wrecks the server.

    Attributes:
        scripts: what was played.
        record: what was recorded of it.
        instance: where.
        words: how the server ended, or what it does not do any more.
    """

    scripts: Sequence[Script]
    record: Record
    instance: Instance
    words: str


def _suspects(record: Record) -> Sequence[Script]:
    """Return a wave's scripts, first those of who spoke last before the server ended or fell silent."""
    casts, spoke, last = record.casts, dict.fromkeys(record.casts, -1), dict.fromkeys(record.casts, -1)
    for at, event in enumerate(record.events):
        if event.kind is Kind.CLIENT_DATA and event.connection in casts:
            last[event.connection] = at
        elif event.kind is Kind.SERVER_DATA:
            spoke = dict(last)
    return [casts[label].script for label in sorted(casts, key=lambda label: -spoke[label])]


def _ends_alone(scripts: Sequence[Script]) -> list[Sequence[Script]]:
    """Return, for the only script that is left, plain ones that end in order and as it does: it may be that alone."""
    ends = dict.fromkeys((End.FIN, scripts[0].end)) if len(scripts) == 1 else ()
    return [[Script(careful=True, end=end)] for end in ends]


def _ends_it(scripts: Sequence[Script], end: End) -> bool:
    """Whether it is an end alone that wrecks the server."""
    return len(scripts) == 1 and not scripts[0].acts and scripts[0].end is end


def _is_by(event: Event, record: Record) -> bool:
    """Whether a script did it, and none of the listeners."""
    return event.connection in record.casts


def _requirement(scripts: Sequence[Script]) -> str:
    """Return what a server breaks that does not survive scripts: by their acts, else by their ends or their joins.

    If it takes acts of several kinds, it may be none of them: then it just does not serve everyone.
    """
    if not scripts:
        return "JOIN-1"
    kinds = {kind_of(act) for script in scripts for act in script.acts}
    if kinds:
        special = kinds - {_TALK}
        return special.pop() if len(special) == 1 else _TALK
    return _RESET if scripts[0].end is End.RESET else "LEAVE-1"


@functools.cache
def kind_of(act: Act) -> str:
    """Return the requirement that is broken by a server that does not survive an act."""
    frame = act.write(_SAMPLE)
    reading = read_client_frame(frame)
    if not reading.messages:
        is_deep = reading.requirement == "ERROR-1" and is_extreme(frame)
        return "ERROR-10" if is_deep else reading.requirement or "FRAME-7"
    asked = reading.messages[0]
    if asked.verb is Verb.PRIVATE:
        return "PRIVATE-1" if asked.name in (_SAMPLE.own, *_SAMPLE.present) else "CONFIRM-2"
    return reading.features[0] if reading.features else "JOIN-10" if asked.verb is Verb.JOIN else _TALK


def _parts(scripts: Sequence[Script]) -> list[Sequence[Script]]:
    """Return some scripts, or the acts of the only one, in a few parts; none if there is nothing to part."""
    if len(scripts) > 1:
        return _shares(scripts)
    acts = scripts[0].acts if scripts else ()
    return [[replace(scripts[0], acts=tuple(share))] for share in _shares(acts)] if len(acts) > 1 else []


def _shares(some: "Sequence[_Item]") -> "list[Sequence[_Item]]":
    size = -(-len(some) // _AT_ONCE)
    return [some[first : first + size] for first in range(0, len(some), size)]
