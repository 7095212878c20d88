"""Whose turn it is to send, as the documentation draws it."""

import re
import time
from pathlib import Path

from chatproof_reference.server.turn import FLUSHER, NOBODY, ROUTER, Holder, Turn

DOCUMENTATION = Path(__file__).parents[3] / "docs" / "server.md"


def turn_of(holder, *, quiet=True):
    turn = Turn()
    turn.holder = holder
    turn.quiet_at = time.monotonic() + (-1 if quiet else 60)
    return turn


def every_transition():
    for quiet in (True, False):
        yield NOBODY, turn_of(NOBODY, quiet=quiet).take()
    for holder in (ROUTER, FLUSHER):
        for more in (True, False):
            yield holder, turn_of(holder).pass_on(more=more)


def test_the_drawing_has_every_transition_and_no_other():
    drawn = re.findall(r"^    (\w+) --> (\w+):", DOCUMENTATION.read_text("utf-8"), re.MULTILINE)
    made = {(before.name.capitalize(), after.name.capitalize()) for before, after in every_transition()}
    assert sorted(drawn) == sorted(made)


def test_it_is_quiet_again_when_as_long_has_passed_as_the_last_batch_took():
    turn = Turn()
    assert turn.take() is ROUTER
    before = time.monotonic()
    turn.begin_batch()
    began = time.monotonic()
    while time.monotonic() - began < 0.01:
        pass
    turn.pass_on(more=False)
    ended = time.monotonic()
    assert began + 2 * 0.01 <= turn.quiet_at <= ended + (ended - before)
    turn.quiet_at = time.monotonic() + 60
    assert turn.take() is FLUSHER


def test_the_state_is_what_a_transition_returns():
    for holder in Holder:
        turn = turn_of(holder)
        assert (turn.take() if holder is NOBODY else turn.pass_on(more=True)) is turn.holder
