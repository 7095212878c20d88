"""The judge against a chat in memory: silent on every interleaving of a conforming one, not on a faulty one."""

import json
from dataclasses import fields

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chatproof_conformance.judges.server import judge
from chatproof_schemas.transcript import Event, Kind
from conformance.judges.server.chat_simulator import PLAIN, Manners, run, run_race

seeds = st.integers(0, 2**32)


manners = st.builds(Manners, *[st.booleans() for _ in fields(Manners)])


# Always the same ones: whether a change lands shall not depend on what chance brings.
@settings(max_examples=600, derandomize=True)
@given(seed=seeds, steps=st.integers(1, 200), settle=st.booleans(), manners=manners, unique=st.booleans())
def test_a_conforming_chat_gives_no_finding_but_what_its_manners_earn(seed, steps, settle, manners, unique):
    chat = run(seed, steps, settle=settle, manners=manners, unique=unique)
    judgement = judge(chat.events, settled=settle)
    assert [finding for finding in judgement.findings if finding.requirement not in manners.warnings] == []


# The order in which the racers held the name is not what it looks like at first.
@example(seed=195, settle=True, manners=PLAIN)
@example(seed=1438, settle=True, manners=PLAIN)
@example(seed=1543, settle=True, manners=PLAIN)
@example(seed=900, settle=True, manners=Manners(lists=True, crowded=True))
@example(seed=3935, settle=True, manners=Manners(lists=True, names_all=True, welcomes=True, rewords=True))
@settings(max_examples=600, derandomize=True)
@given(seed=seeds, settle=st.booleans(), manners=manners)
def test_a_race_for_names_gives_no_finding_but_what_its_manners_earn(seed, settle, manners):
    chat = run_race(seed, settle=settle, manners=manners)
    judgement = judge(chat.events, settled=settle)
    assert [finding for finding in judgement.findings if finding.requirement not in manners.warnings] == []


events = st.builds(
    Event,
    st.floats(0, 100),
    st.sampled_from(["", "a", "b"]),
    st.sampled_from(Kind),
    st.binary(max_size=30)
    | st.sampled_from(
        [
            b'{"type":"join","username":"a"}\n',
            b'{"type":"message","content":"x"}\n',
            b'{"type":"private_message","target":"a","content":"x"}\n',
            b'{"type":"system","message":"a joined the chat","timestamp":"1:0:0"}\n',
            b'{"type":"system","message":"a left the chat","timestamp":"10:00:00"}\n',
            b'{"type":"message","username":"a","content":"x","timestamp":"10:00:00"}\n',
            b'{"type":"private_message","sender":"a","content":"x","timestamp":"10:00:00"}\n',
            b'{"type":"private_confirmation","target":"a","content":"x","delivered":true}\n',
            b'{"type":"error","message":"no"}\n',
            b'{"type":"error","message":[],"code":{}}\n',
            b'{"type":"server","message":"x"}',
        ]
    ),
)


@settings(max_examples=400)
@given(st.lists(events, max_size=30), st.sampled_from(["lf", "none"]), st.booleans())
def test_no_list_of_events_makes_it_fail(recorded, framing, settled):
    assert judge(recorded, framing=framing, settled=settled).deliveries >= 0


def drop(chat, recipient, frame, facts):
    return []


def double(chat, recipient, frame, facts):
    return [frame, frame]


def spoil(chat, recipient, frame, facts):
    message = json.loads(frame)
    message["content"] += "!"
    return [json.dumps(message).encode() + b"\n"]


def rename(chat, recipient, frame, facts):
    message = json.loads(frame)
    name = "username" if message["type"] == "message" else "sender"
    message[name] += "x"
    return [json.dumps(message).encode() + b"\n"]


def once(change, kind, where):
    """Return a fault that changes one frame of a kind that goes to such a recipient, some way into the run."""

    def fault(chat, recipient, frame, facts):
        # What was sent before its recipient saw itself joined may be handled before: that proves nothing.
        certain = recipient is facts["source"] or (recipient.joined_at or chat.cause_at) < chat.cause_at
        if facts["kind"] == kind and where(recipient, facts["source"]) and certain and not chat.faults_done:
            chat.faults_done += 1
            return change(chat, recipient, frame, facts)
        return [frame]

    return fault


def own(recipient, source):
    return recipient is source


def others(recipient, source):
    return recipient is not source


FAULTS = [
    (drop, "message", others, {"PUBLIC-1", "LEAVE-6"}),
    (drop, "message", own, {"PUBLIC-1", "LEAVE-6"}),
    (double, "message", others, {"PUBLIC-1"}),
    (double, "message", own, {"PUBLIC-1"}),
    (spoil, "message", others, {"PUBLIC-2"}),
    (spoil, "message", own, {"PUBLIC-2"}),
    (rename, "message", others, {"PUBLIC-2", "PUBLIC-1", "LEAVE-6"}),
    (drop, "private", others, {"PRIVATE-1"}),
    (drop, "private", own, {"PRIVATE-3"}),
    (double, "private", others, {"PRIVATE-1"}),
    (spoil, "private", others, {"PRIVATE-1"}),
    (drop, "confirmation", own, {"CONFIRM-1", "CONFIRM-2"}),
    (double, "confirmation", own, {"CONFIRM-1", "CONFIRM-2"}),
    (spoil, "confirmation", own, {"CONFIRM-1"}),
    (drop, "joined", others, {"JOIN-1"}),
    (drop, "joined", own, {"JOIN-1", "JOIN-4"}),
    (double, "joined", others, {"JOIN-13", "JOIN-10", "JOIN-4"}),
    (drop, "left", others, {"LEAVE-1", "LEAVE-2"}),
    (double, "left", others, {"LEAVE-1", "LEAVE-2", "LEAVE-5"}),
    (
        drop,
        "error",
        own,
        {"ERROR-1", "ERROR-2", "ERROR-3", "ERROR-4", "ERROR-5", "JOIN-8", "JOIN-9", "JOIN-10", "JOIN-4"},
    ),
    (
        double,
        "error",
        own,
        {"ERROR-1", "ERROR-2", "ERROR-3", "ERROR-4", "ERROR-5", "JOIN-8", "JOIN-9", "JOIN-10", "JOIN-4", "ERROR-11"},
    ),
]


def _open_to_the_end(chat):
    return all(peer.ended is None for peer in chat.peers)


@pytest.mark.parametrize(
    ("change", "kind", "where", "allowed"),
    [
        pytest.param(
            *one,
            id=f"{one[0].__name__}-{one[1]}-{one[2].__name__}",
            marks=[pytest.mark.long("120 chats each")] * bool(number % 3),
        )
        for number, one in enumerate(FAULTS)
    ],
)
def test_one_fault_is_found_under_a_right_requirement(change, kind, where, allowed):
    tried = found = 0
    for seed in range(120):
        chat = run(seed, 60, unique=True, fault=once(change, kind, where))
        if not chat.faults_done:
            continue
        ids = {finding.requirement for finding in judge(chat.events, settled=True).findings}
        if _open_to_the_end(chat):
            tried += 1
            assert ids, f"seed {seed}: not found although every connection stayed open"
        found += bool(ids & allowed)
    assert found > 20 or found >= tried > 0


@pytest.mark.parametrize(
    ("change", "kind", "where", "allowed"),
    [fault for fault in FAULTS if fault[1] in ("message", "joined", "error")],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", ""),
)
def test_one_fault_in_a_race_is_found_where_every_racer_stays(change, kind, where, allowed):
    tried = 0
    for seed in range(1000):
        chat = run_race(seed, fault=once(change, kind, where))
        if chat.faults_done and _open_to_the_end(chat):
            tried += 1
            ids = {finding.requirement for finding in judge(chat.events, settled=True).findings}
            assert ids & {*allowed, "FRAME-2", "FRAME-3"}, f"seed {seed}: {ids}"  # its racers send two frames at once
    assert tried
