"""A short check, for tools that repeat it many times: few waves and histories, and of the lanes at most one group.

python tests/faults/short_check.py plain|lanes0|lanes1|… check …
"""

import itertools
import shlex
import sys
from dataclasses import replace
from pathlib import Path

import chatproof_conformance
from chatproof_common.command_line.main import main
from chatproof_conformance.engine.exploration import explorer, lanes

_GROUPS = {group.lanes[-1].__module__.rpartition(".")[2]: replace(group, delay=0.0) for group in lanes.GROUPS}
RUNS = ("plain", *_GROUPS)
_LIMIT_SECONDS = 120
"""A wake-up that is lost in asyncio is only noticed then."""
MOST_SECONDS = 300
"""After them it hangs, however busy the machine is."""
_WAVES, _HISTORIES = 2, 2
_SERVER = Path(chatproof_conformance.__file__).with_name("implementations") / "servers" / "run.py"
WORDS = (
    "check", "--seed", "1", "--budget", "0.1", "--time-limit", str(_LIMIT_SECONDS), "--announce", "stdin",
    "--report", "junit=report.xml,json=report.json",
    "--command", shlex.join([sys.executable, "-S", "-E", str(_SERVER), "baseline", "--port", "{port}"]),
)  # fmt: skip


def shorten(run: str) -> None:
    """From now on let checks in this process be short."""
    lanes.GROUPS = tuple(group for name, group in _GROUPS.items() if name == run)  # type: ignore[misc]  final elsewhere
    lanes.needed = lambda *_: True
    for name, most in (("plan_rounds", _WAVES), ("drawn_round", 1), ("histories", _HISTORIES), ("races", 1)):
        whole = getattr(explorer, name)
        setattr(explorer, name, lambda *a, whole=whole, most=most, **k: list(itertools.islice(whole(*a, **k), most)))
    explorer._HISTORIES_DELAY = 0.0  # type: ignore[misc]  # noqa: SLF001


if __name__ == "__main__":
    shorten(sys.argv.pop(1))
    sys.exit(main())
