"""The conforming clients that do not run in the baseline's loop, and how each is started."""

from pathlib import Path

from common.blind_trials import blind_trial
from common.entry import Entry
from common.programs import PYTHON, Program, java

CONFORMING = Path(__file__).parent / "conforming"

PROGRAMS = [
    Program(
        Entry("client-threads", "conforming", "a thread reads the server, another the requests; blocking sockets"),
        lambda: [*PYTHON, str(CONFORMING / "threads" / "client.py")],
    ),
    Program(
        Entry("client-asyncio", "conforming", "asyncio, one task for the requests and one for the server"),
        lambda: [*PYTHON, str(CONFORMING / "with_asyncio" / "client.py")],
    ),
    Program(
        Entry("client-node", "conforming", "Node.js, events, JSON.parse", needs=("node",), language="javascript"),
        lambda: ["node", str(CONFORMING / "node" / "client.js")],
    ),
    Program(
        Entry(
            "client-java",
            "conforming",
            "Java, a thread for the server, a JSON reader of its own",
            needs=("java", "javac"),
            language="java",
        ),
        lambda: java(CONFORMING / "java" / "Client.java"),
    ),
    Program(
        Entry(
            "client-perl", "conforming", "Perl, select(), a JSON reader of its own", needs=("perl",), language="perl"
        ),
        lambda: ["perl", str(CONFORMING / "perl" / "client.pl")],
    ),
]

_BLIND = Path(__file__).parent / "independent"
PROGRAMS += [program for author in "abc" for program in blind_trial(_BLIND / author, f"client-blind-{author}-")]
