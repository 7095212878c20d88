"""Fuzzes the readers of what others send: for each target a property that holds for all bytes, and where to begin.

    pip install -e '.[test,fuzz]'
    python tests/fuzz/run.py [--seconds 60] [--seed N] [TARGET …]

atheris (libFuzzer) changes the seeds of a target and keeps what reaches new branches, for so many seconds each. The
first input that breaks a property is made smaller and printed: keep it as a test of what was wrong. Exit code 1.
"""

import argparse
import hashlib
import importlib
import os
import re
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

TESTS = Path(__file__).parents[1]
LOOP = Path(__file__).with_name("loop.py")
TARGETS = sorted(path.stem for path in Path(__file__).with_name("targets").glob("*.py"))
LONGEST_INPUT = 1_200
"""Bytes: more than a client's frame may have."""
SLOWEST_INPUT_SECONDS, MOST_MEGABYTES = 60, 1_024


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"{', '.join(TARGETS)} (default: all)")
    parser.add_argument("--seconds", type=int, default=60, help="for each target (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of the changes (default: another each time)")
    arguments = parser.parse_args()
    if unknown := set(arguments.targets) - set(TARGETS):
        parser.error(f"no target is called {', '.join(unknown)}")
    sys.path.insert(0, str(TESTS))
    held = [fuzz(name, arguments.seconds, arguments.seed) for name in arguments.targets or TARGETS]
    return 0 if all(held) else 1


def fuzz(name, seconds, seed=0):
    """Fuzz a target; print how much was tried, or the input that breaks it. Return whether none did."""
    target = importlib.import_module(f"fuzz.targets.{name}")
    with tempfile.TemporaryDirectory() as folder:
        done = run_loop(name, target, seconds, seed, Path(folder))
        broken = (Path(folder) / "broken").iterdir()
        found = {path.name: path.read_bytes() for path in broken if not path.name.startswith("slow-unit")}
    if found or done.returncode:
        print(f"{name}: broken (exit code {done.returncode})\n{done.stdout[-2_000:]}{done.stderr[-4_000:]}")
        for kind, data in found.items():
            # What takes too long or too much memory would do so again.
            smaller = shrunk(target.check, data) if kind.startswith("crash") else data
            print(f"{name}: the input\n    fuzz.targets.{name}.check({smaller!r})")
        return False
    executed = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    branches = re.findall(r"cov: (\d+)", done.stderr)
    print(f"{name}: held for {int(executed[1]):,} inputs, which took {int(branches[-1]):,} branches", flush=True)
    return True


def run_loop(name, target, seconds, number, folder):
    """Run loop.py with the seeds and words of a target; what fails is kept in the folder ``broken``."""
    for part in ("new", "seeds", "broken"):
        (folder / part).mkdir()
    for seed in target.seeds():
        (folder / "seeds" / hashlib.sha256(seed).hexdigest()).write_bytes(seed)
    dictionary = "".join(f'"{escaped(word)}"\n' for word in words_of(target))
    (folder / "dictionary").write_text(dictionary, "ascii")
    options = {
        "dict": folder / "dictionary",
        "max_total_time": seconds,
        "seed": number,
        "max_len": LONGEST_INPUT,
        "timeout": SLOWEST_INPUT_SECONDS,
        "rss_limit_mb": MOST_MEGABYTES,
        "artifact_prefix": f"{folder / 'broken'}{os.sep}",
        "print_final_stats": 1,
    }
    words = [sys.executable, str(LOOP), name, *(f"-{option}={value}" for option, value in options.items())]
    folders = [str(folder / "new"), str(folder / "seeds")]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run(
        [*words, *folders], env=environment, capture_output=True, text=True, errors="replace", check=False
    )


def words_of(target):
    """Return what is worth inserting whole: each string of JSON that the seeds have, and what JSON is made of."""
    found = {word for seed in target.seeds() for word in re.findall(rb'\\?"[\w: ]{1,24}\\?"', seed)}
    return sorted(found | {b"{}", b"[]", b'""', b"null", b"true", b"1e9", b"\\ud83d", b"\\u0000", b'{"":0}', b"\r\n"})


def escaped(word):
    return "".join(f"\\x{byte:02x}" for byte in word)


def shrunk(check, data):
    """Return the input without the pieces that the failure does not need."""
    failure = failure_of(check, data)
    size = len(data)
    while failure and size:
        at = 0
        while at < len(data):
            smaller = data[:at] + data[at + size :]
            if failure_of(check, smaller) == failure:
                data = smaller
            else:
                at += size
        size //= 2
    return data


def failure_of(check, data):
    """Return where an input breaks a property, and by what; None if it does not."""
    try:
        check(data)
    except Exception as error:  # noqa: BLE001  whatever it is, it was not to be raised
        last = traceback.extract_tb(error.__traceback__)[-1]
        return type(error), last.filename, last.lineno
    return None


if __name__ == "__main__":
    sys.exit(main())
