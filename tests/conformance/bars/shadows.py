"""Counts the findings that name what is not broken, in the reports of servers with three faults each.

    python tests/conformance/bars/shadows.py [--number 30] [--seed 1] [--jobs 2]

The faults of each are drawn from the catalogue's own, such that no two replace the same method. It exits with 1 if any
finding names an id that none of the three breaks.
"""

import argparse
import random
import sys
from dataclasses import replace

import several_faults

from chatproof_conformance.apps.selftest.implementations import Implementation, find_implementations
from chatproof_conformance.apps.selftest.trials import Trial, Trials, listed
from chatproof_conformance.core.options import Options

BASELINE = find_implementations(["baseline"])[0]


def draw(number: int, seed: int) -> list[Implementation]:
    """Return so many servers with three faults each."""
    from catalogue import CATALOGUE  # noqa: PLC0415  found since several_faults was imported

    entries = [entry for entry in CATALOGUE.entries() if entry.kind == "faulty" and not entry.needs]
    chance, drawn = random.Random(seed), []
    while len(drawn) < number:
        chosen = chance.sample(entries, 3)
        replaced = [_replaced(CATALOGUE.find(entry.name)) for entry in chosen]
        if sum(map(len, replaced)) == len(set().union(*replaced)):
            drawn.append(_combined(chosen))
    return drawn


def _replaced(server: type | None) -> set[str]:
    return {name for name in vars(server) if not name.startswith("__") or name == "__init__"}


def _combined(chosen: list) -> Implementation:
    names = [entry.name for entry in chosen]
    words = (sys.executable, "-S", "-E", several_faults.__file__, *names, "--port", "{port}")
    breaks = frozenset(id_ for entry in chosen for id_ in entry.breaks)
    return replace(BASELINE, name=" + ".join(names), command=words, faulty=True, breaks=breaks)


def say(trial: Trial) -> None:
    """Print a line on a server."""
    wrong = f"  not broken: {listed(trial.others)}" if trial.others else ""
    error = f"  {trial.error}" if trial.error else ""
    print(f"{trial.seconds:5.1f} s  {trial.implementation.name}: {listed(trial.right)}{wrong}{error}", flush=True)


def main() -> int:
    """Try them, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    servers = draw(arguments.number, arguments.seed)
    trials = Trials(seed=arguments.seed, budget=Options().budget, jobs=arguments.jobs).run(servers, say)
    findings = sum(len(trial.findings) for trial in trials)
    wrong = [finding for trial in trials for finding in trial.findings if finding.requirement in trial.others]
    print(f"{len(trials)} servers, {findings} findings, {len(wrong)} of them name what is not broken")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
