"""Runs generated traffic for as long as the budget allows."""

import time
from collections.abc import Callable

import hypothesis
from hypothesis.stateful import run_state_machine_as_test

from chatproof_conformance.generated.driver import Driver
from chatproof_conformance.generated.machine import ChatMachine
from chatproof_conformance.options import Options
from chatproof_conformance.outcomes import Abandoned, Broken, Outcome
from chatproof_conformance.peers.chat import Chat

_EXAMPLES_A_ROUND = 20
_STEPS_AN_EXAMPLE = 25
_SEQUENTIAL_SHARE = 0.35


def run_sequential_traffic(chat: Chat, options: Options) -> int:
    """Run the state machine in rounds until its share of the budget is used; return the number of steps.

    Raises:
        Broken: with the shortest traffic found that breaks a MUST.
    """
    drivers: list[Driver] = []

    def make_driver() -> Driver:
        drivers[:] = [Driver(chat)]
        return drivers[0]

    return in_rounds(options, _SEQUENTIAL_SHARE, lambda seed: _round(make_driver, seed))


def in_rounds(options: Options, share: float, one_round: Callable[[int], int]) -> int:
    """Call a round with a new seed each time until a share of the budget is used, at least once; add up the steps."""
    until = time.monotonic() + options.budget * share
    steps, number = 0, 0
    while number == 0 or time.monotonic() < until:
        steps += one_round(options.seed + number)
        number += 1
    return steps


def _round(make_driver: Callable[[], Driver], seed: int) -> int:
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

    settings = hypothesis.settings(max_examples=_EXAMPLES_A_ROUND, stateful_step_count=_STEPS_AN_EXAMPLE)
    run_state_machine_as_test(hypothesis.seed(seed)(Machine), settings=settings)
    return steps
