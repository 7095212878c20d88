"""Changes the reference server's protocol logic in one place at a time, and says which changes `check` notices.

    pip install -e . 'mutmut>=3.8,<4'
    python tests/mutation/try_mutants.py [--jobs 2] [--only TEXT …] [--out survivors.json]

mutmut makes the mutants; the checks of `chatproof check` are their only test. A mutant is killed by the first broken
requirement, by an answer that never comes, or by a server that cannot be started. The survivors, each as a diff, are
either seen by a new case or argued about in docs/mutation.md.
"""

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mutmut.mutation.file_mutation import mutate_file_contents

import chatproof_reference
import chatproof_schemas

_LOGIC = (
    "chatproof_reference.wire",
    *(
        f"chatproof_reference.server.{module}"
        for module in ("chat", "requests", "replies", "batch", "shapes", "templates", "ring")
    ),
    "chatproof_schemas.decoding",
    "chatproof_schemas.validation",
)
_WAYS: tuple[tuple[str, ...], ...] = (("lf",), ("none", "JOIN-1", "PUBLIC-1", "PUBLIC-2", "LEAVE-6"))
"""Framings, each with what to check (nothing: all). What the first leaves alive in `wire` meets the second."""
_CHECK = Path(__file__).with_name("first_finding.py")
_MOST_SECONDS = 180


def main() -> None:
    """Try the mutants and print a line for each, then the share killed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many to try at once")
    parser.add_argument("--budget", default="2", help="seconds of generated traffic for each")
    parser.add_argument("--only", nargs="+", default=[""], help="mutants whose name contains one of these")
    parser.add_argument("--out", type=Path, help="where the survivors go, as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mutants = {
            name: code for name, code in _make_mutants(Path(folder)) if any(part in name for part in arguments.only)
        }
        with ThreadPoolExecutor(arguments.jobs) as pool:
            verdicts = pool.map(lambda name: _try(name, Path(folder), arguments.budget), ["", *mutants])
            if (unchanged := next(verdicts)) is not None:
                sys.exit(f"the server that nothing was changed in is found wrong: {unchanged}")
            survivors = dict(_told(zip(mutants, verdicts, strict=True)))
    print(f"{len(mutants) - len(survivors)} of {len(mutants)} mutants killed")
    if arguments.out:
        arguments.out.write_text(json.dumps({name: mutants[name] for name in survivors}, indent=1) + "\n", "utf-8")


def _make_mutants(folder: Path) -> Iterator[tuple[str, str]]:
    """Copy the packages into a folder with every mutant in them; yield the mutants' names, each with its code."""
    for package in (chatproof_reference, chatproof_schemas):
        shutil.copytree(Path(package.__file__).parent, folder / package.__name__)
    for module in _LOGIC:
        file = folder.joinpath(*module.split(".")).with_suffix(".py")
        mutated = mutate_file_contents(str(file), file.read_text("utf-8"))
        file.write_text(mutated.code, "utf-8")
        for name in mutated.mutant_names:
            yield f"{module}.{name}", _function(mutated.code, name)


def _function(code: str, name: str) -> str:
    lines = iter(code.splitlines())
    for line in lines:
        if f"def {name}(" in line:
            indent = len(line) - len(line.lstrip())
            body = [line]
            for following in lines:
                if following.strip() and len(following) - len(following.lstrip()) <= indent:
                    break
                body.append(following)
            return "\n".join(body)
    return ""


def _try(name: str, folder: Path, budget: str) -> str | None:
    """Return by what a mutant was killed, or None where it survived."""
    ways = _WAYS if ".wire." in name else _WAYS[:1]
    return next(filter(None, (_check(name, folder, budget, *way) for way in ways)), None)


def _check(name: str, folder: Path, budget: str, framing: str, *selection: str) -> str | None:
    # For the server alone: the harness reads frames with the same schemas, and must not be changed with it.
    change = [f"PYTHONPATH={folder}", f"MUTANT_UNDER_TEST={name}"]
    server = [
        "env",
        *change,
        sys.executable,
        "-m",
        "chatproof_common.command_line.main",
        "server",
        "--headless",
        "--port",
    ]
    words = [sys.executable, str(_CHECK), budget, framing, shlex.join(server) + " {port}", *selection]
    child = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    try:
        out, _ = child.communicate(timeout=_MOST_SECONDS)
    except subprocess.TimeoutExpired:
        child.terminate()
        child.communicate()
        return "it takes too long"
    if child.returncode == 0:
        return None
    return f"{out.strip() or f'exit status {child.returncode}'}{' (framing none)' if framing == 'none' else ''}"


def _told(verdicts: Iterator[tuple[str, str | None]]) -> Iterator[tuple[str, None]]:
    for name, killed_by in verdicts:
        print(f"{'SURVIVED' if killed_by is None else 'killed'} {name.partition('.')[2]} {killed_by or ''}", flush=True)
        if killed_by is None:
            yield name, None


if __name__ == "__main__":
    main()
