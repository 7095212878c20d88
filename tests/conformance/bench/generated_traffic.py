"""Measures generated traffic: steps a second against a server, beside Hypothesis's own limit and the server's speed.

    python tests/conformance/bench/generated_traffic.py [--command 'SERVER {port}'] [--rounds N] [--json FILE]

A step is one frame sent, or one connection ended, by a rule of the state machine; each example ends with its judging,
which is in the time. All of it is measured in one run, in turns, so the ratios hold on a machine that is not quiet.
"""

import argparse
import cProfile
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from idle_driver import IdleDriver
from server_speed import bursts_a_second, round_trips_a_second
from shares import shares

from chatproof_conformance.core.outcomes import Abandoned, Outcome
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.command import BUNDLED, CommandTarget
from chatproof_conformance.endpoints.traffic.runs import run_round
from chatproof_conformance.endpoints.traffic.traffic_driver import TrafficDriver
from chatproof_conformance.engine.running import isolation

_EXAMPLES = 40
_NAMES = "Bn0h"


@dataclass
class Measured:
    """What one run measured; everything but the shares is a median of the rounds, a second.

    Attributes:
        steps: generated steps against the server, judged.
        hypothesis: the same steps with nothing done for them: Hypothesis's own limit.
        bursts: public messages that come back where many are sent at once.
        round_trips: public messages that come back where each waits for the one before.
        shares: where the time of generated traffic goes, by part, in a profiled round (profiling slows Python code
            more than waiting).
    """

    steps: float
    hypothesis: float
    bursts: float
    round_trips: float
    shares: dict[str, float]


def measure(command: str, rounds: int) -> Measured:
    """Start a server, measure, stop it.

    Raises:
        Broken: where the server breaks a requirement: what is fast must be right too.
        Abandoned: where it ends meanwhile.
        TargetGone: where it cannot be started.
    """
    target = CommandTarget(command)
    target.start()
    try:
        context = RunContext(target, AdaptiveTimeout(), _NAMES)
        with isolation(_EXAMPLES, shrink=False):
            return _measure(context, rounds)
    finally:
        target.end()


def _measure(context: RunContext, rounds: int) -> Measured:
    case_chat = ServerSession(context)
    real, idle = (lambda: TrafficDriver(case_chat)), IdleDriver
    _a_second(real, seed=0)  # what is imported and built on first use belongs to no round
    measured = [
        (_a_second(real, seed), _a_second(idle, seed), bursts_a_second(context), round_trips_a_second(context))
        for seed in range(1, rounds + 1)
    ]
    profile = cProfile.Profile()
    profile.runcall(_a_second, real, seed=rounds + 1)
    steps, hypothesis, bursts, round_trips = (median(column) for column in zip(*measured, strict=True))
    return Measured(steps, hypothesis, bursts, round_trips, dict(shares(profile)))


def _a_second(make_driver: Callable[[], TrafficDriver], seed: int) -> float:
    start = time.perf_counter()
    steps = run_round(make_driver, seed, _EXAMPLES)
    return steps / (time.perf_counter() - start)


def table(measured: Measured) -> str:
    """Return the figures for a person."""
    rows = [
        ("generated traffic, judged: steps", measured.steps),
        ("Hypothesis alone, nothing sent: steps", measured.hypothesis),
        ("the server, many messages at once", measured.bursts),
        ("the server, one message at a time", measured.round_trips),
    ]
    lines = [f"{text:<40}{value:>10,.0f} /s  {value / measured.steps:>6.2f}" for text, value in rows]
    lines += ["", "where the time of generated traffic goes:"]
    lines += [f"  {part:<38}{share:>8.0%}" for part, share in measured.shares.items()]
    return "\n".join(lines)


def main() -> None:
    """Measure and print; exit with 2 and a line on standard error where that cannot be done."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default=BUNDLED, help="starts the server; default: the bundled one")
    parser.add_argument("--rounds", type=int, default=5, help=f"rounds of {_EXAMPLES} examples (default: 5)")
    parser.add_argument("--json", type=Path, help="write the figures to a file")
    arguments = parser.parse_args()
    try:
        measured = measure(arguments.command, arguments.rounds)
    except (Outcome, Abandoned) as outcome:
        parser.exit(2, f"cannot measure: {outcome}\n")
    print(table(measured))
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(measured), indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
