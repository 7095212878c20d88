"""Measures two versions of the server on the loads of ``chatproof bench``, in turn in each round; prints the ratios.

Run: ``python tests/reference/bench/versions.py --before "OLD/bin/chatproof server --headless --port {port}"``. What
disturbs the machine only ever makes a server slower: the ratio of the best runs stands beside that of the medians.
"""

import argparse
import os
import shlex
import statistics
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from chatproof_common.system.limits import allow_files
from chatproof_reference.bench.dialects import CHAT
from chatproof_reference.bench.run import SCENARIOS, measure
from chatproof_reference.bench.scenario import read_scenario
from chatproof_reference.bench.target import BUNDLED

if TYPE_CHECKING:
    from chatproof_reference.bench.result import Result

_BAR = 0.97


def main() -> int:
    """Measure what the command line says; return 1 if a row of the later version is below the bar."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--before", required=True, help="the command of the earlier server")
    parser.add_argument("--after", default=shlex.join(BUNDLED), help="that of the later one (default: the bundled one)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, help="of each load (default: as bench has it)")
    parser.add_argument("--scenario", type=read_scenario, action="append", help="a load, as for chatproof bench")
    options = parser.parse_args()
    allow_files()
    commands = [tuple(shlex.split(command)) for command in (options.before, options.after)]
    slower = 0
    for scenario in options.scenario or SCENARIOS:
        load = replace(scenario, seconds=options.seconds or scenario.seconds)
        results: tuple[list[Result], list[Result]] = ([], [])
        for number in range(options.rounds):
            for place in (0, 1) if number % 2 else (1, 0):
                results[place].append(measure(commands[place], CHAT, load, leave_seconds=0.0))
        before, after = ([one.deliveries_per_second for one in some] for some in results)
        late = [statistics.median(one.latency_ms["p50"] for one in some) for some in results]
        medians = statistics.median(after) / statistics.median(before)
        best = max(after) / max(before)
        slower += max(medians, best) < _BAR
        print(
            f"{load.name:<40} median {medians:5.2f}  best {best:5.2f}"
            f"  ({max(before) / 1e6:.3f} M/s before, {max(after) / 1e6:.3f} M/s after;"
            f" p50 {late[0]:.2f} and {late[1]:.2f} ms)   load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
    return int(bool(slower))


if __name__ == "__main__":
    sys.exit(main())
