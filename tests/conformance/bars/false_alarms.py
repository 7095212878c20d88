"""Counts how often servers that are right are accused, where that is easily done.

    python tests/conformance/bars/false_alarms.py pairs|bystander|late-leaver [--number 20] [--seed 1]

``pairs``: two checks of one running server at once. ``bystander``: a check beside somebody who talks, joins, leaves and
copies. ``late-leaver``: a server that tells each leave 0.4, 0.7 or 3 s late. It exits with 1 if anyone is accused.
"""

import argparse
import contextlib
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path[:0] = [str(Path(__file__).parents[2])]
from support.bystander import Bystander  # noqa: E402
from support.commands import run_command, running  # noqa: E402
from support.own_server import write_server  # noqa: E402

LATE = """\
def leave(self, connection, name):
    self.loop.call_later({seconds}, lambda: super(Server, self).leave(connection, name))
"""
SECONDS = (0.4, 0.7, 3.0)


def check(seed: int, *words: str) -> bool:
    """Check a server; return whether it was accused, and print what was said then."""
    with TemporaryDirectory() as folder:
        done = run_command("check", *words, "--seed", str(seed), folder=folder)
    if done.returncode:
        print(f"seed {seed}, exit code {done.returncode}:\n{done.stdout}{done.stderr}", flush=True)
    return done.returncode == 1


def pairs(number: int, seed: int) -> int:
    """Make pairs of checks at once; return how many of them accuse the server."""
    accused = 0
    for one in range(seed, seed + number):
        with running("baseline") as address, ThreadPoolExecutor(2) as pool:
            accused += sum(pool.map(check, (one, one), repeat(address), repeat("--time-limit"), repeat("250")))
    return accused


def bystander(number: int, seed: int) -> int:
    """Check beside a bystander so often; return how often the server is accused."""
    accused = 0
    for one in range(seed, seed + number):
        with running("baseline") as address, Bystander(address):
            accused += check(one, address)
    return accused


def late_leaver(number: int, seed: int) -> int:
    """Check servers that tell leaves late, in turn; return how many are accused."""
    accused = 0
    with TemporaryDirectory() as folder:
        for one in range(seed, seed + number):
            path = Path(folder, "server.py")
            write_server(path, LATE.format(seconds=SECONDS[one % len(SECONDS)]))
            accused += check(one, "--command", f"{shlex.join([sys.executable, str(path)])} {{port}}")
    return accused


MEASURES = {"pairs": pairs, "bystander": bystander, "late-leaver": late_leaver}


def main() -> int:
    """Make what the command line names, and print the count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("measure", choices=MEASURES)
    parser.add_argument("--number", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        accused = MEASURES[arguments.measure](arguments.number, arguments.seed)
        print(f"{arguments.measure}, {arguments.number} times: accused {accused} times")
        return 1 if accused else 0
    return 130


if __name__ == "__main__":
    sys.exit(main())
