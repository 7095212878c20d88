"""What connections got while a node was lost: each kind of wrong is told under its id, and nothing that is right."""

import json
from dataclasses import replace

import pytest

from chatproof_conformance.judges.lost_nodes import Loss, Seen, Witness, judge_loss
from chatproof_conformance.judges.server.server_frames import read_server_frame

AT, BOUND, UNTIL = 5.0, 10.0, 100.0


def said(name, content, time=0.0):
    members = {"type": "message", "username": name, "content": content, "timestamp": "12:00:00"}
    return Seen(time, 0, read_server_frame(json.dumps(members).encode()))


def left(name, time=7.0):
    members = {"type": "system", "message": f"{name} left the chat", "timestamp": "12:00:00"}
    return Seen(time, 0, read_server_frame(json.dumps(members).encode()))


COMMON = tuple(said(name, name[0] + number) for number in "12" for name in ("ann", "lea", "bob"))
AFTER = (left("lea"), said("ann", "a3", 8.0), said("bob", "b3", 8.0))
SAID = {
    "ann": {"a1": 1.0, "a2": 2.0, "a3": 8.0},
    "bob": {"b1": 1.0, "b2": 2.0, "b3": 8.0},
    "lea": {"l1": 1.0, "l2": 2.0, "l3": 3.0},
}


def witness(name, seen=(*COMMON, *AFTER), *, lost=False, went_on=True):
    return Witness(f"at {name}", name, lost, went_on, SAID[name], seen)


def found(ann=(*COMMON, *AFTER), bob=(*COMMON, *AFTER), lea=COMMON, *, is_certain=True, went_on=False, stays=True):  # noqa: PLR0913  what differs
    stayers = [witness("ann", ann, went_on=stays), witness("bob", bob)]
    witnesses = [*stayers, witness("lea", lea, lost=True, went_on=went_on)]
    return [*judge_loss(Loss(witnesses, AT, is_certain, UNTIL, BOUND))]


def ids(*args, **named):
    return [finding.requirement for finding in found(*args, **named)]


def without(seen, *texts):
    return tuple(one for one in seen if one.frame.text not in texts)


WHOLE = (*COMMON, *AFTER)


def test_a_cluster_that_ends_the_connections_of_a_lost_node_is_right():
    assert found() == []


def test_what_its_connections_got_may_end_anywhere():
    for length in range(len(COMMON) + 1):
        assert found(lea=COMMON[:length]) == []


def test_after_a_short_pause_all_may_go_on():
    here = without(WHOLE, "lea left the chat")
    assert found(here, here, here, is_certain=False, went_on=True) == []


def test_what_was_on_its_way_at_a_dying_node_may_be_lost():
    here = without(WHOLE, "l2")
    assert found(here, here, without(COMMON, "l2")) == []


@pytest.mark.parametrize(
    ("seen", "requirement", "actual"),
    [
        (without(WHOLE, "lea left the chat"), "CLUSTER-2", "none"),
        ((*WHOLE, left("lea", 9.0)), "CLUSTER-2", "two"),
        ((*COMMON, left("lea", AT + BOUND + 2), *AFTER[1:]), "CLUSTER-2", "it came after 12.0 s"),
        ((*WHOLE, left("ann")), "CLUSTER-2", "its leave"),
        (without(WHOLE, "a2"), "CLUSTER-3", "1 of 3 are missing"),
        (without(WHOLE, "l2"), "CLUSTER-3", "1 of 2 are missing"),
        ((*WHOLE, COMMON[0]), "CLUSTER-3", "it came twice"),
        ((COMMON[1], COMMON[0], *COMMON[2:], *AFTER), "CLUSTER-3", 'the message "l1", then the message "a1"'),
        ((*WHOLE, said("lea", "l3", 9.0)), "CLUSTER-5", 'its message "l3"'),
    ],
)
def test_what_somebody_at_another_node_got_is_judged(seen, requirement, actual):
    wrong = found(bob=seen)
    first = next(one for one in wrong if one.requirement == requirement)
    assert first.connection == "at bob"
    assert actual in first.actual


@pytest.mark.parametrize(
    ("seen", "went_on", "expected"),
    [
        (without(COMMON, "b1"), False, ["CLUSTER-3"]),
        ((*COMMON, AFTER[1]), False, ["CLUSTER-5", "CLUSTER-3"]),
        (COMMON, True, ["CLUSTER-3"]),
    ],
)
def test_what_a_connection_of_the_lost_node_got_is_judged(seen, went_on, expected):
    wrong = found(lea=seen, went_on=went_on)
    assert [one.requirement for one in wrong] == expected
    assert {one.connection for one in wrong} == {"at lea"}


def test_who_goes_on_after_a_short_pause_must_have_everything():
    here = without(WHOLE, "lea left the chat")
    assert ids(here, here, here[:-1], is_certain=False, went_on=True) == ["CLUSTER-3"]


def test_after_a_short_pause_a_leave_is_told_to_all_or_to_none():
    assert ids(bob=without(WHOLE, "lea left the chat"), is_certain=False) == ["CLUSTER-2"]


def test_a_server_has_no_reason_to_end_others():
    assert ids(ann=COMMON[:2], stays=False) == ["LEAVE-7"]


def test_if_nobody_went_on_nothing_can_be_compared():
    witnesses = [replace(witness(name), went_on=False) for name in ("ann", "bob")]
    assert [one.requirement for one in judge_loss(Loss(witnesses, AT, is_certain=True, until=UNTIL, bound=BOUND))] == [
        "LEAVE-7",
        "LEAVE-7",
    ]
