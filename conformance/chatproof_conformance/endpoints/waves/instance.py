"""One running instance of the server under test, with its listeners, its clock and its recordings."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from chatproof_common.addresses import shown_address
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.text import listed
from chatproof_conformance.endpoints.waves.audience import LURKERS, OBSERVERS, Audience, Listener, frames_of
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.listening import Listening
from chatproof_conformance.endpoints.waves.placement import Placement
from chatproof_conformance.endpoints.waves.recorder import Recorder
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import message
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas import LEAVE_SECONDS
from chatproof_schemas.transcript import Event, Framing, Kind

_KNOWN_SECONDS = 0.5
_UNREAD_SECONDS = 1.0
"""How long a leave is awaited at a server whose notices may have other words."""
_LINGER_SECONDS, _MOST_LINGERED = 0.25, 3.0
"""How long to wait behind a fence for what lacks, once and in sum: it is out of order if it comes, missing if not."""


class Instance:
    """Where waves run.

    Attributes:
        placement: where the server listens, and which connection is where.
        recorder: records what passes.
        listening: what is known of the server's speed.
        audience: who is there all the time.
        present: the names of the users of the wave that runs.
        ended: how often users of each name have left since the listeners came.
        refuses_names: whether it is expected to refuse a name; if not, no listener asks for one in use.
        leaves_late: whether a wave has ended before all its leaves were told.
        takes_parts: whether the server puts together what comes in parts; if not, no listener sends a part.
        has_lost_leaves: tells whether it is known that some leaves are never told.
        why_gone: tells why the server accepts no connection, as far as that is known.
        late_histories: in how many histories a leave was told a second late, or not at all.
        late_notice: called with the label of a listener and the frame if it is told that somebody has left who is not
            of the wave that runs.
    """

    def __init__(self, placement: Placement, token: str, framing: Framing = "lf") -> None:
        """Connect to nothing yet; every name and content of ours begins with the token."""
        self.placement = placement
        self.token = token
        self.framing = framing
        self.recorder = Recorder()
        self.listening = Listening()
        self.audience = Audience()
        self.present: set[str] = set()
        self.ended: Counter[str] = Counter()
        self.takes_parts = True
        self.refuses_names = True
        self.leaves_late = False
        self.has_lost_leaves: Callable[[], bool] = bool
        self.why_gone: Callable[[], str | None] = _unknown
        self.late_histories = 0
        self.late_notice: Callable[[str, ServerFrame], None] = _ignore
        self._markers = count()
        self._names = count()
        self._lingered = 0.0

    def marker(self) -> str:
        """Return the content of a new marker."""
        return f"{self.token}m{next(self._markers)}"

    @property
    def leave_seconds(self) -> float:
        """How long a leave notice is awaited: a little longer than it may take, hardly if some never come anyway."""
        return _KNOWN_SECONDS if self.has_lost_leaves() else LEAVE_SECONDS + _KNOWN_SECONDS

    def has_told(self, names: Iterable[str]) -> bool:
        """Whether every leave of users of these names was told to each observer that is there."""
        return all(one.left[name] >= self.ended[name] for name in names for one in self.audience.observers if one.open)

    async def await_earlier_lives(self, names: Iterable[str]) -> None:
        """Wait until the leaves of those are told who had these names before: nobody could tell them from new ones."""
        again = [name for name in names if name in self.ended]
        if not self.has_told(again):
            are_readable = any(one.left for one in self.audience.observers)
            seconds = self.leave_seconds if are_readable else _UNREAD_SECONDS
            await self.listening.until(lambda: self.has_told(again), seconds, most=seconds)
            for name in again:
                self.ended[name] = min((one.left[name] for one in self.audience.observers), default=0)

    def lose_leave(self) -> None:
        """Know that a leave was not told although it was awaited as long as it may take."""
        self.has_lost_leaves = _always

    async def linger(self, lacks: Callable[[], bool], patience: float) -> None:
        """Wait a moment for what lacks although a fence has passed, unless nothing has ever come so late."""
        if not lacks() or self._lingered >= _MOST_LINGERED:
            return
        began = self.recorder.now
        if not await self.listening.until(lambda: not lacks(), _LINGER_SECONDS * patience, most=1.0):
            self._lingered += self.recorder.now - began

    def room(self) -> Room:
        """Return a room with a new name in it."""
        number = next(self._names)
        return Room(f"{self.token}{number}x", f"{self.token}n{number}", tuple(self.audience.names))

    def connection(self, label: str, name: str | None, node: int | None = None) -> WaveConnection:
        """Return a connection that is not opened yet; if the server has several nodes, its label ends with ``@node``.

        Args:
            label: how the recording names it.
            name: the name that it joins under; None if it joins under none.
            node: the number of its node, from 1; None: as the placement has it.
        """
        placement = self.placement
        number = node or placement.choose(label)
        shown = f"{label} @{number}" if placement.is_spread else label
        address = placement.addresses[number - 1]
        one = WaveConnection(shown, address, name, self.token, self.recorder, self.listening, self.framing)
        placement.put(one, label, number)
        return one

    async def gather(self) -> None:
        """Let the listeners come, each after the last; their traffic is a recording of its own until they have.

        If a server serves nobody beside silent ones, these stay away: that is LOAD-3, and must not hide all the rest.

        Raises:
            TargetGone: if it accepts no connection.
        """
        listeners = [one for one in (*OBSERVERS, *LURKERS) if self.takes_parts or not one.tail]
        if not self.refuses_names:
            listeners = [replace(one, then=()) for one in listeners if one.joins or not one.then]
        served, newcomer_served = await self._gather(listeners)
        beside = newcomer_served and await self.fence(self.audience.observers[0], patience=4.0)
        if served and not beside and self.audience.is_there:
            await self._gather([one for one in listeners if not one.is_silent])
        self.audience.opening = list(self.recorder.events)

    def opening(self) -> list[Event]:
        """Return how a recording begins: how the listeners came, and what has arrived of a frame for each of them.

        Other people's frames come at any time, also across the end of a recording.
        """
        begun = [(one.label, one.rest) for one in self.audience if one.rest and self.framing == "lf"]
        return [
            *self.audience.opening,
            *(Event(self.recorder.now, label, Kind.SERVER_DATA, rest) for label, rest in begun),
        ]

    async def _gather(self, listeners: Sequence[Listener]) -> tuple[bool, bool]:
        """Let some come; return whether those who had joined first all got what each of them said.

        Return also whether the last one to come, beside silent ones, got an answer.
        """
        for one in self.audience:
            one.close()
        self.audience = Audience()
        self.ended.clear()
        self.recorder.events = []
        talking = [listener for listener in listeners if not listener.is_silent]
        came = [(await self._bring(listener), listener) for listener in talking[:-1]]
        fences = [await self.fence(one) for one in self.audience.observers]
        came += [(await self._bring(listener), listener) for listener in listeners if listener.is_silent]
        came += [(await self._bring(listener), listener) for listener in talking[-1:]]
        last = came[-1][0]
        for one, listener in came:
            if listener.tail and self.framing == "lf":
                await self.fence(one)
                await one.send(listener.tail)
        if not self.audience.observers:
            nobody = f"no connection to {listed([*map(shown_address, self.placement.addresses)])}"
            raise TargetGone(self.why_gone() or nobody)
        return all(fences), last.answers > 0

    async def _bring(self, listener: Listener) -> WaveConnection:
        number = next(self._names)
        name = f"{self.token}o{number}"
        one = self.connection(f"{listener.label} {number}", name if listener.joins else None)
        one.on_notice = self._notice
        if not await one.connect():
            return one
        taken = self.audience.names[0] if self.audience.names else name
        for due, frame in enumerate(frames_of(listener, name, taken), 1):
            began = self.recorder.now
            await self.say(one, frame)
            if await self.listening.until(partial(_has_answered, one, due), self.listening.patience()):
                self.listening.learn(self.recorder.now - began)
        (self.audience.observers if listener.joins else self.audience.lurkers).append(one)
        return one

    def _notice(self, one: WaveConnection, frame: ServerFrame) -> None:
        is_left = frame.kind is MessageKind.LEFT
        if not (frame.name in self.present if is_left else any(name in frame.text for name in self.present)):
            self.late_notice(one.label, frame)

    async def say(self, one: WaveConnection, frame: bytes) -> bool:
        """Send one frame."""
        return await one.send(frame + (b"\n" if self.framing == "lf" else b""))

    async def fence(self, one: WaveConnection, *, patience: float = 1.0) -> bool:
        """Send a marker; return whether every observer that is there got it, or who has not joined an answer to it."""
        content, due = self.marker(), one.answers + 1
        self.recorder.append("", Kind.NOTE, marker_note(content))
        await self.say(one, message(type="message", content=content))

        def met() -> bool:
            if not one.joined:
                return _has_answered(one, due)
            return all(content in other.markers or not other.open for other in self.audience.observers)

        return await self.listening.until(met, self.listening.patience(patience))

    def close(self) -> None:
        """Let the listeners go."""
        for one in self.audience:
            one.close()


def _always() -> bool:
    return True


def _unknown() -> None:
    return None


def _ignore(*_: object) -> None:
    """Nobody wants to know."""


def _has_answered(one: WaveConnection, due: int) -> bool:
    return one.answers >= due or not one.open
