"""Compares two folders of JSON reports, made with one seed before and after a change that must change no verdict.

``python tests/conformance/reporting/same_verdicts.py BEFORE AFTER``: compares reports of the same name; exit code 1
if they differ. What no two runs share is left out: times, ports, the characters that set a run's names apart, how much
generated traffic fitted into its budget (so evidence counts only as there or not), and in which order frames arrived at
different connections (so of a live run's traffic only the frames marked as wrong are compared, and what only generated
traffic found is not compared at all).
"""

import json
import re
import sys
from pathlib import Path

_BY_CHANCE = (
    (re.compile(r"-[A-Z][a-z][0-9][a-z][0-9a-z]+\b"), "-TOKEN"),
    (re.compile(r"\b\d\d:\d\d:\d\d\b"), "TIME"),
    (re.compile(r"(127\.0\.0\.1:|\[::1\]:|port )\d+"), r"\1PORT"),
    (re.compile(r"\d+\.\d+ s\b"), "SECONDS"),
)
_TIMES = {"started", "seconds", "time"}


def comparable(value, key="", *, live):
    """Return a part of a report without what no two runs share, of a live run or of a recording."""
    if key == "evidence" and live:
        return {name: bool(count) for name, count in value.items()}
    if key == "findings" and live:
        value = [finding for finding in value if not finding["case"].startswith("generated_")]
    if key == "traffic" and live:
        value = [step["text"] for step in value if step["offending"]]
    if isinstance(value, dict):
        return {name: comparable(member, name, live=live) for name, member in value.items() if name not in _TIMES}
    if isinstance(value, list):
        return [comparable(item, live=live) for item in value]
    if isinstance(value, str):
        for pattern, word in _BY_CHANCE:
            value = pattern.sub(word, value)
    return value


def differences(before, after, place=""):
    """Yield each place at which two values differ, with both; a member that only ``after`` has is no difference."""
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in before.items():
            if name in after:
                yield from differences(value, after[name], f"{place}/{name}")
            else:
                yield f"{place}/{name}", value, "(not there)"
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, f"{place}/{named(one, number)}")
    elif before != after:
        yield place, before, after


def read(path):
    """Return the comparable part of a report in a file."""
    report = json.loads(path.read_text("utf-8"))
    return comparable(report, live=report["seed"] is not None)


def named(item, number):
    """Return how a place names an item of a list: by its id, if it has one."""
    return item.get("id", number) if isinstance(item, dict) else number


def main(words):
    """Print each difference; return the exit code."""
    before, after = map(Path, words)
    names = sorted({path.name for folder in (before, after) for path in folder.glob("*.json")})
    wrong = 0
    for name in names:
        pair = [folder / name for folder in (before, after)]
        missing = [str(path) for path in pair if not path.is_file()]
        found = [("", *missing, "is missing")] if missing else list(differences(*map(read, pair)))
        wrong += bool(found)
        for place, *values in found:
            print(f"{name}{place}: " + " -> ".join(f"{value!s:.300}" for value in values))
    print(f"{len(names)} reports, {wrong} of them differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
