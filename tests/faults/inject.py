"""Lets each call of the harness raise once, each in a run of its own, and says which run does not own up to it.

    python tests/faults/inject.py [--jobs 2] [--sample 60] [--seed 1] [--only TEXT …] [--out faults.json]

A short check of the baseline server, one for each group of lanes, one of the baseline client, and a tap are run once
to see which calls they make: of a function of ours, and by one of ours of anything else that has an effect outside it.
Then each of them raises, at its first call and at a later one, in each command that makes it. All is imported once;
each run is a fork. A run in which something of ours failed must end with exit code 2 and a reason: 0 is a verdict by
accident, 1 a false accusation; nor may it hang, or show a traceback. A tap may also end with the status by which the
command behind it says that it was not served. Needs Python 3.12 (PEP 669).
"""

import argparse
import asyncio
import errno
import gc
import json
import os
import random
import secrets
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from calls import Tracer, import_all
from short_runs import CHECKS, MOST_SECONDS, RUNS, TRAFFIC_FAILED, shorten, words

from chatproof_common.command_line import main as command_line
from chatproof_common.system import descendants

_POLL_SECONDS = 0.02
_MOST_RUNS = 3
_HARMLESS = {
    "command_line.main:main": "nothing of ours can catch what the first line of all raises",
    "system.sockets:keep_alive -> _socket.socket.setsockopt": "it only finds a peer that has vanished sooner",
    "system.other_end:asked_of_the_kernel ->": "without it nobody waits until what was sent has been read",
    "proxy.endpoint:Endpoint.__init__ -> _socket.socket.setsockopt": "what passes is only slower",
    "proxy.proxy:Proxy._accept -> socket.socket.accept": "the client waits, and is accepted a moment later",
    "tap.growing_file:GrowingFile._write_all": "the tap reports that its record or capture is not whole, and judges on",
    "reporting.last_failures:": "without this memory only --failed knows nothing later",
    "system.cache_folder:": "the same",
    "system.descendants:_birth -> ": "the same as of guard",
    "system.descendants:inheriting -> resource.": "what is started has no mark then, and is known by its tag alone",
    "system.descendants:guard -> ": "what outlives a harness that was killed is known by its tag and its mark alone",
}
"""How calls begin that need not own up, and why."""
_ERRORS: tuple[BaseException, ...] = (
    RuntimeError("injected"),
    OSError(errno.EMFILE, os.strerror(errno.EMFILE)),
    MemoryError("injected"),
    KeyError("injected"),
    OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)),
    RecursionError("injected"),
    asyncio.CancelledError("injected"),
    OSError(errno.ENOBUFS, os.strerror(errno.ENOBUFS)),
)


@dataclass(frozen=True)
class Fault:
    """A call that raises.

    Attributes:
        run: the name of the short run.
        call: what is called; of what is not ours also where.
        number: which call of it, from 1.
        error: what it raises: its place in the list of errors.
    """

    run: str
    call: str
    number: int
    error: int


@dataclass
class Outcome:
    """How a run with a fault ended: its exit code, None if it hung; whether the call was made; and what it printed."""

    fault: Fault
    code: int | None
    raised: bool
    printed: str = field(repr=False)

    @property
    def trouble(self) -> str:
        """What is wrong with it; empty if nothing is."""
        if not self.raised:
            return ""
        if self.code is None:
            return "it hung"
        if "Traceback" in self.printed:
            return "a traceback"
        if self.fault.run == "tap" and self.code == TRAFFIC_FAILED:
            return ""
        return {0: "a verdict by accident", 1: "a false accusation", 2: ""}.get(self.code, f"exit code {self.code}")

    @property
    def told(self) -> str:
        """The same, or how it owns up."""
        if self.trouble or not self.raised:
            return self.trouble or "not reached"
        return "inconclusive" if "Nothing certain" in self.printed else "owned up"


class _Fork:
    """A short run in a process of its own, and what it leaves in its folder."""

    def __init__(self, run: str, selection: list[str], fault: Fault | None = None) -> None:
        self.fault = fault
        self.folder = Path(tempfile.mkdtemp(prefix="faults-"))
        self._give_up = time.monotonic() + MOST_SECONDS
        self._pid = os.fork()
        if not self._pid:
            code = 99
            try:
                code = _in_fork(run, selection, fault, self.folder)
            finally:
                os._exit(code)

    def ended(self) -> bool:
        """Whether it has; what takes too long is killed."""
        pid, status = os.waitpid(self._pid, os.WNOHANG)
        self.code = os.waitstatus_to_exitcode(status) if pid else None
        if not pid and time.monotonic() > self._give_up:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
            return True
        return bool(pid)

    def result(self) -> tuple[int | None, dict[str, Any], str]:
        """Return its exit code, None if it hung; what it told of its calls; and what it printed. Its folder goes."""
        told, printed = self.folder / "told", (self.folder / "printed").read_text("utf-8", "replace")
        data = json.loads(told.read_text()) if told.exists() else {"raised": True, "calls": {}}
        shutil.rmtree(self.folder, ignore_errors=True)
        return self.code, data, printed


def _in_fork(run: str, selection: list[str], fault: Fault | None, folder: Path) -> int:
    output = os.open(folder / "printed", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for number in (1, 2):
        os.dup2(output, number)
    os.environ["XDG_CACHE_HOME"] = str(folder)
    os.chdir(folder)
    # What a fork starts must be its own to end.
    setattr(descendants, "_RUN", f"CHATPROOF_STARTED_{secrets.token_hex(8)}")  # noqa: B010
    shorten(run)
    sys.argv = ["chatproof", *words(run), *selection]
    tracer = Tracer(fault.call, fault.number, _ERRORS[fault.error]) if fault else Tracer()
    tracer.begin()
    try:
        code = command_line.main()
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:  # noqa: BLE001  what Python would do with it
        import traceback  # noqa: PLC0415

        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
    gc.collect()  # what was never awaited says so
    (folder / "told").write_text(json.dumps({"raised": tracer.raised, "calls": tracer.calls}))
    return code


@dataclass(frozen=True)
class Reference:
    """A short run without a fault: the selection that lets it end well, and how often each call was made."""

    run: str
    selection: list[str]
    calls: dict[str, int]


def reference(run: str) -> Reference:
    """Make a short run some times, to learn of its calls, and which requirements it always puts to the test."""
    for _ in range(_MOST_RUNS):  # one that starves may lack something
        selection = sorted(_passed(run) & _passed(run)) if run in CHECKS else []
        code, _, printed = _awaited(_Fork(run, selection, Fault(run, "", 0, 0))).result()
        if code == 0:
            break
    else:
        raise RuntimeError(f"without a fault {run} ends with {code}: {printed[-2000:]}")
    told = _awaited(_Fork(run, selection)).result()[1]  # to count takes long
    return Reference(run, selection, told["calls"])


def _passed(run: str) -> set[str]:
    nothing = Fault(run, "", 0, 0)
    fork = _awaited(_Fork(run, [], nothing))
    report = json.loads((fork.folder / "report.json").read_text())
    fork.result()
    return {one["id"] for one in report["requirements"] if one["verdict"] == "pass"}


def plan(
    references: Iterable[Reference], chance: random.Random, only: Collection[str] = (), *, both: bool = True
) -> Iterator[Fault]:
    """Yield faults for each call, in the first run of each command that makes it: at its first time, later, or both."""
    known: set[tuple[str, str]] = set()
    for one in references:
        command = "check" if one.run in CHECKS else one.run
        for call, times in one.calls.items():
            if (
                (command, call) in known
                or call.startswith(tuple(_HARMLESS))
                or (only and not any(text in call for text in only))
            ):
                continue
            known.add((command, call))
            error = chance.choice([place for place, one in enumerate(_ERRORS) if not _is_meant(call, one)])
            later = chance.randint(1, max(1, times * 2 // 3))
            for number in {1, later} if both else {chance.choice((1, later))}:
                yield Fault(one.run, call, number, error)


def _is_meant(call: str, error: BaseException) -> bool:
    """Whether a call is known to raise an error for what it is given: a frame may be nested too deep."""
    return call.endswith("json.loads") and isinstance(error, RecursionError)


def inject(faults: Iterable[Fault], references: Mapping[str, Reference], jobs: int = 2) -> Iterator[Outcome]:
    """Make a run with each fault, some at once."""
    waiting, running = iter(faults), list[_Fork]()
    while True:
        while len(running) < jobs and (fault := next(waiting, None)) is not None:
            running.append(_Fork(fault.run, references[fault.run].selection, fault))
        if not running:
            return
        time.sleep(_POLL_SECONDS)
        for one in [one for one in running if one.ended()]:
            running.remove(one)
            code, told, printed = one.result()
            assert one.fault is not None
            yield Outcome(one.fault, code, told["raised"], printed)


def _awaited(fork: _Fork) -> _Fork:
    while not fork.ended():
        time.sleep(_POLL_SECONDS)
    return fork


def main() -> None:
    """Inject what the command line says, print what is wrong, and exit with 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, help="so many faults by chance (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", nargs="*", default=RUNS, choices=RUNS)
    parser.add_argument("--only", nargs="*", default=(), metavar="TEXT")
    parser.add_argument("--one", action="store_true", help="one fault a call, not two")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    import_all()
    chance = random.Random(options.seed)
    references = {run: reference(run) for run in options.runs}
    faults = list(plan(references.values(), chance, options.only, both=not options.one))
    if options.sample:
        faults = chance.sample(faults, min(options.sample, len(faults)))
    print(f"{len(faults)} faults", flush=True)
    outcomes = []
    for one in inject(faults, references, options.jobs):
        outcomes.append(one)
        if len(outcomes) % 100 == 0:
            print(f"{len(outcomes)} done", flush=True)
        if one.told not in ("owned up", "not reached"):
            print(one.told, one.fault, repr(_ERRORS[one.fault.error]), flush=True)
    if options.out:
        told = [{"told": one.told, "error": repr(_ERRORS[one.fault.error]), **asdict(one)} for one in outcomes]
        options.out.write_text(json.dumps(told, indent=1))
    print(Counter(one.told for one in outcomes))
    sys.exit(any(one.trouble for one in outcomes))


if __name__ == "__main__":
    main()
