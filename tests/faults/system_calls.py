"""Lets each system call of a short run fail once, each in a run of its own, and says which run does not own up to it.

    python tests/faults/system_calls.py [--jobs 2] [--sample 20] [--seed 1] [--runs RUN …] [--only CALL …]

Needs strace, and leave to trace. The server or client under test is left alone. What fails before the first line is
printed is Python's start. From there on the exit code must be 2, or that of an abort by the C library, with no
traceback; it may be 0 if what failed was tried again with success, which the trace must show, or needs no success.
"""

import argparse
import itertools
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import short_runs

_FIRST_LINE = re.compile(r"^(?:Checking|Listening on) ", re.MULTILINE)
_FIRST_WRITE = re.compile(r'write\(1, "(?:Checking|Listening on) ')
_CALL = re.compile(r"(\d+) +(\w+)\(")
_ERRORS = ("ENOMEM", "EMFILE", "ENOSPC", "EIO")
"""None of them is anything that a peer can cause."""
_EACH = 4
_MOST_RUNS = 3
_CANNOT_FAIL = {
    *("exit", "exit_group", "rt_sigreturn", "vfork", "futex", "rseq", "set_robust_list"),
    *("getpid", "gettid", "rt_sigaction", "rt_sigprocmask", "brk"),  # the kernel refuses wrong arguments alone
}
_CODE = "|".join(map(re.escape, {sys.prefix, sys.base_prefix, str(Path(short_runs.__file__).parents[2])}))
_HARMLESS = {
    r"close\(": "the descriptor is closed all the same",
    r"close_range\(": "each descriptor is closed by itself then",
    r"getcwd\(": "an import looks in other folders then",
    r"getrandom\(": "Python takes /dev/urandom then",
    r"(?:getpeername|getsockname)\(": "a socket is described without its address",
    r"ioctl\(\d+, TCGETS, ": "it only asks whether a file is a terminal",
    rf'openat\(AT_FDCWD, "(?:{_CODE})[^"]*\.pyc"': "Python compiles the module again",
    r"newfstatat\(AT_FDCWD, .*, AT_SYMLINK_NOFOLLOW": "pytest takes a folder of a path for no link",
    r'newfstatat\(\d+, "", ': "Python only asks a file that it opens for the size of its blocks",
    r'(?:mkdir|openat|rename|rmdir|unlink)\((?:AT_FDCWD, )?"[^"]*/(?:unicode_data|tmp)\b': "a cache of Hypothesis",
    r'write\(\d+, "# file: ': "a cache of Hypothesis, too",
    r'unlink\("[^"]*/[a-z0-9_]{8}"\)': "Python tries a folder for temporary files, and the next one then",
    r"socket\(AF_NETLINK, ": "without it nobody waits until what was sent has been read",
    r'write\(\d+, "\{\\"time\\"': "the tap says that its record is not whole; what passed is judged all the same",
    r'write\(\d+, "\\6\\0\\0\\0': "the same of its capture",
    r"lseek\(\d+, 0, SEEK_CUR\)": "Python asks a new file for its position, which may have none",
    r"madvise\(": "a hint",
    r"munmap\(": "memory is given back later",
    rf'newfstatat\(AT_FDCWD, "(?:{_CODE})': "an import looks whether a file is there, which may be missing",
    r'(?:mkdir|openat|rename)\((?:AT_FDCWD, )?"[^"]*/chatproof(?:"|/failed)': "only --failed knows less later",
    r'(?:send|sendto|write)\(\d+, "\\0", 1(?:, 0, NULL, 0)?\)': "asyncio is woken up, which looks around by itself",
    r"setsockopt\(\d+, (?:SOL_SOCKET, SO_KEEPALIVE|SOL_TCP, TCP_KEEP)": "it only finds a peer that has vanished sooner",
    r"setsockopt\(\d+, SOL_TCP, TCP_(?:NODELAY|QUICKACK)": "it only makes peers faster, and the tap",
}
"""What may fail and needs no success, as strace shows it, and why."""
_OF_RARE_RACES = {"JOIN-6"}
"""Strace makes them rarer still."""
_ALSO_TRACED = "execve,openat,write"
"""They tell when Python has started, what a descriptor is, and what a process was before its program."""
_COMPILED = re.compile(r'openat\(AT_FDCWD, "[^"]*\.pyc", .*= (\d+)$')
_BEFORE_IT_RUNS = {"newfstatat", "openat", "getdents64", "close_range"}
"""What may fail in a process that is started, before it runs: Python closes its descriptors by another way then."""
_TRIED_AGAIN = {"mmap", "poll", "accept4", "wait4", "ioctl"}
"""What is harmless if the same thread does it again with success: the trace shows whether it has."""


@dataclass(frozen=True)
class Fault:
    """A system call that fails: in which run, the how-manieth of each thread, from 1, and how."""

    run: str
    call: str
    number: int
    error: str


def run(name: str, selection: Sequence[str], folder: Path, *options: str) -> tuple[int | None, str]:
    """Make a short run under strace; return its exit code, None if it hangs, and what it printed."""
    words = ["strace", "-f", "--detach-on=execve", "-o", "trace", *options]
    words += [sys.executable, short_runs.__file__, name, *selection]
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


def selected(name: str) -> list[str]:
    """Return the ids that a short check of a server always puts to the test; nothing for another run."""
    if name not in short_runs.CHECKS:
        return []
    passed: list[set[str]] = []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as folder:
            run(name, [], Path(folder), "-e", "trace=execve")  # strace makes it slower, and some races rarer
            report = json.loads((Path(folder) / "report.json").read_text("utf-8"))
            passed.append({one["id"] for one in report["requirements"] if one["verdict"] == "pass"})
    return sorted(set.intersection(*passed) - _OF_RARE_RACES)


def plan(name: str, selection: Sequence[str], chance: random.Random) -> Iterator[Fault]:
    """Yield faults for each system call that a run makes after its first line, in several of its threads.

    Raises:
        RuntimeError: if the run does not end well without one.
    """
    for _ in range(_MOST_RUNS):  # one that starves may lack something, and strace may lose a line
        with tempfile.TemporaryDirectory() as folder:
            code, printed = run(name, selection, Path(folder), "-e", "trace=all")
            lines = (Path(folder) / "trace").read_text("utf-8", "replace").splitlines()
        begin = next((place for place, line in enumerate(lines) if _FIRST_WRITE.search(line)), None)
        if code == 0 and begin is not None:
            break
    else:
        raise RuntimeError(f"without a fault {name} ends with {code}: {printed}")
    before = Counter(_CALL.findall("\n".join(lines[:begin])))
    after = Counter(_CALL.findall("\n".join(lines[begin:])))
    for call in sorted({call for _, call in after} - _CANNOT_FAIL):
        threads = sorted(thread for thread in after if thread[1] == call)
        numbers = {before[one] + chance.choice((1, chance.randint(1, after[one]))) for one in threads}
        for number in chance.sample(sorted(numbers), min(len(numbers), _EACH)):
            yield Fault(name, call, number, chance.choice(_ERRORS))


def inject(fault: Fault, selection: Sequence[str]) -> tuple[str, list[str]]:
    """Return how a run with a fault ended, in words; and which calls failed, with the last words that it printed."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        option = f"{fault.call}:error={fault.error}:when={fault.number}"
        code, printed = run(
            fault.run, selection, Path(name), "-e", f"trace={fault.call},{_ALSO_TRACED}", "-e", f"inject={option}"
        )
        lines = (Path(name) / "trace").read_text("utf-8", "replace").splitlines()
    begin = next((place for place, line in enumerate(lines) if _FIRST_WRITE.search(line)), len(lines))
    failed = [place for place, line in enumerate(lines) if "(INJECTED)" in line and place > begin]
    how = _told(fault, code, printed) if failed else "not reached"
    if code == 0 and failed and all(_harmless(fault.call, lines, place) for place in failed):
        how = "no harm"
    return how, [*(lines[place] for place in failed), printed[-200:]]


def _harmless(call: str, lines: Sequence[str], place: int) -> bool:
    """Return whether the call in a line may fail: it needs no success, or the same thread has it later."""
    thread, done = lines[place].split(maxsplit=1)
    if done.startswith("<... "):  # strace was interrupted by another thread: its words stand in an earlier line
        begun = (line for line in reversed(lines[:place]) if line.startswith(f"{thread} ") and "<unfinished" in line)
        done = next(begun, lines[place]).split(maxsplit=1)[1]
    if any(re.match(form, done) for form in _HARMLESS):
        return True
    if call in ("read", "lseek") and any(
        (found := _COMPILED.search(line)) and done.startswith(f"{call}({found[1]}, ") for line in lines[:place][-3:]
    ):
        return True  # Python compiles a module of which it cannot read the compiled form
    later = [line for line in lines[place + 1 :] if line.split(maxsplit=1)[0] == thread]
    if call in _BEFORE_IT_RUNS and any(" execve(" in line for line in later):
        return True
    return call in _TRIED_AGAIN and any(
        re.match(rf"\d+ +(?:{call}\(|<\.\.\. {call} resumed>).*\) += (?!-1 )", line) for line in later[:5]
    )


def _told(fault: Fault, code: int | None, printed: str) -> str:
    begun = _FIRST_LINE.search(printed)
    if begun is None:
        return "not started"
    if "Traceback" in printed[begun.end() :]:
        return "a traceback"
    if code == 2 or (fault.run == "tap" and code == short_runs.TRAFFIC_FAILED):
        return "inconclusive" if "Nothing certain" in printed else "owned up"
    named = {None: "it hung", 0: "a verdict by accident", 1: "a false accusation", -signal.SIGABRT: "an abort"}
    return named.get(code, f"exit code {code}")


def main() -> None:
    """Inject what the command line says, print what is wrong, and exit with 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--sample", type=int, help="so many faults by chance (default: all)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", nargs="*", default=short_runs.RUNS, choices=short_runs.RUNS)
    parser.add_argument("--only", nargs="*", default=(), metavar="CALL")
    options = parser.parse_args()
    chance = random.Random(options.seed)
    selections = {name: selected(name) for name in options.runs}
    planned = itertools.chain.from_iterable(plan(*one, chance) for one in selections.items())
    faults = [one for one in planned if not options.only or one.call in options.only]
    if options.sample:
        faults = chance.sample(faults, min(options.sample, len(faults)))
    print(f"{len(faults)} faults in {len({one.call for one in faults})} system calls", flush=True)
    told: Counter[str] = Counter()
    with ThreadPoolExecutor(options.jobs) as pool:
        outcomes = pool.map(lambda fault: inject(fault, selections[fault.run]), faults)
        for fault, (how, seen) in zip(faults, outcomes, strict=True):
            told[how] += 1
            if how not in ("owned up", "not reached", "no harm", "not started"):
                print(how, fault, *map(repr, seen), flush=True)
    print(dict(told))
    sys.exit(bool(told.keys() & {"it hung", "a traceback", "a verdict by accident", "a false accusation"}))


if __name__ == "__main__":
    main()
