"""Histories: sequences of events over few connections and names, for what a server may remember too long or forget.

A name may have several lives. It is joined under again only after its leave notice, as only then it is free (LEAVE-4).
"""

import enum
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.covering import covering
from chatproof_conformance.space.patterns import act, encoded
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.values import valid


class Do(str, enum.Enum):
    """What a connection does."""

    OPEN = "opens"
    JOIN = "joins"
    SEND = "sends"
    HALF = "sends half a frame"
    FIN = "ends"
    RESET = "resets"
    AWAIT_LEAVE = "waits until someone has the leave notice of"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happens.

    Attributes:
        actor: the connection that does it, a small number. Each opens and ends once.
        do: what it does.
        name: the place of a name: the one to join under, the target of what is sent, or the one that has left.
        act: what is sent.
        behind: whether it happens without waiting for the effects of what the history has before.
    """

    def __str__(self) -> str:
        """Return it as people read it."""
        name = f" {self.name}" if self.do in (Do.JOIN, Do.AWAIT_LEAVE) or self.act is PRIVATE else ""
        what = f" {self.act.label}" if self.act else ""
        return f"{self.actor} {self.do.value}{what}{name}{' at once' if self.behind else ''}"

    actor: int
    do: Do
    name: int = 0
    act: Act | None = None
    behind: bool = False

    def write(self, names: Sequence[str], room: Room) -> bytes:
        """Return the bytes to send, empty if there are none; words are those of the room, people those of ``names``."""
        if self.do is Do.JOIN:
            return json.dumps({"type": "join", "username": names[self.name]}).encode() + b"\n"
        if self.act is None:
            return b""
        frame = self.act.write(replace(room, present=(names[self.name],)))
        return frame if self.do is Do.HALF else frame + b"\n"


@dataclass(frozen=True, slots=True)
class History:
    """Events in their order.

    Attributes:
        label: what is special about it, the same in every run.
        events: each happens after the one before has shown its effect, unless it is ``behind``.
    """

    label: str
    events: tuple[Event, ...]

    @property
    def names(self) -> int:
        """How many names it takes."""
        return 1 + max(event.name for event in self.events)


PUBLIC = act("message", "content", "a word", encoded(valid("message")))
SAME = act("message", "content", "the same as before", encoded(valid("message") | {"content": "<own>, again"}))
PRIVATE = act("private_message", "target", "someone", encoded(valid("private_message")))
BAD = act("message", "content", "missing", b'{"type":"message","text":"<word>"}')
JUNK = act("", "", "not JSON", b"<word>{")
INVALID_JOIN = act("join", "username", "a space last", encoded({"type": "join", "username": "<present> "}))
CUT = act("message", "content", "cut off", b'{"type":"message","content":"<word>')

SUBJECT, OTHER, THIRD, AGAIN, ONCE_MORE = range(5)
"""The connections of a history. The first two are also the places of their names, and ``THIRD`` is a free one."""


def _sends(actor: int, what: Act, name: int = OTHER, *, behind: bool = False) -> Event:
    return Event(actor, Do.SEND, name, what, behind)


def _joins(actor: int, name: int, *, behind: bool = False) -> Event:
    return Event(actor, Do.JOIN, name, behind=behind)


def _comes(actor: int, name: int) -> tuple[Event, ...]:
    return Event(actor, Do.OPEN), _joins(actor, name)


_LEFT = Event(OTHER, Do.AWAIT_LEAVE, SUBJECT)
_SPEAK = (_sends(OTHER, PRIVATE, SUBJECT), _sends(OTHER, PUBLIC))
_SECOND_LIFE = (_LEFT, *_comes(AGAIN, SUBJECT), _sends(AGAIN, PUBLIC), *_SPEAK)

_BEFORE: Mapping[str, tuple[Event, ...]] = {
    "joins at once": (),
    "an error first": (_sends(SUBJECT, BAD),),
    "several errors first": (_sends(SUBJECT, JUNK), _sends(SUBJECT, BAD), _sends(SUBJECT, JUNK)),
    "a refused join first": (_joins(SUBJECT, OTHER),),
    "an invalid join first": (_sends(SUBJECT, INVALID_JOIN),),
    "a message first": (_sends(SUBJECT, PUBLIC),),
    "a private message first": (_sends(SUBJECT, PRIVATE),),
    "written to before it is there": (_sends(OTHER, PRIVATE, SUBJECT),),
}
_DURING: Mapping[str, tuple[Event, ...]] = {
    "never speaks": (),
    "speaks": (_sends(SUBJECT, PUBLIC),),
    "says the same twice": (_sends(SUBJECT, SAME), _sends(SUBJECT, SAME)),
    "writes to another": (_sends(SUBJECT, PRIVATE),),
    "writes to itself": (_sends(SUBJECT, PRIVATE, SUBJECT),),
    "writes to nobody": (_sends(SUBJECT, PRIVATE, THIRD),),
    "is written to": (_sends(OTHER, PRIVATE, SUBJECT),),
    "sends a bad frame": (_sends(SUBJECT, BAD),),
    "joins a second time": (_joins(SUBJECT, THIRD), _sends(SUBJECT, PUBLIC)),
}
_MEANWHILE: Mapping[str, tuple[Event, ...]] = {
    "nothing else": (),
    "another speaks": (_sends(OTHER, PUBLIC),),
    "a third joins": _comes(THIRD, THIRD),
    "a third joins and leaves": (*_comes(THIRD, THIRD), Event(THIRD, Do.FIN)),
    "a third is refused its name": (*_comes(THIRD, SUBJECT), _sends(THIRD, PUBLIC)),
    "one that never joins comes and goes": (Event(THIRD, Do.OPEN), Event(THIRD, Do.FIN)),
    "one that never joins is refused and goes": (*_comes(THIRD, SUBJECT), Event(THIRD, Do.RESET)),
    "half a frame is pending": (*_comes(THIRD, THIRD), Event(THIRD, Do.HALF, act=CUT)),
}
_END: Mapping[str, tuple[Event, ...]] = {
    "ends": (Event(SUBJECT, Do.FIN),),
    "ends right behind a message": (_sends(SUBJECT, PUBLIC), Event(SUBJECT, Do.FIN, behind=True)),
    "ends right behind a private message": (_sends(SUBJECT, PRIVATE), Event(SUBJECT, Do.FIN, behind=True)),
    "ends right behind a bad frame": (_sends(SUBJECT, BAD), Event(SUBJECT, Do.FIN, behind=True)),
    "ends after a bad frame": (_sends(SUBJECT, JUNK), Event(SUBJECT, Do.FIN)),
    "resets": (Event(SUBJECT, Do.RESET),),
    "resets after a message": (_sends(SUBJECT, PUBLIC), Event(SUBJECT, Do.RESET)),
    "ends in a frame": (Event(SUBJECT, Do.HALF, act=CUT), Event(SUBJECT, Do.FIN)),
    "resets in a frame": (Event(SUBJECT, Do.HALF, act=CUT), Event(SUBJECT, Do.RESET)),
}
_AFTER: Mapping[str, tuple[Event, ...]] = {
    "gone": (),
    "written to at once": (*_SPEAK, _LEFT),
    "written to after its leave": (_LEFT, *_SPEAK),
    "a second life": _SECOND_LIFE,
    "a second life that never speaks": (*_SECOND_LIFE[:3], Event(AGAIN, Do.FIN)),
    "a third life": (*_SECOND_LIFE, Event(AGAIN, Do.FIN), _LEFT, *_comes(ONCE_MORE, SUBJECT), *_SPEAK),
    "written to between two lives": (_LEFT, *_SPEAK, *_SECOND_LIFE[1:]),
    "a second life refused to a third": (*_SECOND_LIFE, *_comes(ONCE_MORE, SUBJECT), _sends(ONCE_MORE, PUBLIC)),
    "two race for its name": (
        *(_LEFT, Event(AGAIN, Do.OPEN), Event(ONCE_MORE, Do.OPEN)),
        *(_joins(AGAIN, SUBJECT), _joins(ONCE_MORE, SUBJECT, behind=True), *_SPEAK),
    ),
    "the other leaves too": (_LEFT, Event(OTHER, Do.FIN), Event(AGAIN, Do.OPEN), _joins(AGAIN, SUBJECT)),
}
_DIMENSIONS = {"before": _BEFORE, "during": _DURING, "meanwhile": _MEANWHILE, "end": _END, "after": _AFTER}


def histories(seed: int) -> list[History]:
    """Return short histories of one connection, in which each two of what may happen before, during and after it meet.

    Whatever happens while it is there happens before what it does in one half of them, and after it in the other.
    """
    rows = covering({name: tuple(values) for name, values in _DIMENSIONS.items()}, seed)
    return [_history(row, late=bool(number % 2)) for number, row in enumerate(rows)]


def _history(row: Mapping[str, str], *, late: bool) -> History:
    during, meanwhile = _DURING[row["during"]], _MEANWHILE[row["meanwhile"]]
    events = (
        *_comes(OTHER, OTHER),
        Event(SUBJECT, Do.OPEN),
        *_BEFORE[row["before"]],
        _joins(SUBJECT, SUBJECT),
        *(during + meanwhile if late else meanwhile + during),
        *_END[row["end"]],
        *_AFTER[row["after"]],
    )
    return History(", ".join((*row.values(), *(["late"] if late else []))), events)


def races(most: int = 4) -> Iterator[History]:
    """Yield histories in which 2 to ``most`` connections join under one name at the same time (JOIN-6)."""
    for rivals in range(2, most + 1):
        opens = tuple(Event(actor, Do.OPEN) for actor in range(rivals))
        joins = tuple(_joins(actor, 0, behind=actor > 0) for actor in range(rivals))
        behind = tuple(_sends(actor, PUBLIC, 0, behind=True) for actor in range(rivals))
        speak = tuple(_sends(actor, PUBLIC, 0) for actor in range(rivals))
        yield History(f"{rivals} race for a name", (*opens, *joins, *speak))
        yield History(f"{rivals} race for a name and speak", (*opens, *joins, *behind))
        yield History(
            f"{rivals} race, and one ends at once", (*opens, *joins, Event(0, Do.FIN, behind=True), *speak[1:])
        )
