"""Lets each system call of a short check fail once, each in a run of its own, and says which run does not own up to it.

    python tests/faults/system_calls.py [--jobs 2] [--sample 20] [--seed 1] [--only CALL …]

Needs strace, and leave to trace. The server under test is left alone. What fails before the check has said its first
line is Python's start. From there on the exit code must be 2, or that of an abort by the C library, with no traceback.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import short_runs

_RUN = "stop"
_WORDS = ("FRAME-1", "JOIN-1", "LEAVE-1", "PUBLIC-1", "PRIVATE-1", "ERROR-1", "SERVER-1", "STOP-1", "STOP-2", "STOP-3")
_FIRST_LINE = "Checking"
_CALL = re.compile(r"(\d+) +(\w+)\(")
_ERRORS = ("ENOMEM", "EMFILE", "ENOSPC", "EIO")
"""None of them is anything that a peer can cause."""
_EACH = 4
_CANNOT_FAIL = {"exit", "exit_group", "rt_sigreturn", "vfork", "futex", "rseq", "set_robust_list"}
_WAKE_UP = r', "\0", 1, 0'
"""What a thread sends to wake up the loop of asyncio, which looks around by itself at times."""
_HARMLESS = {
    "close": "the descriptor is closed all the same",
    "close_range": "each descriptor is closed by itself then",
    "getcwd": "an import looks in other folders then",
    "getrandom": "Python takes /dev/urandom then",
    "getpeername": "a socket is described without its address",
    "getsockname": "the same",
    "gettid": "the C library only names a thread by it",
    "getpid": "the same",
    "ioctl": "it only asks whether a file is a terminal",
    "lseek": "Python asks a new file for its position, which may have none",
    "madvise": "a hint",
    "mkdir": "without the memory of this run only --failed knows nothing later",
    "munmap": "memory is given back later",
    "newfstatat": "an import asks for a file that may be missing",
    "rt_sigaction": "Python asks for each signal as it starts, and so does what it starts",
}


@dataclass(frozen=True)
class Fault:
    """A system call that fails: the how-manieth of each thread, from 1, and how."""

    call: str
    number: int
    error: str


def run(folder: Path, *options: str) -> tuple[int | None, str]:
    """Run a check under strace; return its exit code, None if it hangs, and what it printed."""
    words = ["strace", "-f", "--detach-on=execve", "-o", "trace", *options]
    words += [sys.executable, short_runs.__file__, _RUN, *short_runs.WORDS, *_WORDS]
    with (folder / "printed").open("wb") as printed:
        process = subprocess.Popen(
            words, cwd=folder, env=os.environ | {"XDG_CACHE_HOME": str(folder)},
            stdin=subprocess.DEVNULL, stdout=printed, stderr=printed, start_new_session=True,
        )  # fmt: skip
        try:
            code = process.wait(short_runs.MOST_SECONDS)
        except subprocess.TimeoutExpired:
            code = None
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    return code, (folder / "printed").read_text("utf-8", "replace")


def plan(chance: random.Random) -> Iterator[Fault]:
    """Yield faults for each system call that a check makes after its first line, in several of its threads."""
    with tempfile.TemporaryDirectory() as name:
        _, printed = run(Path(name))
        lines = (Path(name) / "trace").read_text("utf-8", "replace").splitlines()
    if "conforms" not in printed:
        raise RuntimeError(f"without a fault: {printed}")
    begin = next(place for place, line in enumerate(lines) if f'write(1, "{_FIRST_LINE}' in line)
    before = Counter(_CALL.findall("\n".join(lines[:begin])))
    after = Counter(_CALL.findall("\n".join(lines[begin:])))
    for call in sorted({call for _, call in after} - _CANNOT_FAIL):
        threads = sorted(thread for thread in after if thread[1] == call)
        numbers = {before[one] + chance.choice((1, chance.randint(1, after[one]))) for one in threads}
        for number in chance.sample(sorted(numbers), min(len(numbers), _EACH)):
            yield Fault(call, number, chance.choice(_ERRORS))


def inject(fault: Fault) -> tuple[Fault, str, list[str]]:
    """Return how a run with a fault ended, in words, which calls failed, and the last words that it printed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        option = f"{fault.call}:error={fault.error}:when={fault.number}"
        code, printed = run(Path(name), "-e", f"trace={fault.call}", "-e", f"inject={option}")
        lines = (Path(name) / "trace").read_text("utf-8", "replace").splitlines()
    failed = [line for line in lines if "(INJECTED)" in line]
    how = _told(fault, code, printed) if failed else "not reached"
    if code == 0 and all(_WAKE_UP in line for line in failed):
        how = "no harm"
    return fault, how, [*failed, printed[-200:]]


def _told(fault: Fault, code: int | None, printed: str) -> str:
    if _FIRST_LINE not in printed:
        return "not started"
    if "Traceback" in printed.partition(_FIRST_LINE)[2]:
        return "a traceback"
    if code == 0 and fault.call in _HARMLESS:
        return "no harm"
    if code == 2:
        return "inconclusive" if "Nothing certain" in printed else "owned up"
    named = {None: "it hung", 0: "a verdict by accident", 1: "a false accusation", -signal.SIGABRT: "an abort"}
    return named.get(code, f"exit code {code}")


def main() -> None:
    """Inject what the command line says, print what is wrong, and exit with 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, help="so many faults by chance (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", nargs="*", default=(), metavar="CALL")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    faults = [one for one in plan(chance) if not options.only or one.call in options.only]
    if options.sample:
        faults = chance.sample(faults, min(options.sample, len(faults)))
    print(f"{len(faults)} faults in {len({one.call for one in faults})} system calls", flush=True)
    told: Counter[str] = Counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        for fault, how, seen in pool.map(inject, faults):
            told[how] += 1
            if how not in ("owned up", "not reached", "no harm", "not started"):
                print(how, fault, *map(repr, seen), flush=True)
    print(dict(told))
    sys.exit(bool(told.keys() & {"it hung", "a traceback", "a verdict by accident", "a false accusation"}))


if __name__ == "__main__":
    main()
