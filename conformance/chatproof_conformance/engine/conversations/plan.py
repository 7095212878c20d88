"""Which conversations a run has: each act in some way, and each pair of values of the dimensions at least once."""

import itertools
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chatproof_conformance.core.situations import Cell
from chatproof_conformance.space.conversation.acts import PLAIN, Act, Asked, OfServer, shown
from chatproof_conformance.space.conversation.messages import TYPES, valid_message
from chatproof_conformance.space.conversation.script import (
    Answers,
    End,
    Opening,
    Reading,
    Script,
    Stage,
)
from chatproof_conformance.space.conversation.server_acts import ALIKE, OWN, filled, server_acts
from chatproof_conformance.space.conversation.user_acts import user_acts
from chatproof_conformance.space.covering import covering
from chatproof_conformance.space.names import invalid_names, valid_names
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_conformance.space.spellings import SPELLINGS, plain

from chatproof_conformance.space.conversation.acts import Said  # isort: skip

_SLOW = (Segmentation.BYTES, Segmentation.PAUSE_50, Segmentation.PAUSE_300, Segmentation.PAUSE_1500)
_QUICK = [kind for kind in Segmentation if kind not in _SLOW and kind is not Segmentation.CR_LF]
_USERS = ("says nothing", "speaks", "whispers")
_STAGES = 6
_CHAIN = 12
_FRESH_NAMES, _FRESH_INVALID = 24, 24
_AT_EACH_BYTE = 12
_REPLIES = 12
_JOINING = [Opening.JOINED, Opening.AT_ONCE, Opening.WAITING, Opening.REFUSED, Opening.REFUSED_TWICE]
_OTHERS: Mapping[Opening, tuple[str, ...]] = {
    Opening.REFUSED: ("first",),
    Opening.REFUSED_TWICE: ("first", "second one"),
}
"""The names that are refused first."""
_NOT_JOINING = (Opening.REFUSED_FOR_GOOD, Opening.UNANSWERED, Opening.CONNECTED)
_REFUSALS: Sequence[Mapping[str, Any]] = (
    {"message": "Username already taken", "code": "username_taken"},
    {"message": "No room left for anyone", "code": "server_full"},
    {"message": "That is no name"},
    {"message": "Zu früh, 🙂 «später»", "code": "username_invalid"},
    {"message": "Only members may enter", "code": "username_invalid", "until": "18:00"},
    {"message": "Kicked", "code": "username_taken", "retry_after": 30, "hint": {"try": ["bob"]}},
    {"message": f"{OWN} joined the chat", "code": "username_taken"},
)
STAGES: Mapping[str, Sequence[Any]] = {
    "kind": [*server_acts(), *user_acts()],
    "spelling": [PLAIN, *SPELLINGS],
    "segmentation": _QUICK,
    "user": list(_USERS),
    "answers": list(Answers),
    "reading": list(Reading),
}
"""The dimensions of a stage."""
_ENDS = [end for end in End if end is not End.INPUT_ENDS]
"""After that one, the process has ended, too."""
SCRIPTS: Mapping[str, Sequence[Any]] = {"opening": _JOINING, "end": _ENDS}
"""The dimensions of a conversation whose client joins."""


def smoke() -> Iterator[Script]:
    """Yield a few conversations with one act of each kind: most faulty clients show themselves here."""
    said = {kind: acts[0] for kind, acts in server_acts().items()}
    asked = {kind: acts[0] for kind, acts in user_acts().items()}
    first = (said["types"], said["texts"], said["undelivered"], said["unknown members"], asked["said"])
    yield Script(OWN, stages=(Stage(first, segmentation=Segmentation.PER_FRAME), Stage((said["bad"], said["types"]))))
    yield Script(OWN, Opening.REFUSED, (Stage((*user_acts()["said"][:3],)),), End.FIN, others=("taken",))
    types = tuple(Said(f"{kind}: smoke", valid_message(kind, f"smoke {kind}")) for kind in TYPES)
    yield Script(OWN, stages=(Stage(types, segmentation=Segmentation.MIDDLE), Stage(types)), end=End.RESET)
    yield Script(OWN, Opening.REFUSED_FOR_GOOD, end=End.FIN)
    long = [
        act for act in user_acts()["lengths"] if "1 of 1" in act.label or "longest" in act.label or "1100" in act.label
    ]
    yield Script(OWN, stages=(Stage(tuple(long[:4])),), end=End.LEAVE_TALKING)


def overdue() -> Iterator[Script]:
    """Yield joins after refusals, with errors that come only then about what was said too early."""
    talk = Stage((user_acts()["said"][0],))
    yield from (
        Script(OWN, opening, (talk,), others=others, early=_HASTY, overdue=True) for opening, others in _OTHERS.items()
    )


def plan(seed: int) -> Iterator[Script]:
    """Yield the conversations of a run, in order."""
    chance = random.Random(seed)  # noqa: S311  repeatable chance, no secret
    yield from smoke()
    yield from overdue()
    yield from replies()
    parts = [list(part) for part in (ends(chance), bulk(chance), cut_anywhere(), names(chance))]
    met = {(script.opening, script.end) for part in parts for script in part}
    lacking = (pair for pair in itertools.product(_JOINING, _ENDS) if pair not in met)
    parts.append([Script(OWN, opening, (), end, _OTHERS.get(opening, ())) for opening, end in lacking])
    yield from _interleaved([part for part in parts if part])


def _interleaved(parts: Sequence[Sequence[Script]]) -> Iterator[Script]:
    """Yield the conversations of all parts so that each part is at about the same point all the time."""
    placed = [((at + 0.5) / len(part), number, at) for number, part in enumerate(parts) for at in range(len(part))]
    yield from (parts[number][at] for _, number, at in sorted(placed))


def stages(chance: random.Random) -> list[Stage]:
    """Return stages that have each act once and cover the pairs of all dimensions."""
    rows = covering(STAGES, chance.randrange(1 << 30))
    chance.shuffle(rows)
    listed: dict[str, Sequence[Act]] = {**server_acts(), **user_acts()}
    kinds = {kind: list(acts) for kind, acts in listed.items()}
    talk = itertools.cycle(user_acts()["said"])
    shares = _shares(rows, kinds)
    return [
        # If each act of its kind has had its turn, one has another.
        _stage(row, kinds[row["kind"]] or [chance.choice(listed[row["kind"]])], share, talk)
        for row, share in zip(rows, shares, strict=True)
    ]


def _shares(rows: Sequence[Mapping[str, Any]], kinds: Mapping[str, Sequence[Act]]) -> list[int]:
    """Return how many acts each row gets; one whose stream comes in many pieces gets few."""
    weights = [1 if row["segmentation"] is Segmentation.CHUNKS_7 else 4 for row in rows]
    total: dict[str, int] = dict.fromkeys(kinds, 0)
    for row, weight in zip(rows, weights, strict=True):
        total[row["kind"]] += weight
    return [
        max(1, -(-len(kinds[row["kind"]]) * weight // total[row["kind"]]))
        for row, weight in zip(rows, weights, strict=True)
    ]


def _stage(row: Mapping[str, Any], pool: list[Act], share: int, talk: Iterator[Asked]) -> Stage:
    taken = [pool.pop(0) for _ in range(min(share, len(pool)))]
    acts = list(_between(taken)) if row["kind"] in ("bad", "vectors", "open") else taken
    for _ in range(3 if row["user"] != _USERS[0] else 0):
        whispers = row["user"] == _USERS[2]
        act = next(one for one in talk if (one.target is not None) is whispers)
        acts.insert(len(acts) // 2, act)
    return Stage(
        tuple(acts),
        row["spelling"],
        row["segmentation"],
        answers=row["answers"],
        reading=row["reading"],
    )


def _between(acts: Iterable[Act]) -> Iterator[Act]:
    """Yield acts, a plain message after each: a bad frame may be told together with those next to it."""
    for place, act in enumerate(acts):
        yield act
        yield Said("types between: a message", valid_message("message", f"good {place}"))


def bulk(chance: random.Random) -> Iterator[Script]:
    """Yield conversations that have all stages, in scripts that cover the pairs of opening and end."""
    rows = itertools.cycle(_shuffled(covering(SCRIPTS, chance.randrange(1 << 30)), chance))
    all_stages = stages(chance)
    for at in range(0, len(all_stages), _STAGES):
        yield _opened(next(rows), tuple(all_stages[at : at + _STAGES]), chance)


def _opened(row: Mapping[str, Any], some: tuple[Stage, ...], chance: random.Random) -> Script:
    opening = row["opening"]
    first = _before_notice(opening, chance) if opening in (Opening.WAITING, Opening.AT_ONCE) else None
    others = _OTHERS.get(opening, ())
    return Script(OWN, opening, some, row["end"], others, first, refusal=tuple(chance.choice(_REFUSALS).items()))


def _before_notice(opening: Opening, chance: random.Random) -> Stage:
    """Return what a server says before, or together with, the notice of the join."""
    acts = server_acts()
    fitting = [acts["texts"][0], chance.choice(acts["bad"]), chance.choice(acts["names"])]
    if opening is Opening.AT_ONCE:
        fitting += [
            chance.choice(acts["types"]),
            Said("system: who is here", valid_message("system", "Here: bob, carol")),
        ]
    fitting = [act for act in fitting if not (isinstance(act, Said) and _answers(opening, act))]
    chance.shuffle(fitting)
    return Stage(tuple(fitting))


def _answers(opening: Opening, act: Said) -> bool:
    """Whether a message would be taken for the answer to a join."""
    return opening is Opening.WAITING and act.message["type"] in ("system", "error")


def ends(chance: random.Random) -> Iterator[Script]:
    """Yield every end after every opening, with little before it; and what is said before a join is answered."""
    plain_stage = Stage((server_acts()["types"][0], user_acts()["said"][0], user_acts()["said"][1]))
    for end in _ENDS:
        yield from (
            Script(OWN, opening, end=end, refusal=tuple(chance.choice(_REFUSALS).items())) for opening in _NOT_JOINING
        )
        yield Script(OWN, stages=(plain_stage,), end=end)
    hasty = _HASTY
    yield Script(OWN, stages=(plain_stage,), end=End.INPUT_ENDS)
    yield Script(OWN, Opening.UNANSWERED, end=End.LEAVE, early=hasty)
    bad = Stage(tuple(chance.sample(server_acts()["bad"], 3)))
    half_notice = Stage((_half_notice(),))
    for opening in _JOINING:
        others = _OTHERS.get(opening, ())
        yield Script(OWN, opening, (), End.LEAVE, others, bad, early=hasty)
        yield Script(OWN, opening, (plain_stage,), End.FIN, others, half_notice, early=hasty[1:2])
        yield Script(OWN, opening, (plain_stage,), End.LEAVE, others, hasty=hasty)
    for refusal in _REFUSALS:
        yield Script(OWN, Opening.REFUSED_FOR_GOOD, end=End.FIN, refusal=tuple(refusal.items()))
        yield Script(OWN, Opening.REFUSED_FOR_GOOD, end=End.LEAVE, refusal=tuple(refusal.items()))


_HASTY = (
    Asked("whisper: early", "can you hear me?", "bob"),
    Asked("say: early", "good morning"),
    Asked("whisper: early again", "are you there?", "carol", delivered=False),
    Asked("say: early again", "anyone?"),
)
"""What a user says before it has joined: a client may keep it, in its order."""


def _half_notice() -> OfServer:
    from chatproof_conformance.space.conversation.acts import Raw  # noqa: PLC0415

    return Raw("bad, system: half a join notice", b'{"type":"system","message":"' + OWN.encode() + b" joined")


def cut_anywhere() -> Iterator[Script]:
    """Yield conversations in which two frames are cut at every byte."""
    first = valid_message("message", "0000 é🙂")
    second = valid_message("server", "0000 中\\")
    length = len(plain(first)) + len(plain(second)) + 2
    some = []
    for start in range(1, length, _AT_EACH_BYTE):
        acts, cuts = [], []
        for place in range(start, min(length, start + _AT_EACH_BYTE)):
            cuts.append((place - start) * length + place)
            acts += [
                Said("message: cut", {**first, "content": f"{place:04} é🙂"}),
                Said("server: cut", {**second, "message": f"{place:04} 中\\"}),
            ]
        some.append(Stage(tuple(acts), cuts=tuple(cuts)))
    for at in range(0, len(some), _STAGES):
        yield Script(OWN, stages=tuple(some[at : at + _STAGES]), end=End.FIN)


def names(chance: random.Random) -> Iterator[Script]:
    """Yield joins under names: some on a connection of their own, all after refusals on one connection."""
    right = [filled(name) for name in valid_names()]
    right += ["a+b", "c++", "(x", "[a", "a.b", "a|b", "\\d", "^a$", "$1", "%s", "{0}"]
    right += ["joined", "joined the chat", "system", "error", "null", "a", "message", "harness", "bob", "constructor"]
    wrong = [filled(name) for name in invalid_names()]
    chance.shuffle(right)
    ends_of = itertools.cycle((End.LEAVE, End.FIN, End.LEAVE, End.RESET))
    small = Stage((server_acts()["types"][0], user_acts()["said"][0]))
    for name in (*right[:_FRESH_NAMES], "joined", "joined the chat", "system"):
        yield Script(name, stages=(small,), end=next(ends_of))
    for notice in ("Welcome, {}!", "* {} has entered", "Say hello to {}", "{} est arriv\u00e9", "{}"):
        yield Script(OWN, stages=(small,), end=next(ends_of), notice=notice)
        yield Script(OWN, Opening.AT_ONCE, (small,), next(ends_of), first=small, notice=notice)
    for at in range(0, len(right), _CHAIN):
        chain = right[at : at + _CHAIN]
        yield Script(chain[-1], Opening.REFUSED_TWICE, (small,), next(ends_of), tuple(chain[:-1]))
    for at in range(0, len(wrong), _CHAIN):
        end = next(ends_of)
        yield Script(OWN, Opening.REFUSED, (small,), end, ("taken",), wrong=tuple(wrong[at : at + _CHAIN]))
    ends_of_lines = [name for name in wrong if name.endswith("\n")]
    for name in (*ends_of_lines[:2], *chance.sample(wrong, _FRESH_INVALID)):
        yield Script(name, stages=(small,), end=next(ends_of))


def replies() -> Iterator[Script]:
    """Yield conversations in which the user speaks after what a client may take for news of its own, or of a target."""
    talk = itertools.cycle(user_acts()["said"])
    misleading = [*server_acts()["notices"], *server_acts()["errors"]]
    some = [Stage(tuple(act for one in part for act in (one, next(talk)))) for part in _parts(misleading, _REPLIES)]
    yield Script(OWN, stages=tuple(some), end=End.LEAVE)
    yield Script(OWN, stages=tuple(Stage(tuple(_to_each_other(group))) for group in ALIKE), end=End.FIN)


def _to_each_other(names_alike: Sequence[str]) -> Iterator[Act]:
    """Yield a message of each of these people, and behind it a private one to each who has nearly the same name."""
    for one in names_alike:
        yield Said(f"names alike in message: {shown(one)}", {**valid_message("message", "here"), "username": one})
        for other in names_alike:
            if other != one:
                content = f"for {other} beside {one}"
                yield Asked(f"target alike: {shown(other)}", content, other, to_self=other == OWN)


def _parts(acts: Sequence[Act], size: int) -> Iterator[Sequence[Act]]:
    return (acts[at : at + size] for at in range(0, len(acts), size))


def cells_of(script: Script, reached: int) -> Iterator[Cell]:
    """Yield the cells that a script reaches with its first so many stages."""
    yield "opening", script.opening.value, "end", script.end.value
    for stage in script.stages[:reached]:
        values = {
            "spelling": stage.spelling,
            "segmentation": "any byte" if stage.cuts is not None else stage.segmentation.value,
            "answers": stage.answers.value,
            "reading": stage.reading.value,
        }
        for one, other in itertools.combinations(values, 2):
            yield one, values[one], other, values[other]
        for kind in dict.fromkeys(act.kind for act in stage.acts):
            for name, value in values.items():
                yield "act", kind, name, value


def planned_pairs() -> Iterator[Cell]:
    """Yield the cells of the dimensions that a run means to reach, but those of acts."""
    shown = {
        "opening": [opening.value for opening in Opening],
        "end": [end.value for end in _ENDS],
    }
    yield from (("opening", one, "end", other) for one, other in itertools.product(shown["opening"], shown["end"]))
    values = {
        name: [getattr(v, "value", v) for v in STAGES[name]]
        for name in ("spelling", "segmentation", "answers", "reading")
    }
    for one, other in itertools.combinations(values, 2):
        yield from ((one, left, other, right) for left, right in itertools.product(values[one], values[other]))


def _shuffled(rows: list[Any], chance: random.Random) -> list[Any]:
    chance.shuffle(rows)
    return rows
