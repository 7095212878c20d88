"""Histories can happen: nobody acts before opening or after ending, and a name is taken again after its leave only."""

from itertools import combinations, product

import pytest

from chatproof_conformance.space import histories as module
from chatproof_conformance.space.drawn import drawn_histories
from chatproof_conformance.space.histories import BAD, PRIVATE, PUBLIC, Do, Event, History, histories, races
from chatproof_conformance.space.room import Room

NAMES = ("Ann", "Ben", "Cy")
OURS = "tk"


def require_possible(history):
    opened, ended, holders, left = set(), set(), {}, set()
    for event in history.events:
        if event.do is Do.AWAIT_LEAVE:
            assert event.name in left, history
            left.discard(event.name)
            continue
        assert (event.actor in opened) != (event.do is Do.OPEN), history
        assert event.actor not in ended, history
        if event.do is Do.OPEN:
            opened.add(event.actor)
        elif event.do is Do.JOIN:
            assert event.actor in holders or event.name not in left, history  # a second join is refused anyway
            if event.name not in holders.values():
                holders.setdefault(event.actor, event.name)
        elif event.do in (Do.FIN, Do.RESET):
            ended.add(event.actor)
            if event.actor in holders:
                left.add(holders.pop(event.actor))
    assert history.names <= 3


@pytest.mark.parametrize("seed", range(3))
def test_each_two_things_that_may_happen_meet(seed):
    found = histories(seed)
    for history in found:
        require_possible(history)
    labels = [set(history.label.split(", ")) for history in found]
    for one, other in combinations(module._DIMENSIONS.values(), 2):  # noqa: SLF001 -- what there is to be met
        assert all(any({left, right} <= label for label in labels) for left, right in product(one, other))
    assert len(found) <= 120
    assert len({history.label for history in found}) == len(found)


def test_what_happens_meanwhile_happens_before_and_after_what_the_subject_does():
    late = [history for history in histories(1) if history.label.endswith("late")]
    assert 0.4 < len(late) / len(histories(1)) < 0.6


def test_rivals_do_not_wait_for_each_other():
    for history in races():
        require_possible(history)
        joins = [event for event in history.events if event.do is Do.JOIN]
        assert len({event.name for event in joins}) == 1
        assert [event.behind for event in joins] == [False] + [True] * (len(joins) - 1)


def test_drawn_histories_are_possible_and_tell_of_several_lives():
    drawn = drawn_histories(5, 100)
    for history in drawn:
        require_possible(history)
    assert len({history.label for history in drawn}) == 100
    assert sum(any(event.do is Do.AWAIT_LEAVE for event in history.events) for history in drawn) >= 10
    assert {event.do for history in drawn for event in history.events} == set(Do)
    assert [history.label for history in drawn] == [history.label for history in drawn_histories(5, 100)]


def test_events_are_written_about_the_people_of_the_history():
    room = Room(OURS, "Own", ("x",))
    assert Event(0, Do.JOIN, 1).write(NAMES, room) == b'{"type": "join", "username": "Ben"}\n'
    assert Event(0, Do.SEND, 2, PRIVATE).write(NAMES, room) == (
        b'{"type":"private_message","target":"Cy","content":"tkw0"}\n'
    )
    assert Event(0, Do.SEND, 0, PUBLIC).write(NAMES, room) == b'{"type":"message","content":"tkw1"}\n'
    assert Event(0, Do.HALF, act=PUBLIC).write(NAMES, room) == b'{"type":"message","content":"tkw2"}'
    assert Event(0, Do.FIN).write(NAMES, room) == b""


def test_events_are_shown():
    history = History("", (Event(0, Do.JOIN, 1), Event(1, Do.SEND, 1, BAD, behind=True), Event(1, Do.SEND, 0, PRIVATE)))
    assert [str(event) for event in history.events] == [
        "0 joins 1",
        "1 sends message.content: missing at once",
        "1 sends private_message.target: someone 0",
    ]
