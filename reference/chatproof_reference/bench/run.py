"""What ``chatproof bench`` does: each scenario on a server of its own, where it may start one."""

import argparse
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from chatproof_reference.bench.dialects import CHAT, Dialect
from chatproof_reference.bench.limit import measure_limit
from chatproof_reference.bench.load import Load, LoadFailedError
from chatproof_reference.bench.report import as_json, as_svg, table
from chatproof_reference.bench.scenario import Result, Scenario
from chatproof_reference.bench.target import BUNDLED, Target, TargetFailedError

SCENARIOS = (
    Scenario(10, 1, window=1),
    Scenario(10, 9),
    Scenario(100, 1, window=64),
    Scenario(100, 99),
    Scenario(100, 99, rate=500),
    Scenario(90, 89),
    Scenario(90, 89, stalled=10),
    Scenario(500, 499, window=4),
    Scenario(2000, 10, window=2),
)
QUICK = (Scenario(10, 1, window=1, seconds=0.3), Scenario(20, 19, window=8, seconds=0.3))
_CANNOT_RUN = 2


def bench(arguments: argparse.Namespace) -> int:
    """Measure, print, write files; return 0 (every delivery was right), 1 (one was not), 2 (nothing to measure)."""
    scenarios = QUICK if arguments.quick else SCENARIOS
    try:
        limits = {count: measure_limit(count) for count in sorted({scenario.clients for scenario in scenarios})}
        results = [_measure(arguments, scenario) for scenario in scenarios]
    except (LoadFailedError, TargetFailedError, OSError) as error:
        print(f"Cannot measure: {error}", file=sys.stderr)  # noqa: T201  for its user
        return _CANNOT_RUN
    name = arguments.target or arguments.command or "bundled server"
    print(table(results))  # noqa: T201  the result
    shown = ", ".join(f"{limit:,.0f} with {count} clients" for count, limit in limits.items())
    print(f"The generator itself counts at most, a second: {shown}.")  # noqa: T201
    _write(arguments.json, as_json({name: results}, limits))
    _write(arguments.svg, as_svg({name: results}))
    return 0 if all(result.is_correct for result in results) else 1


def measure(command: Sequence[str], dialect: Dialect, scenario: Scenario) -> Result:
    """Put one scenario on a fresh server; its resident memory in KiB before and after is part of the result."""
    with Target(command) as target:
        before = target.resident_kib()
        result = Load(target.address, dialect, scenario).run()
        result.server_kib = {"before": before, "after": target.resident_kib()}
        return result


def _measure(arguments: argparse.Namespace, scenario: Scenario) -> Result:
    if arguments.target:
        host, _, port = arguments.target.rpartition(":")
        return Load((host.strip("[]"), int(port)), CHAT, scenario).run()
    return measure(shlex.split(arguments.command) if arguments.command else BUNDLED, CHAT, scenario)


def _write(path: str | None, text: str) -> None:
    if path:
        Path(path).write_text(text, "utf-8")
