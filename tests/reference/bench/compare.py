"""Measures the reference server side by side with other servers that are installed, interleaved, in one run.

Run: ``python tests/reference/bench/compare.py --page docs/server.md``: it needs nobody, and writes the table of that
page, and the plot beside it (``server-comparison.svg``), by itself. On Debian the others are the packages redis-server,
nats-server, ngircd and inspircd; those that are missing are left out, and said to be.
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from page import replaced
from page import table as page_table

from chatproof_reference.bench.dialects import CHAT, IRC, NATS, REDIS, Dialect
from chatproof_reference.bench.limit import measure_limit
from chatproof_reference.bench.load import LoadFailedError
from chatproof_reference.bench.plot import as_svg
from chatproof_reference.bench.report import as_json, note_cores, notes, table
from chatproof_reference.bench.result import Result
from chatproof_reference.bench.run import measure
from chatproof_reference.bench.scenario import Scenario, read_scenario
from chatproof_reference.bench.spellings import COMPACT, SPELLINGS
from chatproof_reference.bench.target import BUNDLED, TUTORIAL, TargetFailedError

SCENARIOS = (
    Scenario(10, 1, window=1, seconds=1.0),
    Scenario(10, 9, seconds=1.0),
    *(Scenario(10, 9, seconds=1.0, spelling=name) for name in SPELLINGS if name != COMPACT),
    Scenario(100, 1, window=64, seconds=1.5),
    Scenario(100, 99, seconds=1.5),
    Scenario(100, 99, rate=500, seconds=2.0),
    Scenario(100, 99, rate=5000, seconds=2.0),
    Scenario(500, 499, window=4, seconds=2.0),
    Scenario(500, 499, rate=200, seconds=2.0),
    Scenario(500, 499, rate=1000, seconds=2.0),
)
REDIS_COMMAND = (
    *("redis-server", "--bind", "127.0.0.1", "--port", "{port}", "--save", "", "--maxclients", "15000"),
    *("--client-output-buffer-limit", "pubsub 0 0 0"),
)
_NAME = Path(__file__).name
_NGIRCD = """[Global]
Name = bench.test
Info = bench
Listen = 127.0.0.1
Ports = @PORT@
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
[Options]
DNS = no
Ident = no
PAM = no
"""
_INSPIRCD = """<server name="bench.test" description="bench" network="bench">
<admin name="bench" nick="bench" email="bench@bench.test">
<bind address="127.0.0.1" port="@PORT@" type="clients">
<connect allow="*" timeout="60" threshold="1000000" fakelag="no" commandrate="1000000000" recvq="16777216"
 softsendq="67108864" hardsendq="67108864" localmax="20000" globalmax="20000" resolvehostnames="no" maxchans="10">
<options prefixquit="">
<performance quietbursts="yes" softlimit="20000" somaxconn="1024">
<pid file="{folder}/inspircd.pid">
"""


def commands(folder: Path) -> dict[str, tuple[tuple[str, ...], Dialect]]:
    """Return each server's command line and protocol; a shell puts the port into the configuration files."""
    (folder / "ngircd.conf").write_text(_NGIRCD)
    (folder / "inspircd.conf").write_text(_INSPIRCD.replace("{folder}", str(folder)))
    return {
        "reference": (BUNDLED, CHAT),
        "tutorial": (TUTORIAL, CHAT),
        "redis-server": (REDIS_COMMAND, REDIS),
        "nats-server": (("nats-server", "-a", "127.0.0.1", "-p", "{port}"), NATS),
        "ngircd": (_configured(folder, "ngircd", "ngircd -n -f"), IRC),
        "inspircd": (_configured(folder, "inspircd", "inspircd --nofork --runasroot --config"), IRC),
    }


def _configured(folder: Path, name: str, command: str) -> tuple[str, ...]:
    made = folder / f"{name}.made"
    script = f"sed s/@PORT@/$1/ {folder / name}.conf > {made} && exec {command} {made}"
    return ("sh", "-c", script, "sh", "{port}")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3, help="each figure is the median of this many (%(default)s)")
    parser.add_argument("--only", nargs="*", metavar="SERVER", help="servers to measure (all that are installed)")
    parser.add_argument("--scenario", type=read_scenario, action="append", help="a load, as for chatproof bench")
    parser.add_argument("--json", help="write all figures to this file")
    parser.add_argument("--svg", help="write a plot to this file")
    parser.add_argument("--page", type=Path, help="put the table into this page, and the plot beside it")
    arguments = parser.parse_args()
    if arguments.page:
        try:  # better to fail before than after
            replaced(arguments.page.read_text("utf-8"), _NAME, "")
        except (OSError, ValueError) as error:
            parser.error(f"--page {arguments.page}: {error}")
    scenarios = arguments.scenario or SCENARIOS
    limits = {count: measure_limit(count) for count in sorted({scenario.clients for scenario in scenarios})}
    with tempfile.TemporaryDirectory() as folder:
        servers = commands(Path(folder))
        if unknown := set(arguments.only or ()) - servers.keys():
            parser.error(f"unknown: {', '.join(sorted(unknown))}; expected some of {', '.join(servers)}")
        chosen = {name: servers[name] for name in arguments.only or servers if _is_here(name, servers[name][0])}
        groups = _measure(chosen, scenarios, arguments.rounds)
    measured = [result for results in groups.values() for result in results]
    print(*note_cores(measured), *notes((), limits, 1), sep="\n")
    if arguments.page:
        page = replaced(arguments.page.read_text("utf-8"), _NAME, page_table(groups, arguments.rounds))
        arguments.page.write_text(page, "utf-8", newline="\n")
        arguments.page.with_name("server-comparison.svg").write_text(as_svg(groups), "utf-8", newline="\n")
    if arguments.json:
        Path(arguments.json).write_text(as_json(groups, limits), "utf-8")
    if arguments.svg:
        Path(arguments.svg).write_text(as_svg(groups), "utf-8")


def _is_here(name: str, command: tuple[str, ...]) -> bool:
    program = name if command[0] == "sh" else command[0]
    if shutil.which(program):
        return True
    print(f"{name} is not installed")
    return False


def _measure(
    servers: dict[str, tuple[tuple[str, ...], Dialect]], scenarios: Sequence[Scenario], rounds: int
) -> dict[str, list[Result]]:
    groups: dict[str, list[Result]] = {name: [] for name in servers}
    for scenario in scenarios:
        runs: dict[str, list[Result]] = {name: [] for name in servers}
        for _ in range(rounds):  # interleaved: what disturbs the machine for a while disturbs all
            for name, (command, dialect) in servers.items():
                if scenario.spelling != COMPACT and dialect is not CHAT:
                    continue  # other protocols have one
                _try(name, command, dialect, scenario, runs[name])
        for name, results in runs.items():
            if results:
                groups[name].append(_median(results))
        print(_one_panel(scenario, groups), flush=True)
    return groups


def _one_panel(scenario: Scenario, groups: dict[str, list[Result]]) -> str:
    results = {name: found[-1] for name, found in groups.items() if found and found[-1].scenario == scenario}
    headings, *lines = table(list(results.values())).splitlines()
    width = max(map(len, results), default=0)
    return "\n".join([f"{'':{width}}  {headings}", *map("{:{}}  {}".format, results, [width] * len(results), lines)])


def _try(name: str, command: tuple[str, ...], dialect: Dialect, scenario: Scenario, results: list[Result]) -> None:
    try:
        results.append(measure(command, dialect, scenario, leave_seconds=0.0))
    except (LoadFailedError, TargetFailedError) as error:
        print(f"{name}: {scenario.name}: {error}")


def _median(results: list[Result]) -> Result:
    """Return the run whose figure, the one that the scenario is about, is the middle one."""

    def figure(result: Result) -> float:
        return result.latency_ms["p99"] if result.scenario.is_about_latency else result.deliveries_per_second

    return sorted(results, key=figure)[(len(results) - 1) // 2]


if __name__ == "__main__":
    main()
