"""The judges of what clients of a cluster got find each kind of fault; the troubles of a cluster cover all pairs."""

import itertools
import random
from dataclasses import dataclass, field

import pytest

from reference.server.cluster.troubles import TROUBLES, combinations, pairs_of, schedule
from support.one_order import judge_stays
from support.talkers import Talker, judge


@dataclass(eq=False)
class Made:
    """What a :class:`Talker` is to a judge."""

    name: str
    node: str
    got: list[str] = field(default_factory=list)
    is_ended: bool = False
    first: int = 0
    sent: int = 2
    own = Talker.own
    has_joined = Talker.has_joined


def change(texts, *, drop="", double="", swap=""):
    at = texts.index(drop or double or swap)
    if drop:
        del texts[at]
    elif double:
        texts.insert(at, double)
    else:
        texts[at : at + 2] = texts[at + 1], texts[at]


def three():
    """Return talkers of whom C was ended after its first message."""
    joins = ["|A joined the chat", "|B joined the chat", "|C joined the chat"]
    said = ["A|A 0", "C|C 0", "B|B 0", "|C left the chat", "A|A 1", "B|B 1"]
    a, b = Made("A", "one", [*joins, *said]), Made("B", "one", [*joins[1:], *said])
    return a, b, Made("C", "two", [*joins[2:], *said[:2], "|The server is stopping"], is_ended=True)


def test_who_missed_nothing_is_in_order():
    assert judge(three(), must_go={"two"}) == judge(three(), may_go={"two"}) == []


@pytest.mark.parametrize(
    ("who", "changes", "said"),
    [
        (1, {"drop": "A|A 0"}, "another history"),
        (1, {"double": "A|A 1"}, "another history"),
        (1, {"swap": "A|A 1"}, "another history"),
        (0, {"drop": "|C left the chat"}, "another history"),
        (2, {"swap": "A|A 0"}, "has seen what the others have not"),
    ],
)
def test_one_who_got_something_else_is_found(who, changes, said):
    talkers = three()
    change(talkers[who].got, **changes)
    assert any(said in text for text in judge(talkers, must_go={"two"}))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"drop": "A|A 1"}, "of A 1 messages arrived, of 2"),
        ({"double": "C|C 0"}, "messages of C are missing, doubled"),
        ({"drop": "|C left the chat"}, "0 leave notices of C"),
        ({"double": "|C left the chat"}, "2 leave notices of C"),
    ],
)
def test_what_everybody_misses_or_got_twice_is_found(changes, said):
    talkers = three()
    for talker in talkers[:2]:
        change(talker.got, **changes)
    assert any(said in text for text in judge(talkers, must_go={"two"}))


def test_who_must_be_ended_and_who_must_not_is_judged():
    assert judge(three(), must_go={"one", "two"}) == ["A was not ended", "B was not ended"]
    assert judge(three()) == ["C was ended: ['|The server is stopping']"]


def stays():
    """Return the stays of A, who is ended and comes back, and of B, who says something in private to A, twice."""
    joins = ["|A joined the chat", "|B joined the chat"]
    private = ["private: A 1", "delivered: A 1"]
    rest = ["B|B 0", "|A left the chat", "B|B 1", "|A joined the chat", "A|A 2", "B|B 2"]
    first = Made("A", "one", [*joins, "A|A 0", "A|A 1", private[0], *rest[:1]], is_ended=True)
    other = Made("B", "two", [joins[1], "A|A 0", "A|A 1", private[1], *rest], sent=3)
    return [first, other, Made("A", "two", [*rest[3:]], first=2, sent=3)]


def test_who_came_back_and_missed_nothing_while_there_is_in_order():
    assert judge_stays(stays()) == []


@pytest.mark.parametrize(
    ("who", "changes", "said"),
    [
        ((0,), {"drop": "A|A 1"}, "B got 'A|A 1', another one 'B|B 0'"),
        ((0,), {"double": "A|A 1"}, "another one 'A|A 1'"),
        ((1,), {"swap": "A|A 0"}, "another one"),
        ((1,), {"double": "B|B 1"}, "'B|B 1' came 2 times"),
        ((0, 1), {"drop": "A|A 0"}, "messages of A are missing"),
        ((1, 2), {"drop": "A|A 2"}, "of A, who stayed, 0 messages arrived, of 1"),
        ((1, 2), {"drop": "B|B 2"}, "of B, who stayed, 2 messages arrived, of 3"),
        ((1,), {"drop": "|A left the chat"}, "2 joins and 0 leaves of A"),
        ((0,), {"drop": "private: A 1"}, "'A 1' was confirmed, and arrived 0 times"),
        ((0,), {"double": "private: A 1"}, "'A 1' was confirmed, and arrived 2 times"),
    ],
)
def test_what_a_stay_lacks_or_has_too_much_is_found(who, changes, said):
    made = stays()
    for place in who:
        change(made[place].got, **changes)
    assert any(said in text for text in judge_stays(made))


def test_one_pass_has_each_trouble_alone_and_each_pair_of_them_whatever_the_seed():
    wanted = {*itertools.combinations_with_replacement(sorted(trouble.__name__ for trouble in TROUBLES), 2)}
    wanted |= {(trouble.__name__, "nothing else") for trouble in TROUBLES}
    for seed in range(3):
        one_pass = itertools.islice(schedule(random.Random(seed)), len(combinations()))
        assert {pair for combination in one_pass for pair in pairs_of(combination)} == wanted
