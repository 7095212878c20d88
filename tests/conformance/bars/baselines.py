"""Counts new failures of servers that have not changed since their baseline was written.

    python tests/conformance/bars/baselines.py [--seeds 20] [NAME…]

Each server of the catalogue is checked with --write-baseline, then with --baseline and each of the seeds.
"""

import argparse
import shlex
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from chatproof_conformance.apps.selftest.implementations import find_implementations

sys.path[:0] = [str(Path(__file__).parents[2])]
from support.commands import run_command  # noqa: E402

NAMES = ("private-to-everyone", "tenth-private-lost", "blank-line-refused", "leaves-told-twice")


def count_new(name: str, seeds: int) -> int:
    """Return with how many seeds something new fails."""
    command = ("--command", shlex.join(find_implementations([name])[0].command), "--announce", "stdin")
    new = 0
    with TemporaryDirectory() as folder:
        run_command("check", *command, "--seed", "0", "--write-baseline", "known.json", folder=folder)
        for seed in range(1, seeds + 1):
            done = run_command("check", *command, "--seed", str(seed), "--baseline", "known.json", folder=folder)
            if done.returncode:
                new += 1
                print(f"{name}, seed {seed}, exit code {done.returncode}:\n{done.stdout}{done.stderr}", flush=True)
    return new


def main() -> int:
    """Try the servers that are named, and print the counts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", default=NAMES)
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    counts = {name: count_new(name, arguments.seeds) for name in arguments.names}
    for name, new in counts.items():
        print(f"{name}: new failures with {new} of {arguments.seeds} seeds")
    return 1 if any(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
