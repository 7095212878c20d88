"""Measures what the engine of a cluster costs: one node without it and with it, two nodes, and Redis pub/sub, in turn.

Run: ``python tests/reference/bench/cluster.py --page docs/cluster.md``, on an otherwise idle machine: it takes some 15
minutes, needs nobody, and writes the tables of that page. The engine keeps an append-only file, as the page asks for.
Processor time is what the processes took from the first message until all clients had gone, the load not counted.
"""

import argparse
import contextlib
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psutil
from compare import REDIS_COMMAND
from page import replaced

from chatproof_common.system.limits import allow_files
from chatproof_reference.bench.dialects import CHAT, REDIS, Dialect
from chatproof_reference.bench.generator import divide_cores, generate
from chatproof_reference.bench.limit import measure_limit
from chatproof_reference.bench.load import LoadFailedError
from chatproof_reference.bench.report import note_cores, notes
from chatproof_reference.bench.result import Result
from chatproof_reference.bench.run import make_certain
from chatproof_reference.bench.scenario import Scenario, read_scenario
from chatproof_reference.bench.target import BUNDLED, Target, TargetFailedError

SCENARIOS = (
    Scenario(10, 1, window=1, seconds=1.5),
    Scenario(10, 1, window=64, seconds=1.5),
    Scenario(10, 9, seconds=1.5),
    Scenario(100, 1, window=1, seconds=1.5),
    Scenario(100, 1, window=64, seconds=1.5),
    Scenario(100, 99, seconds=1.5),
)
_NAME = Path(__file__).name
_NODES, _ENGINE = "nodes", "Redis"


@dataclass(frozen=True, slots=True)
class System:
    """What is measured: so many nodes, with or without the engine; without nodes, Redis as a chat of its own."""

    nodes: int
    has_engine: bool

    @property
    def dialect(self) -> Dialect:
        """What its clients speak."""
        return CHAT if self.nodes else REDIS

    @contextlib.contextmanager
    def started(self, cores: frozenset[int]) -> Iterator[dict[str, list[Target]]]:
        """Run it, on these cores if there are any; yield its processes."""
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            engines, options = [], ()
            if self.has_engine:
                command = (*REDIS_COMMAND, "--dir", folder, *(("--appendonly", "yes") if self.nodes else ()))
                engines = [stack.enter_context(Target(command, cores))]
                options = ("--cluster", f"redis://127.0.0.1:{engines[0].address[1]}")
            nodes = [stack.enter_context(Target((*BUNDLED, *options), cores)) for _ in range(self.nodes)]
            yield {name: targets for name, targets in ((_NODES, nodes), (_ENGINE, engines)) if targets}


SYSTEMS = {
    "one node": System(1, has_engine=False),
    "one node with the engine": System(1, has_engine=True),
    "two nodes": System(2, has_engine=True),
    "Redis pub/sub": System(0, has_engine=True),
}


@dataclass(slots=True)
class Runs:
    """What several runs of one system under one load showed; the microseconds of processor time a message, by part."""

    results: list[Result] = field(default_factory=list)
    costs: dict[str, list[float]] = field(default_factory=dict)


def put_on(system: System, scenario: Scenario, runs: Runs) -> None:
    """Measure once more.

    Raises:
        LoadFailedError: if the load could not be put on.
        TargetFailedError: if a process could not be started.
    """
    own, load = divide_cores(scenario, 1)
    costs = {}

    def run(*, closely: bool) -> Result:
        before: dict[str, float] = {}
        with system.started(own) as parts:
            result = generate(
                [target.address for target in parts.get(_NODES) or parts[_ENGINE]],
                system.dialect,
                scenario,
                cores=load,
                closely=closely,
                when_all_are_in=lambda: before.update(_processor_seconds(parts)),
            )
            if not closely:  # then the load is another
                spent = _processor_seconds(parts)
                costs.update({name: (spent[name] - before[name]) / result.sent * 1e6 for name in spent})
        result.server_cores = len(own)
        return result

    runs.results.append(make_certain(run))
    for name, cost in costs.items():
        runs.costs.setdefault(name, []).append(cost)


def _processor_seconds(parts: dict[str, list[Target]]) -> dict[str, float]:
    return {
        name: sum(sum(psutil.Process(target.process.pid).cpu_times()[:2]) for target in targets)
        for name, targets in parts.items()
    }


def tables(found: Mapping[Scenario, Mapping[str, Runs]], rounds: int) -> str:
    """Return what was measured as Markdown: what arrived and how late, then what it cost."""
    shown = [name for name in SYSTEMS if any(name in runs for runs in found.values())]
    rows = [f"| Load (medians of {rounds} rounds) | {' | '.join(shown)} | with : without the engine |"]
    rows.append("| --- |" + " ---: |" * (len(shown) + 1))
    costs = [f"| Microseconds of processor time a message | {' | '.join(shown)} |", "| --- |" + " ---: |" * len(shown)]
    for scenario, runs in found.items():
        cells = [_figures(runs[name].results) if name in runs else "" for name in shown]
        without, with_engine = (_deliveries(runs[name]) if name in runs else 0.0 for name in [*SYSTEMS][:2])
        ratio = f"{with_engine / without:.2f}" if without and with_engine else ""
        rows.append(f"| {scenario.name} | {' | '.join(cells)} | {ratio} |")
        cells = [_costs(runs[name]) if name in runs else "" for name in shown]
        costs.append(f"| {scenario.name} | {' | '.join(cells)} |")
    return "\n".join([*rows, "", *costs])


def _deliveries(runs: Runs) -> float:
    return statistics.median(result.deliveries_per_second for result in runs.results)


def _figures(results: list[Result]) -> str:
    """Return median and 99th percentile of the latency if the load is about that, else deliveries and the latter."""
    wrong = "" if all(result.is_correct for result in results) else " (failed)"
    half, most = (statistics.median(result.latency_ms[name] for result in results) for name in ("p50", "p99"))
    deliveries = statistics.median(result.deliveries_per_second for result in results)
    first = f"{half:.2f}" if results[0].scenario.is_about_latency else f"{deliveries / 1e6:.2f} M"
    return f"{first} / {most:.2f} ms{wrong}"


def _costs(runs: Runs) -> str:
    return " + ".join(f"{statistics.median(each):.1f} {name}" for name, each in runs.costs.items())


def main() -> int:
    """Measure and print; return 1 if something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, help="of each load")
    parser.add_argument("--scenario", type=read_scenario, action="append", help="a load, as for chatproof bench")
    parser.add_argument("--only", nargs="*", choices=SYSTEMS, default=[*SYSTEMS], metavar="SYSTEM")
    parser.add_argument("--page", type=Path, help="put the tables into this page")
    options = parser.parse_args()
    if options.page:
        try:  # better to fail before than after
            replaced(options.page.read_text("utf-8"), _NAME, "")
        except (OSError, ValueError) as error:
            parser.error(f"--page {options.page}: {error}")
    allow_files()
    found: dict[Scenario, dict[str, Runs]] = {}
    for scenario in options.scenario or SCENARIOS:
        load = replace(scenario, seconds=options.seconds or scenario.seconds)
        runs = {name: Runs() for name in options.only}
        for number in range(options.rounds):  # in turn: what disturbs the machine for a while disturbs all
            for name in options.only[:: -1 if number % 2 else 1]:
                _try(name, load, runs[name])
        found[load] = {name: each for name, each in runs.items() if each.results}
        for name, each in found[load].items():
            print(f"{load.name:<32} {name:<26} {_figures(each.results):<24} {_costs(each)}", flush=True)
    results = [result for runs in found.values() for each in runs.values() for result in each.results]
    limits = {count: measure_limit(count) for count in sorted({load.clients for load in found})}
    print(*note_cores(results), *notes((), limits, 1), tables(found, options.rounds), sep="\n")
    if options.page:
        page = replaced(options.page.read_text("utf-8"), _NAME, tables(found, options.rounds))
        options.page.write_text(page, "utf-8", newline="\n")
    wanted = len(found) * len(options.only) * options.rounds
    return int(len(results) < wanted or not all(result.is_correct for result in results))


def _try(name: str, scenario: Scenario, runs: Runs) -> None:
    try:
        put_on(SYSTEMS[name], scenario, runs)
    except (LoadFailedError, TargetFailedError) as error:
        print(f"{name}: {scenario.name}: {error}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
