"""Who is there all the time: clients that listen in each state in which others' traffic may reach them, or must not."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.space.script import message
from chatproof_schemas.transcript import Event

HALF_FRAME = b'{"type":"message","content":"half of '


@dataclass(frozen=True, slots=True)
class Listener:
    """How one listener comes to its state.

    Attributes:
        label: the recorder's name for it.
        joins: whether it joins, before all else.
        then: what it sends afterwards, each frame after the answer to the last; ``{taken}`` stands for a name in use.
        tail: bytes with no LF that it sends at last.
    """

    label: str
    joins: bool
    then: tuple[str, ...] = ()
    tail: bytes = b""

    @property
    def is_silent(self) -> bool:
        """Whether the server waits for it: it sends nothing, or part of a frame (LOAD-3)."""
        return bool(self.tail) or not (self.joins or self.then)


_TAKEN = "taken"
OBSERVERS = (
    Listener("observer", joins=True),
    Listener("observer refused", joins=True, then=(_TAKEN,)),
    Listener("observer half", joins=True, tail=HALF_FRAME),
)
LURKERS = (
    Listener("lurker", joins=False),
    Listener("lurker refused", joins=False, then=(_TAKEN,)),
    Listener("lurker half", joins=False, tail=HALF_FRAME),
)


@dataclass(slots=True)
class Audience:
    """The listeners of one instance.

    Attributes:
        observers: those that have joined.
        lurkers: those that have not.
        opening: the events by which they came; each wave's recording begins with them.
    """

    observers: list[WaveConnection] = field(default_factory=list)
    lurkers: list[WaveConnection] = field(default_factory=list)
    opening: list[Event] = field(default_factory=list)

    def __iter__(self) -> Iterator[WaveConnection]:
        """Iterate over all of them."""
        yield from self.observers
        yield from self.lurkers

    @property
    def names(self) -> list[str]:
        """The names of those that have joined."""
        return [one.name for one in self.observers if one.name]

    @property
    def is_there(self) -> bool:
        """Whether at least one who has joined is there still."""
        return any(one.open for one in self.observers)

    @property
    def complete(self) -> bool:
        """Whether all are there still, but for those whom the server may end: they have asked for a name in use."""
        return bool(self.observers) and all(one.open or (one.answers and not one.joined) for one in self)


def frames_of(listener: Listener, name: str, taken: str) -> Iterator[bytes]:
    """Yield the frames by which a listener comes to its state."""
    if listener.joins:
        yield message(type="join", username=name)
    for what in listener.then:
        yield message(type="join", username=taken if what == _TAKEN else what)
