"""Plays histories: what few connections do, each event after the effects of those before it, many histories at once."""

import asyncio
from collections.abc import Sequence

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.space.histories import Do, Event, History
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import message
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Kind

_LATE_SECONDS = 1.0
_LATE_HISTORIES = 6
"""After so many histories in which a leave was told later than that, nothing waits for it any more."""


async def play_histories(instance: Instance, histories: Sequence[History], *, patience: float = 1.0) -> Record:
    """Play histories side by side on one instance; return the recording.

    A history ends where it waits for a leave that is not told in time.
    Each connection's label ends with the history's place in the sequence and the number of its actor: ``h3.0``.
    """
    if not instance.audience.complete:
        await instance.gather()
    recorder = instance.recorder
    recorder.events = events = instance.opening()
    stages = [_Stage(instance, f"h{place}", history, patience) for place, history in enumerate(histories)]
    instance.present = {name for stage in stages for name in stage.names}
    await asyncio.gather(*(stage.play() for stage in stages))
    fenced = all(await asyncio.gather(*(stage.fence() for stage in stages)))
    await instance.linger(lambda: any(stage.lacks_answers for stage in stages), patience)
    await asyncio.gather(*(stage.hear_of_leaves() for stage in stages))
    await asyncio.gather(*(stage.end() for stage in stages))
    instance.present = set()
    return Record(events, {}, fenced and instance.audience.is_there)


class _Stage:
    """One history while it is played."""

    def __init__(self, instance: Instance, label: str, history: History, patience: float) -> None:
        self._instance = instance
        self._label = label
        self._history = history
        self._patience = patience
        self._room = instance.room()
        self.names = [instance.room().own for _ in range(history.names)]
        self._actors: dict[int, WaveConnection] = {}
        self._due: dict[int, int] = {}
        self._lives: dict[str, int] = dict.fromkeys(self.names, 0)
        self._in_frame: set[WaveConnection] = set()
        self._owed: list[tuple[WaveConnection, str, int]] = []
        self._last_end = 0.0

    async def play(self) -> None:
        for event in self._history.events:
            if not event.behind:
                await self._settle()
            if event.do is Do.AWAIT_LEAVE:
                if not await self._await_leave(self.names[event.name]):
                    return
            else:
                await self._do(event)
        await self._settle()

    async def _do(self, event: Event) -> None:
        if event.do is Do.OPEN:
            one = self._instance.connection(f"{self._label}.{event.actor} {self._room.token}", None)
            self._actors[event.actor], self._due[event.actor] = one, 0
            await one.connect()
            return
        one = self._actors[event.actor]
        if event.do in (Do.FIN, Do.RESET) and one.joined and one.name:
            others = [other for other in self._actors.values() if other.joined and other is not one]
            self._owed += [(other, one.name, other.told[one.name] + 1) for other in others]
            self._last_end = self._instance.recorder.now
        if event.do is Do.FIN:
            one.half_close()
        elif event.do is Do.RESET:
            one.reset()
        elif one.open:
            await self._send(event, one)

    async def _send(self, event: Event, one: WaveConnection) -> None:
        if event.do is Do.JOIN and not one.joined:
            one.name = self.names[event.name]
        own = Room(self._instance.room().token, one.name or self._room.own, self._room.present)
        data = event.write(self.names, own)
        self._due[event.actor] += data.endswith(b"\n")
        if event.do is Do.HALF:
            self._in_frame.add(one)
        await one.send(data if self._instance.framing == "lf" else data.rstrip(b"\n"))

    async def _settle(self) -> None:
        """Wait until everyone has the answers to all that was sent."""
        listening = self._instance.listening
        await listening.until(
            lambda: not self.lacks_answers,
            listening.patience(self._patience),
            most=8.0,
        )

    @property
    def lacks_answers(self) -> bool:
        """Whether somebody who listens has not got as many answers as it has sent frames."""
        owed = ((one, self._due[actor]) for actor, one in self._actors.items() if _listens(one))
        return any(one.answers < due or one.awaits_notice for one, due in owed)

    async def _await_leave(self, name: str) -> bool:
        self._lives[name] += 1
        if sum(one.joined for one in self._actors.values() if one.name == name) < self._lives[name]:
            return False  # it never came: the server may have ended its connection when it asked for a name in use
        observers, lives, most = self._instance.audience.observers, self._lives[name], self._instance.leave_seconds
        return await self._instance.listening.until(
            lambda: any(one.told[name] >= lives for one in observers), most, most
        )

    async def fence(self) -> bool:
        """Let everyone who is there still say one thing; return whether the others and the observers heard it."""
        contents = []
        there = {
            actor: one
            for actor, one in self._actors.items()
            if one.joined and _listens(one) and one not in self._in_frame
        }
        for actor, one in there.items():
            self._due[actor] += 1
            contents.append(self._instance.marker())
            self._instance.recorder.append("", Kind.NOTE, marker_note(contents[-1]))
            await self._instance.say(one, message(type="message", content=contents[-1]))
        everyone = [*there.values(), *self._instance.audience.observers]
        listening = self._instance.listening
        return await listening.until(
            lambda: all(one.markers.issuperset(contents) or not one.open for one in everyone),
            listening.patience(self._patience),
            most=8.0,
        )

    async def hear_of_leaves(self) -> None:
        """Wait until who is there still has heard of those who left meanwhile: only then a notice can lack there."""
        instance, began = self._instance, self._instance.recorder.now
        if instance.late_histories >= _LATE_HISTORIES:
            return
        owed = [(one, name, count) for one, name, count in self._owed if _listens(one)]
        left = max(0.0, self._last_end + instance.leave_seconds - began)
        await instance.listening.until(
            lambda: all(one.told[name] >= count or not one.open for one, name, count in owed), left, left
        )
        instance.late_histories += instance.recorder.now - began > _LATE_SECONDS

    async def end(self) -> None:
        """Let everyone go, and wait a moment for the notices."""
        gone = {one.name for one in self._actors.values() if one.joined and one.name}
        for one in self._actors.values():
            if _listens(one):
                one.half_close()
        observers, listening = self._instance.audience.observers, self._instance.listening
        await listening.until(lambda: all(gone <= one.left.keys() or not one.open for one in observers), 0.2, most=1.0)
        for one in self._actors.values():
            one.close()


def _listens(one: WaveConnection) -> bool:
    return one.open and not one.ended_by_us
