"""Which of the planned waves put a section to the test: the others can wait while its author works on that section."""

import functools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace

from chatproof_conformance.engine.exploration.plan import NAMES_ALIKE, Wave
from chatproof_conformance.judges.server.client_frames import Verb, read_client_frame
from chatproof_conformance.space.act import Act
from chatproof_conformance.space.histories import Do, History
from chatproof_conformance.space.refused_acts import refused_acts
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import End, Script, State
from chatproof_conformance.wire.framing import is_blank
from chatproof_schemas import requirements

HISTORIES = frozenset(("LEAVE", "ORDER", "JOIN-4", "JOIN-5", "JOIN-6", "JOIN-10", "JOIN-11", "JOIN-13"))
"""The sections and requirements that histories put to the test more than waves do."""
LANES = frozenset(
    ("LEAVE", "ORDER", "LOAD", "SERVER", "STOP", "TIME", "FRAME-2", "FRAME-5", "JOIN-6", "JOIN-12", "CLUSTER")
)
"""Those that lanes put to the test more than waves do."""
_SMOKE = 2
_MOST, _MOST_BESIDE = 14, 4
"""Waves besides the smoke; of more, some are left out evenly. Beside what lanes show, the second number."""
_ALL = frozenset(("FRAME-2", "FRAME-3", "FRAME-4", "FRAME-5", "FRAME-6", "FRAME-7"))
"""What any frame may put to the test, whatever it says."""


_SAMPLE = Room("token", "own", ("present", "other", "third"))
_ANY = frozenset(requirements())
_PRIVATE = frozenset(id_ for id_ in _ANY if id_.startswith(("PRIVATE-", "CONFIRM-")))
_REFUSED_NAMES = frozenset(("JOIN-4", "JOIN-5", "JOIN-10"))
_JOINED = frozenset((State.JOINED, State.JOINED_AFTER_ERROR, State.JOINED_AFTER_REFUSED_JOIN))
_WITHOUT_REFUSED_JOIN = {
    State.JOINED_AFTER_REFUSED_JOIN: State.JOINED_AFTER_ERROR,
    State.AFTER_REFUSED_JOIN: State.AFTER_ERROR,
}
_WITHOUT_ERROR = {State.JOINED_AFTER_ERROR: State.JOINED, State.AFTER_ERROR: State.NOT_JOINED}


def refuses_names(ids: Iterable[str]) -> bool:
    """Whether requirements are among these by which a server refuses a name."""
    return not _REFUSED_NAMES.isdisjoint(ids)


def _is_of(*types: str) -> Callable[[Act], bool]:
    return lambda act: act.type in types


@functools.cache
def _refused() -> frozenset[str]:
    return frozenset(act.label for acts in refused_acts().values() for act in acts)


_ACTS: Mapping[str, Callable[[Act], bool]] = {
    "JOIN": _is_of("join"),
    "PUBLIC": _is_of("message"),
    "PRIVATE": _is_of("private_message"),
    "CONFIRM": _is_of("private_message"),
    "ERROR": lambda act: act.label in _refused(),
}
"""By section, which acts put it to the test; what is not here has lanes or histories."""


def focused(waves: Iterable[Wave], ids: Iterable[str], built: Collection[str] | None = None) -> Iterator[Wave]:
    """Yield the smoke, and what of the other waves puts these requirements to the test.

    ``built`` are those that a server in the making may keep already: no wave needs others. None: it is whole.
    """
    wanted_ids = {*ids}
    sections = {id_.split("-")[0] for id_ in wanted_ids}
    wanted = [_ACTS[section] for section in sections if section in _ACTS]
    kept, rest = [], []
    for number, wave in enumerate(waves):
        if number < _SMOKE or ("JOIN-7" in wanted_ids and _has_names_alike(wave)):  # nothing else shows JOIN-7
            kept.append(wave)
        elif wanted_ids & _ALL:
            rest.append(wave)
        elif scripts := [part for script in wave if (part := _part(script, wanted)) is not None]:
            rest.append(scripts)
    if built is not None:
        kept, rest = ([scripts for wave in some if (scripts := _needing(wave, built))] for some in (kept, rest))
    most = _MOST_BESIDE if wanted_ids <= LANES else _MOST
    chosen = rest[:: -(-len(rest) // most) or 1]
    yield from kept
    yield from chosen
    yield from _lacking(wanted_ids, (*kept, *chosen), rest)


def _needing(wave: Wave, built: Collection[str]) -> Wave:
    """Return what of a wave needs no more of a server than it has by then."""
    found = []
    for one in wave:
        state = one.state if refuses_names(built) else _WITHOUT_REFUSED_JOIN.get(one.state, one.state)
        state = state if "ERROR-1" in built else _WITHOUT_ERROR.get(state, state)
        is_joined = state in _JOINED
        acts = tuple(act for act in one.acts if not _needed(act, is_joined=is_joined).isdisjoint(built))
        may_join = one.join is None or not _needed(one.join, is_joined=False).isdisjoint(built)
        # A join of its own is an act, too.
        if may_join and (acts or (is_joined and (one.join is not None or not one.acts))):
            found.append(replace(one, state=state, acts=acts))
    return found


def is_within(history: History, built: Collection[str]) -> bool:
    """Whether a history needs no more of a server than it has by then."""
    held: dict[int, int] = {}
    for event in history.events:
        if event.do is Do.JOIN:
            needs = "JOIN-10" if event.actor in held else "JOIN-4" if event.name in held.values() else "JOIN-1"
            held.setdefault(event.actor, event.name)
        elif event.do in (Do.FIN, Do.RESET):
            needs = "LEAVE-2" if event.do is Do.RESET else "LEAVE-1"
            held.pop(event.actor, None)
        else:
            needs = "LEAVE-4" if event.do is Do.AWAIT_LEAVE else "FRAME-2" if event.do is Do.HALF else "JOIN-1"
        is_sent = event.do is Do.SEND and event.act is not None
        if needs not in built or (is_sent and _needed(event.act, is_joined=event.actor in held).isdisjoint(built)):
            return False
    return True


@functools.cache
def _needed(act: Act, *, is_joined: bool) -> frozenset[str]:
    """Return the requirements one of which an act puts to the test, in a state."""
    if is_blank((frame := act.write(_SAMPLE)) + b"\n"):
        return frozenset(("FRAME-7",))
    reading = read_client_frame(frame)
    if reading.refusable or not reading.messages:
        return frozenset((reading.requirement,))
    asked = reading.messages[0]
    if asked.verb is Verb.JOIN:
        return frozenset(("JOIN-10",) if is_joined else ("JOIN-4", "JOIN-5") if asked.name in _SAMPLE.present else _ANY)
    if not is_joined:
        return frozenset(("JOIN-9",))
    return _PRIVATE if asked.verb is Verb.PRIVATE else _ANY


def _lacking(wanted_ids: set[str], chosen: Iterable[Wave], rest: Iterable[Wave]) -> Iterator[Wave]:
    """Yield waves that put to the test, by an act, what is wanted and what those that were chosen do not."""
    seen = {id_ for wave in chosen for id_ in _tested(wave)}
    for wave in rest:
        if new := (_tested(wave) & wanted_ids) - seen:
            seen |= new
            yield wave


def _tested(wave: Wave) -> set[str]:
    certain = [script for script in wave if script.end is not End.RESET]  # else an answer may be lost
    acts = (act for script in certain for act in script.acts if script.state in _JOINED or act.type == "join")
    return {id_ for act in acts for id_ in _forms(act)}


@functools.cache
def _forms(act: Act) -> frozenset[str]:
    """Return the requirements that an act puts to the test by its form."""
    if is_blank((frame := act.write(_SAMPLE)) + b"\n"):
        return frozenset(("FRAME-7",))
    reading = read_client_frame(frame)
    if reading.refusable and reading.messages:
        return frozenset()  # it may be handled or refused
    return frozenset((*reading.features, reading.requirement)) - {""}


def _has_names_alike(wave: Wave) -> bool:
    return any(script.join is not None and script.join.value.startswith(NAMES_ALIKE) for script in wave)


def _part(script: Script, wanted: Iterable[Callable[[Act], bool]]) -> Script | None:
    """Return a script with the acts that are wanted; None if neither they nor its join are."""
    acts = tuple(act for act in script.acts if any(fits(act) for fits in wanted))
    by_join = script.join is not None and any(fits(script.join) for fits in wanted)
    return replace(script, acts=acts) if acts or by_join else None
