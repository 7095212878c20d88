"""The conforming clients that do not run in the baseline's loop, and how each is started."""

import shutil
import sys
from pathlib import Path

from entry import Entry

CONFORMING = Path(__file__).parent / "conforming"
PYTHON = (sys.executable, "-S", "-E")

PROGRAMS: list[tuple[Entry, tuple[str, ...]]] = [
    (
        Entry("client-threads", "conforming", "a thread reads the server, another the requests; blocking sockets"),
        (*PYTHON, str(CONFORMING / "threads" / "client.py")),
    ),
    (
        Entry("client-asyncio", "conforming", "asyncio, one task for the requests and one for the server"),
        (*PYTHON, str(CONFORMING / "with_asyncio" / "client.py")),
    ),
    (
        Entry("client-node", "conforming", "Node.js, events, JSON.parse", needs=("node",), language="javascript"),
        ("node", str(CONFORMING / "node" / "client.js")),
    ),
]


def find_program(name: str) -> tuple[str, ...] | None:
    """Return the words that start a client; None where there is none of that name.

    Raises:
        RuntimeError: a tool that it needs is missing.
    """
    for entry, words in PROGRAMS:
        if entry.name == name:
            for tool in entry.needs:
                if shutil.which(tool) is None:
                    raise RuntimeError(f"{name} needs {tool}, which is not installed")
            return words
    return None
