"""A server that dies or answers nobody any more: which act wrecks it, found by halves on fresh instances."""

import functools
from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record, run_wave
from chatproof_conformance.engine.exploration.suspects import situation_of
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.client_frames import Verb, read_client_frame
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import End, Script, dropping
from chatproof_schemas.transcript import Event, Kind

_MOST_TRIALS = 14
_SAMPLE = Room("token", "own", ("present", "other", "third"))


class Wreck:
    """What has wrecked the server so far.

    Attributes:
        known: the kinds of acts that do, by the requirement that is broken; no later wave has them.
    """

    def __init__(self, workshop: Workshop) -> None:
        """Know of none."""
        self.known: set[str] = set()
        self._workshop = workshop

    def without_known(self, script: Script) -> Script:
        """Return a script without the acts that wreck the server."""
        return dropping(script, lambda act: kind_of(act) in self.known) if self.known else script

    async def find(self, instance: Instance, record: Record) -> Instance:
        """Find what wrecked an instance and report it; return a fresh instance.

        Raises:
            TargetGone: if none can be started.
        """
        scripts: Sequence[Script] = [cast.script for cast in record.casts.values()]
        words = self._words(instance)
        last = record, instance
        try:
            for _ in range(_MOST_TRIALS):
                smaller = None
                for part in _halves(scripts):
                    instance = await self._workshop.restart(instance)
                    trial = await run_wave(instance, part)
                    if not await self._workshop.has_survived(instance, trial):
                        smaller, words, last = part, self._words(instance), (trial, instance)
                        break
                if smaller is None:
                    break
                scripts = smaller
        finally:  # even if it cannot be started again
            self._report(scripts, words, *last)
        return await self._workshop.restart(instance)

    def _words(self, instance: Instance) -> str:
        return self._workshop.target(instance).exit_reason(0.1) or "it answers nobody any more"

    def _report(self, scripts: Sequence[Script], words: str, record: Record, instance: Instance) -> None:
        guilty = next((script for script in scripts if script.acts), scripts[0] if scripts else None)
        if guilty is not None and guilty.acts:
            self.known.add(kind_of(guilty.acts[0]))
        sent = [
            at for at, event in enumerate(record.events) if event.kind is Kind.CLIENT_DATA and _is_by(event, record)
        ]
        at = sent[-1] if sent else len(record.events) - 1
        label = record.events[at].connection if sent else None
        expected = "that the server goes on serving everyone"
        finding = Finding(_requirement(guilty), expected, words, connection=label, event=at)
        situation = situation_of(guilty) if guilty else ""
        if len(scripts) > 1:  # it cannot be started again, or only together do they wreck it
            situation = f"{len(scripts)} clients at once"
        self._workshop.report(self._workshop.shown(instance, record, finding, situation))


def _is_by(event: Event, record: Record) -> bool:
    """Whether a script did it, and none of the listeners."""
    return event.connection in record.casts


def _requirement(script: Script | None) -> str:
    """Return what a server breaks that does not survive a script: by its first act, else by its end or its join."""
    if script is None:
        return "JOIN-1"
    if script.acts:
        return kind_of(script.acts[0])
    return "LEAVE-2" if script.end is End.RESET else "LEAVE-1"


@functools.cache
def kind_of(act: Act) -> str:
    """Return the requirement that is broken by a server that does not survive an act."""
    reading = read_client_frame(act.write(_SAMPLE))
    if not reading.messages:
        return reading.requirement or "FRAME-7"
    asked = reading.messages[0]
    if asked.verb is Verb.PRIVATE:
        return "PRIVATE-1" if asked.name in (_SAMPLE.own, *_SAMPLE.present) else "CONFIRM-2"
    return reading.features[0] if reading.features else "JOIN-10" if asked.verb is Verb.JOIN else "PUBLIC-1"


def _halves(scripts: Sequence[Script]) -> list[Sequence[Script]]:
    """Return both halves of some scripts, or of the acts of the only one."""
    if len(scripts) > 1:
        half = len(scripts) // 2
        return [scripts[:half], scripts[half:]]
    acts = scripts[0].acts if scripts else ()
    half = len(acts) // 2
    return [[replace(scripts[0], acts=part)] for part in (acts[:half], acts[half:])] if half else []
