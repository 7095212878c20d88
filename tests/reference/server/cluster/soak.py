"""Rounds of trouble for a cluster while clients talk: who went on must have missed, doubled and misordered nothing.

Run: ``python tests/reference/server/cluster/soak.py --rounds 200``, alone: a node that gets no processor for longer
than the lease, or clients that do not read, are rightly ended, and fail the round. In each round one trouble, two at
once, or more happen to a chat in which everybody talks; then what each client has got is judged. 49 rounds have each
trouble alone and each pair of them, whatever the seed; a round takes about 8 seconds. A failed round keeps what its
clients got in a folder, and the exit code is 1. Nothing but 127.0.0.1 is used.
"""

import argparse
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[3])]

from reference.server.cluster.troubles import (  # noqa: E402
    BOUND,
    TROUBLES,
    Cluster,
    combinations,
    happen,
    pairs_of,
    schedule,
)
from support.talkers import gather, judge, settle  # noqa: E402


def play(combination, cluster, count):
    """Play one round in a cluster; return what is wrong, and the clients."""
    try:
        talkers = gather(cluster.nodes, count)
    except TimeoutError as error:
        return [str(error)], []
    for talker in talkers:
        talker.begin()
    time.sleep(0.7)
    must_go, may_go = happen(combination, cluster)
    time.sleep(1.0)
    settle(talkers, must_go, seconds=3 * BOUND)
    wrong = judge(talkers, must_go, may_go)
    for talker in talkers:
        talker.end()
    return wrong, talkers


def keep(talkers):
    """Write what the clients got into a new folder; return it."""
    folder = Path(tempfile.mkdtemp(prefix="cluster-soak-"))
    for talker in talkers:
        (folder / f"{talker.name}.txt").write_text("\n".join(talker.got), "utf-8")
    return folder


def main():
    named = {trouble.__name__: trouble for trouble in TROUBLES}
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="how many (default: each combination once)")
    parser.add_argument("--only", nargs="*", choices=named, default=[*named], metavar="TROUBLE", help=", ".join(named))
    parser.add_argument("--nodes", type=int, default=3, choices=range(3, 100), metavar="N", help="3 or more")
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no round after so long")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that nothing is left behind
    random.seed(options.seed)
    print(f"seed {options.seed}", flush=True)
    troubles = [named[name] for name in options.only]
    rounds = schedule(random.Random(options.seed), troubles)
    tried, passed = Counter(), Counter()
    messages = failures = number = 0
    began = time.monotonic()
    until = options.rounds or len(combinations(troubles))
    while number < until and time.monotonic() - began < options.seconds:
        number += 1
        combination = next(rounds)
        with tempfile.TemporaryDirectory() as folder:
            cluster = Cluster(folder, options.nodes, random.Random(random.random()))
            try:
                wrong, talkers = play(combination, cluster, options.clients)
            finally:
                cluster.stop()
        messages += max((len(talker.got) for talker in talkers), default=0)
        failures += bool(wrong)
        tried.update(pairs_of(combination))
        passed.update([] if wrong else pairs_of(combination))
        names = " + ".join(trouble.__name__ for trouble in combination)
        print(number, names, *(wrong[:5] or ["passed"]), sep="  ", flush=True)
        if wrong:
            print(f"    what the clients got: {keep(talkers)}", flush=True)
    for one, other in sorted(tried):
        print(f"{one:15} {other:15} passed {passed[one, other]:3} of {tried[one, other]:3}")
    minutes = (time.monotonic() - began) / 60
    print(f"{messages} messages and notices in {number} rounds and {minutes:.0f} minutes; {failures} rounds failed")
    return bool(failures)


if __name__ == "__main__":
    sys.exit(main())
