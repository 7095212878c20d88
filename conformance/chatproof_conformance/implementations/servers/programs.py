"""The conforming servers that share no code with the baseline, and how each is started."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from common.entry import Entry
from common.programs import PYTHON, Program

CONFORMING = Path(__file__).parent / "conforming"


def run_java() -> list[str]:
    classes = compiled(CONFORMING / "java" / "Server.java", ["javac", "-d", "{folder}", "{source}"])
    return ["java", "-Xshare:auto", "-XX:TieredStopAtLevel=1", "-cp", str(classes), "Server"]


def compiled(source: Path, compiler: list[str]) -> Path:
    """Return a folder with the compiled source; compiles only what has changed."""
    digest = hashlib.sha256(source.read_bytes()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"chatproof-servers-{os.getuid()}" / f"{source.stem}-{digest}"
    if folder.exists():
        return folder
    folder.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = tempfile.mkdtemp(dir=folder.parent)
    words = [word.format(folder=fresh, source=source) for word in compiler]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  our own compiler words
    if done.returncode:
        raise RuntimeError(f"{source.name} does not compile: {done.stderr.strip()}")
    try:
        Path(fresh).rename(folder)
    except OSError:
        shutil.rmtree(fresh)  # another start was faster
    return folder


PROGRAMS = [
    Program(
        Entry("threads", "conforming", "two threads for each client, blocking sockets, one lock"),
        lambda: [*PYTHON, str(CONFORMING / "threads" / "server.py")],
    ),
    Program(
        Entry(
            "node", "conforming", "Node.js, events, a JSON reader of its own", needs=("node",), language="javascript"
        ),
        lambda: ["node", str(CONFORMING / "node" / "server.js")],
    ),
    Program(
        Entry(
            "java",
            "conforming",
            "Java, two threads for each client, a JSON reader of its own",
            needs=("java", "javac"),
            language="java",
        ),
        run_java,
    ),
]


def independent(author: str) -> list[Program]:
    """Return the servers that somebody wrote from SPEC.md alone, for a blind trial; they are kept as they came."""
    folder = Path(__file__).parent / "independent" / author
    rows = json.loads((folder / "catalogue.json").read_text("utf-8"))
    return [_independent(folder, author, row) for row in rows]


def _independent(folder: Path, author: str, row: dict[str, Any]) -> Program:
    faulty, ids = row["kind"] == "faulty", tuple(row["ids"])
    entry = Entry(
        f"blind-{author}-{row['name']}",
        row["kind"],
        row["says"],
        breaks=ids if faulty else (),
        subtle=row["subtle"],
        warnings=() if faulty else ids,
    )
    return Program(entry, lambda: [*PYTHON, str(folder / "run.py"), row["name"]])


PROGRAMS += [program for author in "abcd" for program in independent(author)]
