"""The rounds of a run: which scripts go together into which wave, so that each value and each pair of values is met."""

import functools
import itertools
import random
import string
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, TypeVar

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.acts import acts, one_of_each, repeatable
from chatproof_conformance.space.covering import covering
from chatproof_conformance.space.joins import join_acts
from chatproof_conformance.space.names import related_names
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import End, Script, State, message
from chatproof_conformance.space.segmentation import Segmentation, cut

T = TypeVar("T")
Row = dict[str, Any]
Wave = list[Script]

SECOND_JOINS = "second joins"
NAMES_ALIKE = "one of the names alike"
"""How the value of an act begins that is about one of several names that are nearly the same."""
_JOINED_AT_ONCE = 8
_FRESH_AT_ONCE = 24
_FRESH_ACTS = 14
_NAMES_AT_ONCE = 10
_GROUPS_AT_ONCE = 8
_DRAWN = 100
_TIMES = 130
"""More than any round number up to a hundred and its like in powers of two."""
_CUT_ACTS = 16
_SAMPLE = Room("token", "own", ("present", "other"))
_SLOW = (Segmentation.BYTES, Segmentation.PAUSE_50, Segmentation.PAUSE_300, Segmentation.PAUSE_1500)
QUICK = [kind for kind in Segmentation if kind not in _SLOW]
JOINED: Mapping[str, Sequence[Any]] = {
    "segmentation": QUICK,
    "line end": [b"\n", b"\r\n", b" \t\n"],
    "state": [State.JOINED, State.JOINED_AFTER_ERROR, State.JOINED_AFTER_REFUSED_JOIN],
    "end": list(End),
}
FRESH: Mapping[str, Sequence[Any]] = {
    "segmentation": QUICK,
    "line end": [b"\n", b"\r\n", b" \t\n"],
    "state": [State.NOT_JOINED, State.AFTER_ERROR, State.AFTER_REFUSED_JOIN],
    "end": [End.FIN, End.RESET],
}


def plan_rounds(seed: int, *, shared: bool) -> Iterator[Wave]:
    """Yield the waves of a run, in order: a smoke, then each act in each of many ways, names, acts before a join.

    On a ``shared`` server nobody joins under a name that others may have, too.
    """
    chance = random.Random(seed)  # noqa: S311  repeatable chance, no secret
    yield from smoke()
    yield from joined_waves(chance, one_of_each(chain.from_iterable(acts().values()), chance, apart=("content",)))
    yield from cut_waves(chance)
    yield from name_waves(chance, shared=shared)
    yield from related_waves()
    yield from fresh_waves(chance)
    yield from repeated_waves()


def drawn_round(seed: int) -> Iterator[Wave]:
    """Yield waves of acts beyond the lists, drawn from the same dimensions."""
    from chatproof_conformance.space.drawn import drawn_acts  # noqa: PLC0415  Hypothesis takes a while to import

    yield from joined_waves(random.Random(seed), drawn_acts(seed, _DRAWN))  # noqa: S311  as above


def smoke() -> Iterator[Wave]:
    """Yield two waves with one act of each kind, joined and not: most faulty servers show themselves here."""
    kinds = acts()
    yield [Script(acts=tuple(members[0] for members in kinds.values()), segmentation=Segmentation.PER_FRAME)]
    yield [_fresh(tuple(members[0] for kind, members in kinds.items() if kind != SECOND_JOINS))]


def _fresh(members: Sequence[Act], **dimensions: object) -> Script:
    return Script(**{"state": State.NOT_JOINED, **dimensions}, acts=tuple(members))  # type: ignore[arg-type]


def joined_waves(chance: random.Random, members: list[Act]) -> Iterator[Wave]:
    """Yield waves in which joined clients send each act once, in scripts that cover the pairs of all else."""
    rows = covering(JOINED, chance.randrange(1 << 30))
    yield from _batches(_scripts(rows, members), _JOINED_AT_ONCE)


def _scripts(rows: Sequence[Row], members: Sequence[Act]) -> list[Script]:
    """Return a script for each row; acts of one kind, which stand together, come into different ones."""
    hands = [number for number, row in enumerate(rows) for _ in range(_share(row))]
    dealt: list[list[Act]] = [[] for _ in rows]
    for act, hand in zip(members, itertools.cycle(hands)):
        dealt[hand].append(act)
    return [
        Script(row["state"], tuple(acts), None, row["segmentation"], row["line end"], row["end"])
        for row, acts in zip(rows, dealt, strict=True)
    ]


def _share(row: Row) -> int:
    """Return how many acts a script gets at a time: one in many pieces takes long."""
    return 1 if row["segmentation"] is Segmentation.CHUNKS_7 else 4


def cut_waves(chance: random.Random) -> Iterator[Wave]:
    """Yield a wave of acts that can be cut where few can: inside a character, an escape, or after a brace."""
    members = list(chain.from_iterable(acts().values()))
    chance.shuffle(members)
    wave: Wave = []
    for kind in (Segmentation.IN_CHARACTER, Segmentation.IN_ESCAPE, Segmentation.BRACE):
        fitting = (act for act in members if len(cut([act.write(_SAMPLE) + b"\n"], kind)) > 1)
        wave.append(Script(acts=tuple(itertools.islice(fitting, _CUT_ACTS)), segmentation=kind))
    yield wave


def fresh_waves(chance: random.Random) -> Iterator[Wave]:
    """Yield waves in which clients that have not joined send the acts, and join afterwards."""
    members = one_of_each(chain.from_iterable(these for kind, these in acts().items() if kind != SECOND_JOINS), chance)
    joins = join_acts()
    members += [*joins["invalid"], *joins["refused"]]
    chance.shuffle(members)
    rows = covering(FRESH, chance.randrange(1 << 30))
    rows = list(itertools.islice(itertools.cycle(rows), -(-len(members) // _FRESH_ACTS)))
    yield from _batches(_scripts(rows, members), _FRESH_AT_ONCE)


def name_waves(chance: random.Random, *, shared: bool) -> Iterator[Wave]:
    """Yield waves of joins, each the first frame of its connection: valid names, and such as must be refused."""
    joins = join_acts()
    kinds = acts()
    said = [next(iter(members)) for members in kinds.values()][:2]
    right = [*joins["valid"], *joins["spelt"], *(() if shared else joins["meaningful"])]
    scripts = [Script(join=join, acts=tuple(said)) for join in right]
    scripts += [_fresh((join,)) for join in (*joins["invalid"], *joins["refused"])]
    chance.shuffle(scripts)
    yield from _batches(scripts, _NAMES_AT_ONCE)


def repeated_waves() -> Iterator[Wave]:
    """Yield waves in which each client sends one act again and again, joined or not: a server may count anything."""
    repeated = Script(segmentation=Segmentation.PER_FRAME, times=_TIMES)
    scripts = [replace(repeated, acts=(one,)) for one in repeatable()]
    scripts += [replace(script, state=State.NOT_JOINED) for script in scripts]
    yield from _batches(scripts, _FRESH_AT_ONCE)


def related_waves() -> Iterator[Wave]:
    """Yield waves of users whose names are nearly the same, each of whom writes to the next."""
    sizes = [len(names) for _, names in related_names(Room("token", "own", ("present",)))]
    groups = [_related(group, size) for group, size in enumerate(sizes)]
    yield from (list(chain.from_iterable(some)) for some in _batches(groups, _GROUPS_AT_ONCE))


def _related(group: int, size: int) -> Wave:
    """Return a script for each name of a group; they share a word, which the first of them to be written chooses."""

    @functools.cache
    def names(token: str) -> tuple[str, Sequence[str]]:
        return related_names(Room(f"{token}r{group}", "", ("present",)))[group]

    def act(kind: str, place: int, **members: str) -> Act:
        def write(room: Room) -> bytes:
            token = room.token.rstrip(string.digits + "x")
            name = names(token)[1][place % size]
            return message(**{key: value or name for key, value in members.items()})

        return Act(members["type"], kind, f"{NAMES_ALIKE} {group}.{place}", write)

    return [
        Script(
            join=act("username", place, type="join", username=""),
            acts=(act("target", place + 1, type="private_message", target="", content="to one of us"),),
        )
        for place in range(size)
    ]


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    batch: list[T] = []
    for item in items:
        batch.append(item)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
