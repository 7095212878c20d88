"""A scene: one recording of a lane, of connections that do what no script says."""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.audience import Audience
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.judges.server.server_frames import ServerFrame, read_server_frame
from chatproof_conformance.space.script import message
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Event, Kind

_SHOWN_AT_EACH_END = 300
"""Events of a flood that a finding shows."""


class Scene:
    """Connections of a lane on one instance, and all that passes while they are there.

    Attributes:
        instance: where it takes place.
        events: its recording.
        connections: those that it opened.
    """

    def __init__(self, instance: Instance) -> None:
        """Begin a recording; whoever listens on the instance is in it from their coming on."""
        self.instance = instance
        self.events: list[Event] = list(instance.audience.opening)
        self.connections: list[WaveConnection] = []
        instance.recorder.events = self.events

    @classmethod
    async def open(cls, instance: Instance, *, listeners: bool = True) -> "Scene":
        """Return a scene with the instance's listeners, or with nobody: then they are sent away."""
        if listeners and not (instance.audience.observers and all(one.open for one in instance.audience.observers)):
            await instance.gather()
        elif not listeners:
            instance.close()
            instance.audience = Audience()
        return cls(instance)

    @property
    def observers(self) -> list[WaveConnection]:
        """The joined listeners that are there still."""
        return [one for one in self.instance.audience.observers if one.open]

    async def connect(
        self, label: str, *, name: str | None = None, receive_buffer: int | None = None, node: int | None = None
    ) -> WaveConnection:
        """Return a connection that may join: under the name if one is given, else a new one; at a node, if given."""
        own = self.instance.room().own
        one = self.instance.connection(f"{label} {own}", own if name is None else name, node)
        await one.connect(receive_buffer=receive_buffer)
        self.connections.append(one)
        return one

    async def join(self, one: WaveConnection, *, patience: float | None = None) -> bool:
        """Let a connection ask to join, and wait for an answer; return whether it has joined."""
        done, began = answered(one, one.answers + 1), self.instance.recorder.now
        await self.instance.say(one, message(type="join", username=one.name or ""))
        if await self.until(done, patience):
            self.instance.listening.learn(self.instance.recorder.now - began)
        return one.joined

    async def join_as(self, one: WaveConnection, name: str) -> None:
        """Let a connection ask for a name, and wait for an answer."""
        done = answered(one, one.answers + 1)
        await self.instance.say(one, message(type="join", username=name))
        await self.until(done)

    async def joined(self, label: str, *, receive_buffer: int | None = None, node: int | None = None) -> WaveConnection:
        """Return a new connection that has asked to join and has been answered, unless the server is broken."""
        one = await self.connect(label, receive_buffer=receive_buffer, node=node)
        await self.join(one)
        return one

    async def crowd(self, label: str, count: int) -> list[WaveConnection]:
        """Return this many new connections, which have asked to join at the same time."""
        return list(await asyncio.gather(*(self.joined(label) for _ in range(count))))

    async def say(self, one: WaveConnection, content: str) -> None:
        """Send a public message."""
        await self.write(one, [message(type="message", content=content)])

    async def whisper(self, one: WaveConnection, target: str | None, content: str) -> None:
        """Send a private message."""
        await self.write(one, [message(type="private_message", target=target or "", content=content)])

    async def write(self, one: WaveConnection, frames: Iterable[bytes], seconds: float = 5.0) -> bool:
        """Send frames in one write; with no LF between objects, each after the answer to the last."""
        if self.instance.framing == "lf":
            return await one.send(b"".join(frame + b"\n" for frame in frames), seconds)
        for frame in frames:
            done = answered(one, one.answers + 1)
            await one.send(frame, seconds)
            await self.until(done)
        return one.open

    async def send_part(self, one: WaveConnection, data: bytes) -> None:
        """Send part of a frame or of a line, which only LF can end."""
        if self.instance.framing == "lf":
            await one.send(data)

    async def mark(self, one: WaveConnection) -> str:
        """Send a marker; return its content."""
        content = self.instance.marker()
        self.instance.recorder.append("", Kind.NOTE, marker_note(content))
        await self.say(one, content)
        return content

    async def fence(self, speakers: Iterable[WaveConnection], patience: float | None = None) -> bool:
        """Let each speaker send a marker; return whether all who are there, have joined and read got all of those."""
        contents = [await self.mark(one) for one in speakers if one.open]
        everyone = [one for one in (*self.connections, *self.observers) if one.joined and one.open and one.reads]
        return await self.until(
            lambda: all(one.markers.issuperset(contents) or not one.open for one in everyone), patience
        )

    async def until(self, done: Callable[[], bool], patience: float | None = None, most: float = 30.0) -> bool:
        """Wait until something is so; return False after so many seconds of silence, by default the usual ones."""
        listening = self.instance.listening
        return await listening.until(done, listening.patience() if patience is None else patience, most)

    async def depart(self, leavers: Iterable[WaveConnection]) -> bool:
        """Let joined connections end in order; return whether all who stay were told all of it in time."""
        gone = [one for one in leavers if one.open]
        stay = [one for one in (*self.connections, *self.observers) if one.joined and one.open and one not in gone]
        told = told_of([one.name for one in gone if one.joined and one.name], stay)
        for one in gone:
            one.half_close()
        in_time = await self.hear(told)
        for one in gone:
            one.close()
        return in_time

    async def hear(self, told: Callable[[], bool]) -> bool:
        """Wait until leaves are told, as long as they may take; return whether they were."""
        seconds = self.instance.leave_seconds
        in_time = await self.until(told, seconds, seconds)
        if not in_time:
            self.instance.lose_leave()
        return in_time

    def received(self, one: WaveConnection, since: int = 0) -> list[ServerFrame]:
        """Return the frames that a connection got since an event; one without its LF at the end is unreadable."""
        splitter, lines = frame_splitter(self.instance.framing), []
        for place, event in enumerate(self.events):
            if event.connection == one.label and event.kind is Kind.SERVER_DATA:
                ended = splitter.feed(event.data)
                lines += ended if place >= since else []
        rest = read_server_frame(splitter.rest)
        # A frame that was cut off by the end is none.
        unended = [] if rest.unreadable else [replace(rest, unreadable="no LF at the end")]
        return [*map(read_server_frame, lines), *unended]

    def record(self, *, fenced: bool = True, without: Iterable[WaveConnection] = ()) -> Record:
        """Return the recording until now; connections that are left out are strangers to the judge."""
        labels = {one.label for one in without}
        self.instance.recorder.events = []
        return Record([event for event in self.events if event.connection not in labels], {}, fenced)

    def close(self) -> None:
        """Let everyone go whom it brought; nobody judges that."""
        self.instance.recorder.events = []
        for one in self.connections:
            one.close()

    def finding(self, requirement: str, expected: str, actual: str, at: WaveConnection | None = None) -> Finding:
        """Return a finding with the recording so far as its evidence."""
        return Finding(
            requirement,
            expected,
            actual,
            connection=at.label if at is not None else None,
            events=_shortened(self.events),
            started=self.instance.recorder.started,
        )


def answered(one: WaveConnection, count: int) -> Callable[[], bool]:
    """Return what says whether a connection has got so many answers, or has ended."""
    return lambda: one.answers >= count or not one.open


def told_of(names: Iterable[str], recipients: Iterable[WaveConnection]) -> Callable[[], bool]:
    """Return what says whether every recipient that is there has since then been told of each leave, in any words."""
    due = [(one, name, one.told[name] + 1) for name in names for one in recipients]
    return lambda: all(not one.open or one.told[name] >= count for one, name, count in due)


def _shortened(events: Sequence[Event]) -> tuple[Event, ...]:
    if len(events) <= 2 * _SHOWN_AT_EACH_END:
        return tuple(events)
    left_out = Event(events[_SHOWN_AT_EACH_END].time, "", Kind.NOTE, b"here events are left out")
    return (*events[:_SHOWN_AT_EACH_END], left_out, *events[-_SHOWN_AT_EACH_END:])
