"""The conforming servers that share no code with the baseline, and how each is started."""

import json
from pathlib import Path
from typing import Any

from common.entry import Entry
from common.programs import PYTHON, Program, java

CONFORMING = Path(__file__).parent / "conforming"


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
        lambda: java(CONFORMING / "java" / "Server.java"),
    ),
    Program(
        Entry("perl", "conforming", "Perl, select(), a JSON reader of its own", needs=("perl",), language="perl"),
        lambda: ["perl", str(CONFORMING / "perl" / "server.pl")],
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
