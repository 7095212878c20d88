"""A wave: several scripts at once, fenced twice, their ends told, and all of it one recording."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.judges.server.client_frames import read_client_frame
from chatproof_conformance.space.script import End, Line, Part, Script, message, write_lines
from chatproof_conformance.space.segmentation import Segment, cut
from chatproof_conformance.wire.framing import is_blank
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Event, Kind

_GATE_SECONDS = 0.7
"""What the gates of one script may take together; a slow server gets its frames without waiting after that."""
_LOST_GATES = 2
"""So many answers of a script may be missing; after that, nothing of it waits for another."""
_PACE_SECONDS = 0.002
_LATE_LEAVES = 0.02
"""Seconds to wait for leave notices on an instance that has told one late."""
_DYING_SECONDS = 0.05
"""If a server dies, some connections may end a moment before the others."""


@dataclass(slots=True)
class Cast:
    """A script as one connection plays it.

    Attributes:
        script: what it does.
        connection: who does it.
        lines: its lines as they are sent.
        last: the content of its last marker.
        gates: the seconds that its gates may still take.
        owed: how many answers it is owed for what it sends beside its script.
    """

    script: Script
    connection: WaveConnection
    lines: list[Line]
    markers: list[str]
    gates: float = _GATE_SECONDS
    owed: int = 0

    @property
    def last(self) -> str:
        """The content of its last marker."""
        return self.markers[-1]


@dataclass(slots=True)
class Record:
    """What a wave left.

    Attributes:
        events: its recording, from the coming of the listeners on.
        casts: by label, who played what.
        fenced: whether both fences were met, and somebody was still there in the end.
        stirred: those whose last answers came only after more bytes had been sent.
    """

    events: list[Event]
    casts: dict[str, Cast]
    fenced: bool
    stirred: list[Cast] = field(default_factory=list)


async def run_wave(
    instance: Instance, scripts: Sequence[Script], *, patience: float = 1.0, paced: bool = False
) -> Record:
    """Play scripts side by side on one instance; return the recording.

    Args:
        instance: where.
        scripts: what each connection does.
        patience: multiplies the seconds of silence after which something counts as lost.
        paced: whether each segment waits a moment, so that the server reads the one before it by itself.
    """
    return await _Wave(instance, patience, paced=paced).run(scripts)


class _Wave:
    def __init__(self, instance: Instance, patience: float, *, paced: bool) -> None:
        self._instance = instance
        self._patience = patience
        self._pace = _PACE_SECONDS if paced else 0.0

    async def run(self, scripts: Sequence[Script]) -> Record:
        instance = self._instance
        if not instance.audience.complete:
            await instance.gather()
        if not instance.audience.observers:
            return Record(list(instance.audience.opening), {}, fenced=False)
        recorder = instance.recorder
        casts = [self._cast(script) for script in scripts]
        await instance.await_earlier_lives(cast.connection.name or "" for cast in casts)
        recorder.events = events = instance.opening()
        instance.present = {cast.connection.name for cast in casts if cast.connection.name}
        await asyncio.gather(*(cast.connection.connect() for cast in casts))
        await asyncio.gather(*(self._play(cast) for cast in casts))
        fenced = await self._fence(casts)
        waiting = [] if fenced else [cast for cast in casts if self._waits(cast)]
        fenced &= await self._fence_all(casts)
        stirred = [cast for cast in waiting if cast.last in cast.connection.markers]
        await instance.linger(lambda: any(map(_lacks_answers, casts)), self._patience)
        if any(cast.connection.ended and not cast.connection.ended_by_us for cast in casts):
            await asyncio.sleep(_DYING_SECONDS)
        await self._end(casts)
        instance.present = set()
        by_label = {cast.connection.label: cast for cast in casts}
        return Record(events, by_label, fenced and instance.audience.is_there, stirred)

    def _cast(self, script: Script) -> Cast:
        room, markers = self._instance.room(), []

        def marker() -> str:
            markers.append(self._instance.marker())
            return markers[-1]

        lines = write_lines(script, room, marker)
        return Cast(script, self._instance.connection(room.own, _joins_as(lines) or room.own), lines, markers)

    async def _play(self, cast: Cast) -> None:
        connection = cast.connection
        for content in cast.markers:
            self._instance.recorder.append("", Kind.NOTE, marker_note(content))
        due = list(accumulate(_owes_answer(line.data) for line in cast.lines))
        for segment in self._segments(cast):
            if segment.gate is not None:
                await self._gate(cast, due[segment.gate])
            if pause := max(segment.pause, self._pace):
                await asyncio.sleep(pause)
            if not connection.open or not await connection.send(segment.data):
                break
        if cast.script.end is End.FIN_BEHIND:
            connection.half_close()

    def _segments(self, cast: Cast) -> list[Segment]:
        data = [line.data for line in cast.lines]
        if self._instance.framing == "none":
            return [Segment(one.rstrip(b"\n"), gate=place - 1 if place else None) for place, one in enumerate(data)]
        if cast.script.careful:
            return [Segment(one, gate=place - 1 if place else None) for place, one in enumerate(data)]
        return cut(data, cast.script.segmentation, separate=cast.script.separate)

    async def _gate(self, cast: Cast, due: int) -> None:
        """Wait for so many answers, as long as the script's gates have not taken too much."""
        listening, connection = self._instance.listening, cast.connection
        if connection.answers >= due or cast.gates <= 0:
            return
        began = self._instance.recorder.now
        patience = listening.patience(self._patience)
        met = await listening.until(lambda: connection.answers >= due or not connection.open, patience)
        took = self._instance.recorder.now - began
        if met:
            listening.learn(took)
        if not cast.script.careful or not met:
            cast.gates -= took if met else max(took, _GATE_SECONDS / _LOST_GATES)

    async def _fence(self, casts: Sequence[Cast]) -> bool:
        """Wait for the last marker of each script at itself and at each observer."""
        observers = self._instance.audience.observers

        def met(cast: Cast) -> bool:
            if not cast.connection.opened or cast.connection.ended is not None:
                return True
            own = [] if cast.script.end is End.FIN_BEHIND else [cast.connection]
            return all(cast.last in one.markers or not one.open for one in (*own, *observers))

        waiting = list(casts)

        def done() -> bool:
            waiting[:] = [cast for cast in waiting if not met(cast)]
            return not waiting

        return await self._until(done)

    @staticmethod
    def _waits(cast: Cast) -> bool:
        """Whether a joined client has no answer to its last marker, although it listens."""
        one = cast.connection
        return one.open and one.joined and cast.script.end is not End.FIN_BEHIND and cast.last not in one.markers

    async def _fence_all(self, casts: Sequence[Cast]) -> bool:
        """Let everyone who has joined say one thing more, now that all have, and wait for it everywhere."""
        there = [cast for cast in casts if cast.connection.open and cast.connection.joined]
        there = [cast for cast in there if cast.script.end is not End.FIN_BEHIND]
        contents = []
        for cast in there:
            contents.append(self._instance.marker())
            self._instance.recorder.append("", Kind.NOTE, marker_note(contents[-1]))
            await self._instance.say(cast.connection, message(type="message", content=contents[-1]))
            cast.lines.append(Line(b"", Part.MARKER))  # no line of the script
            cast.owed += 1
        everyone = [*(cast.connection for cast in there), *self._instance.audience.observers]
        return await self._until(lambda: all(one.markers.issuperset(contents) or not one.open for one in everyone))

    async def _until(self, done: Callable[[], bool]) -> bool:
        listening = self._instance.listening
        return await listening.until(done, listening.patience(self._patience), most=8.0)

    async def _end(self, casts: Sequence[Cast]) -> None:
        gone = set()
        for cast in casts:
            connection = cast.connection
            if connection.joined and connection.name:
                gone.add(connection.name)
            if not connection.opened or connection.closed:
                continue
            if cast.script.end is End.RESET:
                connection.reset()
            elif cast.script.end is not End.FIN_BEHIND:
                if cast.script.end is End.HALF_FRAME:
                    await connection.send(b'{"type":"message","content":"half of it')
                connection.half_close()
        self._instance.ended.update(gone)
        await self._await_leaves(gone)
        for cast in casts:
            cast.connection.close()

    async def _await_leaves(self, gone: set[str]) -> None:
        """Wait for the leave notices, but not long: they have 10 seconds, and the ledger waits for them."""
        instance = self._instance
        seconds = _LATE_LEAVES if instance.leaves_late else instance.listening.patience(0.5)
        told = await instance.listening.until(lambda: instance.has_told(gone), seconds, most=1.0)
        instance.leaves_late |= not told


def _lacks_answers(cast: Cast) -> bool:
    """Whether a connection that listens has not got as many answers as it has sent frames."""
    one = cast.connection
    waits = one.open and not one.ended_by_us and cast.script.end is not End.FIN_BEHIND
    owed = cast.owed + sum(_owes_answer(line.data) for line in cast.lines)
    return waits and (one.answers < owed or one.awaits_notice)


def _joins_as(lines: Sequence[Line]) -> str | None:
    """Return the name under which a script joins, if its join is valid."""
    for line in lines:
        if line.part is Part.JOIN:
            asked = read_client_frame(line.data.rstrip(b"\n")).messages
            return asked[0].name if asked else None
    return None


def _owes_answer(line: bytes) -> bool:
    """Whether a line must be answered; a blank one that is too long may be (SPEC.md, section 2)."""
    return not is_blank(line)
