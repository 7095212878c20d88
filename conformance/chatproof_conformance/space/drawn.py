"""Acts and histories drawn by Hypothesis: beyond the lists, from the same dimensions."""

import json
from collections.abc import Callable
from typing import Any, TypeVar

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.contents import contents
from chatproof_conformance.space.histories import BAD, CUT, PRIVATE, PUBLIC, Do, Event, History
from chatproof_conformance.space.names import invalid_names, valid_names
from chatproof_conformance.space.patterns import encoded, fill, shown
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.spellings import SPELLINGS, plain
from chatproof_conformance.space.values import CLIENT_TYPES, SERVER_TYPES, valid

_Labelled = TypeVar("_Labelled", Act, History)
_Draw = Callable[[st.SearchStrategy[Any]], Any]

_AT_ONCE = 25
"""Acts in one example: more would be more than Hypothesis draws for one."""

_MOST_ATTEMPTS = 20

_TYPES = ("message", "private_message")
_TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_PARTS = st.lists(st.one_of(st.sampled_from(contents()), _TEXTS), min_size=1, max_size=4).map("".join)
_CONTENTS = st.one_of(st.builds("{}<word>{}".format, _TEXTS, _TEXTS), _PARTS.filter(bool))
_PEOPLE = st.sampled_from(("<present>", "<other>", "<own>", "<word>", "<present>a", "<present-cut>", "<present-case>"))
_TARGETS = st.one_of(_PEOPLE, _PEOPLE, st.sampled_from(tuple(valid_names())))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e99, 1e99) | _TEXTS | _PEOPLE,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=5,
)
_NAMES = st.one_of(
    _TEXTS, st.sampled_from(("username", "sender", "timestamp", "Type", "content ", "delivered", "message"))
)
_EXTRA = st.dictionaries(_NAMES.filter(lambda name: name not in ("type", "target", "content")), _VALUES, max_size=2)
_JUNK = st.sampled_from(
    (b'"', b"{", b"}", b"[", b"]", b",", b":", b"\\", b" ", b"0", b"null", b"\xff", b"\0", b"\r", b"/*")
)


def _messages() -> st.SearchStrategy[dict[str, Any]]:
    """Return valid messages with a content, and members added."""
    public = st.fixed_dictionaries({"type": st.just("message"), "content": _CONTENTS})
    private = st.fixed_dictionaries({"type": st.just("private_message"), "target": _TARGETS, "content": _CONTENTS})
    return st.builds(lambda message, extra: message | extra, st.one_of(public, private), _EXTRA)


def _wrong(draw: _Draw) -> dict[str, Any]:
    """Draw a message with one member that is wrong, or is not."""
    message = valid(draw(st.sampled_from(_TYPES)))
    member = draw(st.sampled_from(tuple(message)))
    types = st.sampled_from((*SERVER_TYPES, *CLIENT_TYPES[1:]))
    values = {"type": types, "target": st.sampled_from(tuple(invalid_names()))}.get(member, _VALUES)
    return message | {member: draw(st.one_of(_VALUES, values))}


def _mutated(draw: _Draw) -> bytes:
    """Draw a valid frame in which a few bytes are taken out, doubled or replaced."""
    frame = encoded(valid(draw(st.sampled_from(_TYPES))))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(frame)))
        length = draw(st.integers(0, 6))
        put = draw(st.one_of(_JUNK, st.just(b""), st.just(frame[at : at + length] * 2)))
        frame = frame[:at] + put + frame[at + length :]
    return frame


@st.composite
def drawn_act(draw: _Draw) -> Act:
    """Draw an act of a joined connection: valid in most cases, else a message with a wrong member, or bytes."""
    form = draw(st.sampled_from(("valid", "valid", "valid", "wrong", "mutated", "junk")))
    if form in ("mutated", "junk"):
        raw = _mutated(draw) if form == "mutated" else draw(st.binary(min_size=1, max_size=40))
        pattern = raw.replace(b"\n", b" ")
        return Act("", "", f"drawn: {shown(pattern)}", lambda room: fill(pattern, room), form)
    message = draw(_messages()) if form == "valid" else _wrong(draw)
    return _spelt(message, draw(st.sampled_from(("plain", "plain", *SPELLINGS))))


def _spelt(message: dict[str, Any], spelling: str) -> Act:
    spell, pattern = SPELLINGS.get(spelling, plain), encoded(message)
    kind = message["type"] if message["type"] in _TYPES else ""

    def write(room: Room) -> bytes:
        return spell(json.loads(fill(pattern, room)))

    return Act(kind, "", f"drawn: {shown(pattern)}", write, spelling)


def drawn_acts(seed: int, count: int) -> list[Act]:
    """Return so many drawn acts of a joined connection, the same ones for a seed and no two alike."""
    return _drawn(drawn_act(), seed, count)


class _Lives:
    """A history as far as it has come: who is connected, who holds a name, which leaves are still to be told."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.live: list[int] = []
        self._opened = 0
        self._holders: dict[int, int] = {}
        self._left: set[int] = set()

    def open(self) -> None:
        self.events.append(Event(self._opened, Do.OPEN))
        self.live.append(self._opened)
        self._opened += 1

    @property
    def may_open(self) -> bool:
        return self._opened < _CONNECTIONS

    def join(self, actor: int, name: int) -> None:
        if name in self._left:
            self.events.append(Event(actor, Do.AWAIT_LEAVE, name))
            self._left.remove(name)
        if name not in self._holders.values():
            self._holders.setdefault(actor, name)
        self.events.append(Event(actor, Do.JOIN, name))

    def end(self, event: Event) -> None:
        self.live.remove(event.actor)
        if event.actor in self._holders:
            self._left.add(self._holders.pop(event.actor))
        self.events.append(event)


_CONNECTIONS = 4
_STEPS = ("join", "join", "send", "send", "send", "send", "end", "end behind", "reset", "half")


@st.composite
def drawn_history(draw: _Draw) -> History:
    """Draw a history of up to 4 connections that share 2 names; a name is joined under again after its leave only."""
    lives = _Lives()
    for _ in range(draw(st.integers(6, 16))):
        if not lives.live or (lives.may_open and draw(st.booleans())):
            lives.open()
            if draw(st.integers(0, 3)):
                lives.join(lives.live[-1], draw(st.integers(0, 1)))
        else:
            _step(draw, lives)
    return History(f"drawn: {'; '.join(map(str, lives.events))}", tuple(lives.events))


def _step(draw: _Draw, lives: _Lives) -> None:
    actor, name, step = draw(st.sampled_from(lives.live)), draw(st.integers(0, 1)), draw(st.sampled_from(_STEPS))
    if step == "join":
        lives.join(actor, name)
    elif step == "send":
        what = draw(st.sampled_from((PUBLIC, PRIVATE, PRIVATE, BAD)))
        lives.events.append(Event(actor, Do.SEND, name, what, behind=draw(st.booleans())))
    else:
        if step == "half":
            lives.events.append(Event(actor, Do.HALF, act=CUT))
        # A reset waits: the server may lose what it has not read, and nobody would know who is joined.
        lives.end(Event(actor, Do.RESET if step == "reset" else Do.FIN, behind=step == "end behind"))


def drawn_histories(seed: int, count: int) -> list[History]:
    """Return so many drawn histories, the same ones for a seed and no two alike."""
    return _drawn(drawn_history(), seed, count)


def _drawn(strategy: st.SearchStrategy[_Labelled], seed: int, count: int) -> list[_Labelled]:
    """Draw values with different labels; each example of Hypothesis is a list, or most of the time would be its own."""
    found: dict[str, _Labelled] = {}
    lists = st.lists(strategy, min_size=_AT_ONCE, max_size=_AT_ONCE)
    for attempt in range(_MOST_ATTEMPTS):
        missing = count - len(found)
        if missing <= 0:
            break
        # The first example of a run is always the simplest.
        for one in _examples(lists, seed + attempt, 2 + missing // _AT_ONCE):
            found.setdefault(one.label, one)
    return list(found.values())[:count]


def _examples(lists: st.SearchStrategy[list[_Labelled]], seed: int, count: int) -> list[_Labelled]:
    """Return the elements of so many lists."""
    drawn: list[_Labelled] = []

    @seeded(seed)
    @settings(
        max_examples=count,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(lists)
    def collect(examples: list[_Labelled]) -> None:
        drawn.extend(examples)

    collect()
    return drawn
