"""Runs generated traffic for as long as the budget allows."""

import time
from collections.abc import Callable
from typing import Any

import hypothesis
from hypothesis import strategies as st
from hypothesis.stateful import run_state_machine_as_test

from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import Abandoned, Broken, Outcome
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.traffic.concurrent import talk_at_once
from chatproof_conformance.endpoints.traffic.machine import ChatMachine
from chatproof_conformance.endpoints.traffic.metamorphic import require_same
from chatproof_conformance.endpoints.traffic.traffic_driver import SLOTS, TrafficDriver
from chatproof_conformance.generation.conversations import Utterance, conversations

_FIRST_EXAMPLES, _EXAMPLES_A_ROUND = 6, 20
_STEPS_AN_EXAMPLE = 25
_SEQUENTIAL_SHARE, _CONCURRENT_SHARE, _METAMORPHIC_SHARE = 0.3, 0.12, 0.08
"""Parts of the budget; the other half goes to the cases with generated input."""
_MOST_UTTERANCES = 40
_MOST_COMINGS = 5


def run_sequential_traffic(chat: ServerSession, options: Options) -> int:
    """Run the state machine in rounds until its share of the budget is used; return the number of steps.

    Raises:
        Broken: with the shortest traffic found that breaks a MUST.
    """
    drivers: list[TrafficDriver] = []

    def make_driver() -> TrafficDriver:
        drivers[:] = [TrafficDriver(chat)]
        return drivers[0]

    return in_rounds(options, _SEQUENTIAL_SHARE, lambda seed, examples: run_round(make_driver, seed, examples))


def run_concurrent_traffic(chat: ServerSession, options: Options) -> None:
    """Let connections act at the same time, in rounds until the share of the budget is used.

    Raises:
        Broken: if a recording shows that a MUST is broken.
    """

    def one(talk: list[Utterance], comings: list[int]) -> None:
        driver = TrafficDriver(chat)
        try:
            talk_at_once(driver, talk, comings)
            driver.judge()
        finally:
            driver.close()

    comings = st.lists(st.integers(0, 11), max_size=_MOST_COMINGS)
    _run_examples(options, _CONCURRENT_SHARE, one, conversations(len(SLOTS), _MOST_UTTERANCES), comings)


def run_metamorphic_traffic(chat: ServerSession, options: Options) -> None:
    """Hold conversations in several ways, in rounds until the share of the budget is used.

    Raises:
        Broken: if what is delivered depends on how it was put on the wire.
    """

    def one(talk: list[Utterance]) -> None:
        chat.leave(chat.present)  # now, not when their example ended: that would be the last that a report shows
        chat.traffic.begin_example()
        try:
            require_same(chat, talk)
        except Broken:
            chat.requires_life()
            raise

    _run_examples(options, _METAMORPHIC_SHARE, one, conversations(3, _MOST_UTTERANCES // 2))


def _run_examples(
    options: Options, share: float, one: Callable[..., None], *strategies: st.SearchStrategy[Any]
) -> None:
    def example(*arguments: Any) -> None:
        try:
            one(*arguments)
        except Broken:
            raise
        except Outcome as outcome:
            raise Abandoned(outcome) from None

    def one_round(seed: int, examples: int) -> int:
        test = hypothesis.given(st.tuples(*strategies))(lambda arguments: example(*arguments))
        hypothesis.seed(seed)(hypothesis.settings(max_examples=examples)(test))()
        return examples

    in_rounds(options, share, one_round)


def in_rounds(options: Options, share: float, one_round: Callable[[int, int], int]) -> int:
    """Call a round with a new seed and a number of examples until a share of the budget is used, at least once.

    Returns:
        the steps of all the rounds.
    """
    until = time.monotonic() + options.budget * share
    steps, number = 0, 0
    examples = _FIRST_EXAMPLES
    while number == 0 or time.monotonic() < until:
        start = time.monotonic()
        steps += one_round(options.seed + number, examples)
        number += 1
        # A slow server gets small rounds, so that one round does not take many times the budget.
        each = (time.monotonic() - start) / examples
        examples = max(1, min(_EXAMPLES_A_ROUND, int((until - time.monotonic()) / max(each, 0.001))))
    return steps


def run_round(make_driver: Callable[[], TrafficDriver], seed: int, examples: int) -> int:
    """Run so many examples of the state machine, each with a driver of its own; return the number of steps.

    Raises:
        Broken: with the shortest traffic found that breaks a MUST.
        Abandoned: if an example ends early for another reason.
    """
    steps = 0

    class Machine(ChatMachine):
        def __init__(self) -> None:
            super().__init__(make_driver)

        def teardown(self) -> None:
            nonlocal steps
            try:
                super().teardown()
            except Broken:
                raise
            except Outcome as outcome:
                raise Abandoned(outcome) from None
            finally:
                steps += self.driver.steps

    settings = hypothesis.settings(max_examples=examples, stateful_step_count=_STEPS_AN_EXAMPLE)
    run_state_machine_as_test(hypothesis.seed(seed)(Machine), settings=settings)
    return steps
