"""Short runs of what gives verdicts, for tools that repeat them often: checks of a server and of a client, and a tap.

python tests/faults/short_runs.py plain|idle|…|client|tap [SELECTION …]
"""

import itertools
import shlex
import socket
import sys
from dataclasses import replace
from pathlib import Path

import chatproof_conformance
from chatproof_common.command_line.main import main
from chatproof_conformance.engine.exploration import explorer, judging, lanes

_GROUPS = {group.lanes[-1].__module__.rpartition(".")[2]: replace(group, delay=0.0) for group in lanes.GROUPS}
CHECKS = ("plain", *_GROUPS)
"""Checks of a server: few waves and histories, and of the lanes none, or one group."""
RUNS = (*CHECKS, "client", "tap")
_LIMIT_SECONDS = 120
"""A wake-up that is lost in asyncio is only noticed then."""
MOST_SECONDS = 300
"""After them it hangs, however busy the machine is."""
TRAFFIC_FAILED = 3
"""How the command behind the tap says that it was not served (``tap_traffic.py``); it is the tap's exit code then."""
_WAVES, _HISTORIES = 2, 2
_IMPLEMENTATIONS = Path(chatproof_conformance.__file__).with_name("implementations")
_PYTHON = (sys.executable, "-S", "-E")
_REPORTS = ("--report", "junit=report.xml,json=report.json")


def words(run: str) -> list[str]:
    """Return the words of a short run; those of a check of a server lack a selection that so little can decide."""
    if run == "client":
        driver = shlex.join([*_PYTHON, str(_IMPLEMENTATIONS / "clients" / "run.py"), "client-baseline"])
        return ["check-client", "--seed", "1", "--budget", "0.1", *_REPORTS, "--command", driver]
    if run == "tap":
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = str(free.getsockname()[1])
        traffic = [*_PYTHON, str(Path(__file__).with_name("tap_traffic.py")), *_server(port)]
        return [
            "tap",
            "--to",
            f"127.0.0.1:{port}",
            "--judge",
            "server",
            "--record",
            "tap.ndjson",
            *_REPORTS,
            "--",
            *traffic,
        ]
    limits = ["--seed", "1", "--budget", "0.1", "--time-limit", str(_LIMIT_SECONDS)]
    return ["check", *limits, "--announce", "stdin", *_REPORTS, "--command", shlex.join(_server("{port}"))]


def _server(port: str) -> list[str]:
    return [*_PYTHON, str(_IMPLEMENTATIONS / "servers" / "run.py"), "baseline", "--port", port]


def shorten(run: str) -> None:
    """From now on let checks of a server in this process be short."""
    lanes.GROUPS = tuple(group for name, group in _GROUPS.items() if name == run)  # type: ignore[misc]  final elsewhere
    lanes.needed = lambda *_: True
    for name, most in (("plan_rounds", _WAVES), ("drawn_round", 1), ("histories", _HISTORIES), ("races", 1)):
        whole = getattr(explorer, name)
        setattr(explorer, name, lambda *a, whole=whole, most=most, **k: list(itertools.islice(whole(*a, **k), most)))
    # Whether a core is idle is a matter of chance; and if the process of the judge cannot be started, nothing is lost.
    judging.has_idle_core = lambda: False
    explorer._HISTORIES_DELAY = 0.0  # type: ignore[misc]  # noqa: SLF001


if __name__ == "__main__":
    run = sys.argv.pop(1)
    shorten(run)
    sys.argv[1:] = words(run) + sys.argv[1:]
    sys.exit(main())
