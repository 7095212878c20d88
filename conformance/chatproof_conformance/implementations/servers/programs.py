"""The conforming servers that share no code with the baseline, and how each is started."""

from pathlib import Path

from common.blind_trials import blind_trial
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

_BLIND = Path(__file__).parent / "independent"
PROGRAMS += [program for author in "abcdefgh" for program in blind_trial(_BLIND / author, f"blind-{author}-")]
