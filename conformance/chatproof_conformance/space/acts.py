"""All acts of a joined connection, by kind."""

import functools
import json
import random
import re
from collections.abc import Collection, Iterable, Iterator

from chatproof_conformance.space.act import Act
from chatproof_conformance.space.names import invalid_names
from chatproof_conformance.space.patterns import act, encoded, shown
from chatproof_conformance.space.refused_acts import refused_acts
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.valid_acts import added_acts, sized_acts, spelt_acts, valid_acts
from chatproof_conformance.space.values import valid
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, FrameVerdict, Vector, vectors

_BLANK = {
    "empty": b"",
    "space": b" ",
    "spaces": b"   ",
    "tab": b"\t",
    "CR": b"\r",
    "CR CR": b"\r\r",
    "white space": b" \t\r ",
    f"{CLIENT_FRAME_BYTES} spaces": b" " * CLIENT_FRAME_BYTES,
    f"{CLIENT_FRAME_BYTES - 1} spaces, CR": b" " * (CLIENT_FRAME_BYTES - 1) + b"\r",
}
_TO_ALL = {"public", "added members", "deep and huge"}
_MAY_JOIN = {"second joins", "vectors"}
_RARE = {"spellings", "sizes", "byte order marks"}
_BOM = b"\xef\xbb\xbf"


def _byte_order_marks() -> tuple[Act, ...]:
    frame = encoded(valid("message"))
    private = encoded(valid("private_message"))
    frames = {
        "before a message": _BOM + frame,
        "before a private message": _BOM + private,
        "and a space before a message": _BOM + b" " + frame,
        "twice": _BOM * 2 + frame,
        "after a space": b" " + _BOM + frame,
        "after a message": frame + _BOM,
        "inside a message": b"{" + _BOM + frame[1:],
        "alone": _BOM,
        "and white space": _BOM + b" \t",
        "and CR": _BOM + b"\r",
        "of UTF-16": b"\xff\xfe" + frame,
    }
    return tuple(act("", "", f"byte order mark {label}", pattern) for label, pattern in frames.items())


def _second_joins() -> tuple[Act, ...]:
    names = ("<word>", "<own>", "<present>", "<other>", "<own-case>", "<present-case>", "<own>a", "constructor", "0")
    wrong = [name.replace("<word>", "<own>") for name in invalid_names()][:24]
    plain = (
        act("join", "username", f"second join: {shown(name)}", encoded(valid("join") | {"username": name}))
        for name in dict.fromkeys((*names, *wrong))
    )
    added = tuple(added_acts("join"))[::9]
    return (*plain, *spelt_acts("join"), *added, *sized_acts("join", CLIENT_FRAME_BYTES), *_vector_acts(joins=True))


_PEOPLE = {
    rb"\b(hi|user123|Hello \w+!)": b"<word>",
    rb"\b(bob|recipient_username)\b": b"<present>",
    b"carol": b"<other>",
}
_LONG = "client-frame/bytes-"


def _vector_act(vector: Vector) -> Act:
    pattern = vector.frame
    if len(pattern) < CLIENT_FRAME_BYTES - 100 or vector.id.startswith(_LONG):
        for words, place in _PEOPLE.items():
            pattern = re.sub(words, place, pattern)
    if vector.id.startswith(_LONG) and b"<" in pattern:
        return act("", "", vector.id, pattern, "vector", len(vector.frame))
    return act("", "", vector.id, pattern, "vector")


def _is_taken_early(vector: Vector) -> bool:
    """Whether a server may take it before it is too long: white space after a whole object (section 17)."""
    start = vector.frame[:CLIENT_FRAME_BYTES]
    return start != vector.frame and start.rstrip().endswith(b"}")


def _is_valid_join(vector: Vector) -> bool:
    return vector.verdicts[0] is FrameVerdict.VALID and json.loads(vector.frame)["type"] == "join"


def _vector_acts(*, joins: bool) -> Iterator[Act]:
    """Yield the test vectors of clients, as frames about people of the script: the valid joins, or all others."""
    for vector in vectors():
        of_client = vector.direction is Direction.CLIENT and not _is_taken_early(vector)
        if of_client and _is_valid_join(vector) == joins:
            yield _vector_act(vector)


def _distinct(kinds: dict[str, tuple[Act, ...]]) -> dict[str, tuple[Act, ...]]:
    """Return acts without those whose frames one before has already."""
    first: dict[bytes, Act] = {}

    def is_first(one: Act) -> bool:
        return first.setdefault(one.write(Room("token", "own", ("present", "other"))), one) is one

    return {kind: tuple(filter(is_first, ones)) for kind, ones in kinds.items()}


@functools.cache
def acts() -> dict[str, tuple[Act, ...]]:
    """Return every act of a joined connection by kind; no two have the same label or write the same frame.

    All but the ``second joins`` may be sent before a join, too, and join nobody. What an act must cause follows from
    SPEC.md and the state of the connection, not from its kind.
    """
    return _distinct({
        **valid_acts(),
        **refused_acts(),
        "blank": tuple(act("", "", f"blank line: {label}", line) for label, line in _BLANK.items()),
        "byte order marks": _byte_order_marks(),
        "second joins": _second_joins(),
        "vectors": tuple(_vector_acts(joins=False)),
    })  # fmt: skip


def repeatable() -> list[Act]:
    """Return an act of each kind that may be sent again and again, joined or not: none joins, or reaches everyone."""
    others = {
        "to itself": valid("private_message") | {"target": "<own>"},
        "to nobody": valid("private_message") | {"target": "<word>"},
        "a name in use": valid("join") | {"username": "<present>"},
        "an invalid name": valid("join") | {"username": "<present> "},
    }
    firsts = [these[0] for kind, these in acts().items() if kind not in _TO_ALL | _MAY_JOIN | _RARE]
    return firsts + [act(one["type"], "", what, encoded(one)) for what, one in others.items()]


def one_of_each(acts: Iterable[Act], chance: random.Random, *, apart: Collection[str] = ()) -> list[Act]:
    """Return acts without those that differ only in their type: of these, chance takes one.

    Of the members in ``apart`` each type is taken: what handles one of them need not handle the other.
    """
    alike: dict[tuple[str, ...], list[Act]] = {}
    for one in acts:
        key = (one.member, one.value, one.spelling, one.type if one.member in apart else "")
        alike.setdefault(key, []).append(one)
    return [chance.choice(ones) for ones in alike.values()]
