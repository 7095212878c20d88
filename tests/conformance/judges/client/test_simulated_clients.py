"""The judge of clients against a client in memory: silent on a conforming one, whatever its manners and pace."""

import json
from dataclasses import fields, replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof_conformance.judges.client import judge_client
from chatproof_schemas.transcript import Kind
from conformance.judges.client.client_simulator import NAME, Manners, Meeting, meet

seeds = st.integers(0, 2**32)
manners = st.builds(Manners, *[st.booleans() for _ in fields(Manners)])
ends = st.sampled_from([None, None, Kind.SERVER_CLOSE, Kind.SERVER_RESET])


@settings(max_examples=1500, derandomize=True)
@given(seed=seeds, manners=manners, steps=st.integers(1, 60), end=ends)
def test_nothing_is_wrong_with_a_conforming_client(seed, manners, steps, end):
    assert judge_client(meet(Random(seed), manners, steps, end), NAME).findings == ()


def drop(events, at):
    return [*events[:at], *events[at + 1 :]]


def double(events, at):
    return [*events[: at + 1], *events[at:]]


def garble(events, at):
    told = json.loads(events[at].data)
    name = "message" if "message" in told else "content"
    data = json.dumps(told | {name: told[name] + "!"}).encode()
    return [*events[:at], replace(events[at], data=data), *events[at + 1 :]]


def delay(events, at):
    return [*drop(events, at), events[at]]


LOST = {"CLIENT-3", "CLIENT-4", "CLIENT-5", "CLIENT-9"}
"""What is lost may be lost because of what came before it: a bad frame, an unknown member, a failed delivery."""
RIGHT = {drop: LOST, double: {"CLIENT-8"}, garble: {"CLIENT-10"}, delay: {"CLIENT-11", "CLIENT-4"}}


@pytest.mark.parametrize("change", RIGHT)
def test_one_fault_in_what_is_shown_is_found(change):
    """All texts differ here, and nothing may go unshown: so there is one way to read what was told."""
    tried = 0
    for seed in range(300):
        random = Random(seed)
        meeting = Meeting(random, Manners(spells=True), distinct=True)
        for _ in range(30):
            meeting.step()
        meeting.settle()
        places = [at for at, event in enumerate(meeting.events) if _tells_of_another(event)]
        if not places or (change is delay and len(places) == 1):
            continue
        tried += 1
        at = random.choice(places[:-1] if change is delay else places)
        findings = judge_client(change(meeting.events, at), NAME).findings
        assert {found.requirement for found in findings} & RIGHT[change], f"seed {seed}"
    assert tried > 200


def _tells_of_another(event):
    told = json.loads(event.data) if event.kind is Kind.DRIVER_EVENT else {}
    return told.get("kind") in ("system", "server", "private_message") or told.get("username", NAME) != NAME
