"""Measures `chatproof validate` against other validators, on the same messages, in one run.

    python tests/schemas/bench/run.py [MESSAGES]

Prints messages a second of processor time and the ratio to the bare pipeline of orjson and jsonschema-rs, and the
most memory that validate took at a hundredth, a tenth and all of the messages. Needs the test extra and orjson; with
node and npm it measures ajv too. The slow ones are measured on a sample.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import islice
from pathlib import Path

import pipelines
from messages import lines

_SAMPLE = 20_000
_PEAK = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
_AJV = Path(__file__).parents[1] / "ajv" / "package.json"


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log.ndjson"
        with log.open("wb") as file:
            file.writelines(lines(count))
        print(f"{count:,} messages, {log.stat().st_size:,} bytes, 1 % of them invalid\n")
        rates = dict(measure(log, count))
        bare = rates["orjson and jsonschema-rs, dispatch"]
        for name, rate in rates.items():
            print(f"{name:40} {rate:>12,.0f} messages/s {rate / bare:>7.2f} times the bare pipeline")
        union = rates["python-jsonschema, union (sample)"]
        print(
            f"\nvalidate is {rates['chatproof validate'] / union:.0f} times as fast as python-jsonschema on the union\n"
        )
        for part in (count // 100, count // 10, count):
            print(f"{part:>12,} messages: {peak_memory(log, part):6.1f} MiB at most")


def measure(log: Path, count: int):
    yield "chatproof validate", count / best_of(3, lambda: validate(log))
    yield "orjson and jsonschema-rs, dispatch", count / best_of(3, lambda: over(log, pipelines.rust_dispatch))
    sample = min(_SAMPLE, count)
    yield (
        "python-jsonschema, dispatch (sample)",
        sample / best_of(1, lambda: over(log, pipelines.python_dispatch, sample)),
    )
    yield "python-jsonschema, union (sample)", sample / best_of(1, lambda: over(log, pipelines.python_union, sample))
    if shutil.which("node") and shutil.which("npm"):
        yield "ajv, union (node)", count / ajv_seconds(log)


def best_of(times: int, work: Callable[[], object]) -> float:
    seconds = []
    for _ in range(times):
        began = processor_seconds()
        work()
        seconds.append(processor_seconds() - began)
    return min(seconds)


def processor_seconds() -> float:
    """Return what this process and those that it started have used: another's load on the machine does not count."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def validate(log: Path) -> None:
    """The whole command in a process of its own: start, reading, findings, counts."""
    with log.with_suffix(".found").open("wb") as found:
        words = [sys.executable, "-m", "chatproof_common.command_line.main", "validate", log]
        done = subprocess.run(words, stdout=found, stderr=subprocess.PIPE, check=False)
    if done.returncode != 1:
        sys.exit(done.stderr.decode())


def over(log: Path, pipeline: Callable, count: int | None = None) -> int:
    with log.open("rb") as file:
        return pipeline(islice(file, count) if count else file)


def ajv_seconds(log: Path) -> float:
    """Without the start of the runtime and the compilation of the schemas."""
    folder = log.parent / "node"
    folder.mkdir()
    shutil.copy(_AJV, folder)
    shutil.copy(Path(__file__).with_name("compare.mjs"), folder)
    (folder / "schemas.json").write_text(
        json.dumps({"schemas": pipelines.SCHEMAS, "unions": [schema["$id"] for schema in pipelines.SCHEMAS[1:3]]})
    )
    npm = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    subprocess.run(npm, cwd=folder, check=True, capture_output=True)
    words = ["node", "compare.mjs", "schemas.json", log]
    return json.loads(subprocess.run(words, cwd=folder, check=True, capture_output=True).stdout)["seconds"]


def peak_memory(log: Path, count: int) -> float:
    part = log.with_name(f"{count}.ndjson")
    with log.open("rb") as file, part.open("wb") as copy:
        copy.writelines(islice(file, count))
    words = [sys.executable, "-m", "chatproof_common.command_line.main", "validate", part]
    # From a small process: one that is started counts what its parent takes too, and ours has all the pipelines.
    peak = subprocess.run([sys.executable, "-c", _PEAK, *words], check=True, capture_output=True).stdout
    part.unlink()
    return int(peak) / 1024


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
