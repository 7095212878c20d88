"""What ``chatproof bench`` does: each scenario on its own server, if it may start one."""

import argparse
import functools
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from chatproof_common.addresses import shown_address
from chatproof_common.command_line.files import NamedFile, require_separate, writing
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.limits import allow_files
from chatproof_common.system.shell_words import split_words
from chatproof_reference.bench.dialects import CHAT, Dialect
from chatproof_reference.bench.generator import default_processes, divide_cores, generate
from chatproof_reference.bench.limit import measure_limit
from chatproof_reference.bench.load import LoadFailedError
from chatproof_reference.bench.plot import as_svg
from chatproof_reference.bench.report import as_json, notes, table
from chatproof_reference.bench.result import Result
from chatproof_reference.bench.scenario import Scenario
from chatproof_reference.bench.spellings import COMPACT, SPELLINGS
from chatproof_reference.bench.target import BUNDLED, Target, TargetFailedError

SCENARIOS = (
    Scenario(10, 1, window=1),
    Scenario(10, 9),
    Scenario(100, 1, window=64),
    Scenario(100, 99),
    Scenario(100, 99, rate=500),
    Scenario(100, 98, rate=500, flooders=1),
    Scenario(90, 89),
    Scenario(90, 89, stalled=10),
    Scenario(500, 499, window=4),
    Scenario(2000, 10, window=2),
    *(Scenario(100, 99, spelling=name) for name in SPELLINGS if name != COMPACT),
)
QUICK = (Scenario(10, 1, window=1, seconds=0.3), Scenario(20, 19, window=8, seconds=0.3))
_CANNOT_RUN = 2
_LEAVE_SECONDS = 1.0
_SPARE_DESCRIPTORS = 50


def bench(arguments: argparse.Namespace) -> int:
    """Measure, print, write files; return 0 (every delivery was right), 1 (one was not), 2 (nothing to measure)."""
    scenarios = arguments.scenario or (QUICK if arguments.quick else SCENARIOS)
    processes = arguments.processes or default_processes()
    try:
        _allow_connections(scenarios, processes)
        require_separate((), _files(arguments))
        counts = sorted({scenario.clients for scenario in scenarios})
        limits = {count: measure_limit(count, processes) for count in counts}
        results = [_measure(arguments, scenario, processes) for scenario in scenarios]
    except (LoadFailedError, TargetFailedError, CommandError, OSError) as error:
        print(f"Cannot measure: {error}", file=sys.stderr)  # noqa: T201  for its user
        return _CANNOT_RUN
    except KeyboardInterrupt:
        print("Stopped: nothing is reported of a measurement that did not end.", file=sys.stderr)  # noqa: T201
        raise
    name = " ".join(map(shown_address, arguments.target)) if arguments.target else arguments.command or "bundled server"
    print("\n".join([table(results), *notes(results, limits, processes)]))  # noqa: T201  the result
    try:
        _write(arguments.json, as_json({name: results}, limits))
        _write(arguments.svg, as_svg({name: results}))
    except OSError as error:
        print(f"Not written: {error.strerror}: {error.filename}", file=sys.stderr)  # noqa: T201  for its user
        return _CANNOT_RUN
    return 0 if all(result.is_correct for result in results) else 1


def measure(
    command: Sequence[str],
    dialect: Dialect,
    scenario: Scenario,
    *,
    processes: int = 1,
    leave_seconds: float = _LEAVE_SECONDS,
) -> Result:
    """Put one scenario on a fresh server; its resident memory is part of the result.

    If latency is the question, server and load have their own cores. The memory is looked at for the last time
    ``leave_seconds`` after all clients have gone.

    Raises:
        LoadFailedError: if the load could not be put on.
        TargetFailedError: if the server could not be started.
    """
    server_cores, load_cores = divide_cores(scenario, processes)

    def put_on(*, closely: bool) -> Result:
        memory: dict[str, int] = {}
        with Target(command, server_cores) as target:
            memory["before"] = target.process.resident_kib()
            result = generate(
                (target.address,),
                dialect,
                scenario,
                processes=processes,
                cores=load_cores,
                closely=closely,
                when_all_are_in=lambda: memory.update(joined=target.process.resident_kib()),
            )
            memory["most"] = target.process.resident_kib(most=True)
            time.sleep(leave_seconds)
            memory["after"] = target.process.resident_kib()
        result.server_kib = memory
        result.server_cores = len(server_cores)
        return result

    return make_certain(put_on)


def make_certain(put_on: Callable[..., Result]) -> Result:
    """Put a load on; if clients got different bytes, put it on again and read every client's closely."""
    result = put_on(closely=False)
    if result.is_correct and not result.is_conclusive:
        close = put_on(closely=True)
        if not close.is_correct:
            return close
        result.read_closely = True
    return result


def _measure(arguments: argparse.Namespace, scenario: Scenario, processes: int) -> Result:
    if not arguments.target:
        command = split_words(arguments.command) if arguments.command else BUNDLED
        return measure(command, CHAT, scenario, processes=processes)
    put_on = functools.partial(generate, arguments.target, CHAT, scenario, processes=processes)
    return make_certain(put_on)


def _allow_connections(scenarios: Sequence[Scenario], processes: int) -> None:
    most = max(scenario.clients + scenario.stalled for scenario in scenarios)
    wanted = most // processes + _SPARE_DESCRIPTORS
    if (allowed := allow_files(wanted)) < wanted:
        raise OSError(f"{most} connections take {wanted} open files a process; the system allows {allowed} (ulimit -n)")


def _files(arguments: argparse.Namespace) -> list[NamedFile]:
    named = {"--json": arguments.json, "--svg": arguments.svg}
    return [NamedFile(f"{option} {name}", name) for option, name in named.items() if name]


def _write(path: str | None, text: str) -> None:
    if path:
        with writing(path):
            Path(path).write_text(text, "utf-8")
