"""A class of thirty, made of the catalogue: what each submission is, and what a right row says of it."""

import contextlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from chatproof_conformance.apps.selftest.implementations import find_implementations
from support.paths import SERVERS

SCHEME = """\
title = "A class of thirty"
build = "sh build.sh"
start = "./start {port}"
announce = "stdin"
budget = 2
deadline = 90
start_seconds = 10
hidden = ["PRIVATE-2", "ERROR"]

[limits]
memory = 256
processes = 128
output = 4
disk = 64

[[part]]
name = "Talking"
points = 60
requirements = ["FRAME", "JOIN", "LEAVE", "PUBLIC", "PRIVATE", "CONFIRM"]

[[part]]
name = "Everything else"
points = 40
requirements = ["ORDER", "ERROR", "TIME", "LOAD", "SERVER", "STOP"]
"""

SERVER = 'exec python3 -S -E servers/run.py {name} --port "$1"\n'
THREE = """\
import argparse, sys
sys.path[:0] = ["servers", "."]
from catalogue import CATALOGUE
parser = argparse.ArgumentParser()
parser.add_argument("port", type=int)
Three = type("Three", tuple(CATALOGUE.find(name) for name in NAMES), {})
Three().serve("127.0.0.1", parser.parse_args().port)
"""
ELSEWHERE = "import socket,time\ns = socket.create_server(('127.0.0.1', 0))\ntime.sleep(600)\n"
DAEMON = """\
import os, sys
if os.fork():
    os._exit(0)
os.setsid()
if os.fork():
    os._exit(0)
os.environ.clear()
os.execv(sys.executable, [sys.executable, "-S", "-E", "servers/run.py", "baseline", "--port", sys.argv[1]])
"""
FORKS = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass\n"
KILLS = """\
import os
for name in os.listdir("/proc"):
    if name.isdigit() and int(name) not in (os.getpid(), os.getppid()):
        try:
            os.kill(int(name), 9)
        except OSError:
            pass
"""
FILLS = """\
import itertools, os
os.fork() and os._exit(0)
for folder in (".", os.environ["HOME"], "/tmp", "/dev/shm", "/var/tmp"):
    try:
        for number in itertools.count():
            with open(f"{folder}/filled-by-a-submission-{number}", "wb") as file:
                file.write(bytes(1 << 20))
            if number == 2000:
                break
    except OSError:
        pass
"""
CHEATS = """\
import json, os, pathlib
result = json.dumps({"points": 100, "score": 100, "outcome": "checked", "cheated": True})
places = [".", "..", "../..", os.environ["HOME"], "/tmp", OUTPUT, OUTPUT + "/results", OUTPUT + "/submissions"]
for place in places:
    for name in ("results.json", "report.json", "cheats.json", "grades.json", "notes", "cheats.html"):
        try:
            pathlib.Path(place, name).write_text(result)
        except OSError:
            pass
for name in os.listdir("/tmp"):
    try:
        pathlib.Path("/tmp", name, "report.json").write_text(result)
    except OSError:
        pass
"""
REACHES = """\
import os, socket, sys, time
os.fork() and os._exit(0)
end = time.monotonic() + 20
while time.monotonic() < end:
    for line in list(open("/proc/net/tcp"))[1:]:
        words = line.split()
        port = int(words[1].rpartition(":")[2], 16)
        if words[3] == "0A" and port != int(sys.argv[1]):
            try:
                socket.create_connection(("127.0.0.1", port), 1).sendall(b"rubbish of a neighbour\\n" * 1000)
            except OSError:
                pass
    time.sleep(0.2)
"""
DIES = """\
import os, sys
sys.path[:0] = ["servers", "."]
from catalogue import CATALOGUE
from baseline.chat import ChatServer
class Dies(ChatServer):
    def on_private(self, connection, message):
        print("my server has died", flush=True)
        os._exit(3)
Dies().serve("127.0.0.1", int(sys.argv[1]))
"""


@dataclass(frozen=True)
class Pupil:
    """One submission.

    Attributes:
        name: of its folder.
        start: what its ``start`` does.
        build: what its ``build.sh`` does.
        outcomes: what may be said of it.
        faults: for each of its faults, the ids that it breaks, of which one at least must be found broken; None: it
            breaks what chance has it break.
        files: more files, by name.
    """

    name: str
    start: str = SERVER.format(name="baseline")
    build: str = "true\n"
    outcomes: tuple[str, ...] = ("checked",)
    faults: tuple[frozenset, ...] | None = ()
    files: dict[str, str] = field(default_factory=dict)

    @property
    def conforms(self):
        return self.outcomes == ("checked",) and self.faults == ()


def breaks(*names):
    """What each of these faulty servers breaks, as the catalogue says."""
    return tuple(one.breaks for name in names for one in find_implementations([name]))


def conforming(name):
    return Pupil(f"good-{name}", SERVER.format(name=name))


def faulty(name):
    return Pupil(f"one-fault-{name}", SERVER.format(name=name), faults=breaks(name))


def three(*names):
    files = {"three.py": f"NAMES = {names!r}\n{THREE}"}
    return Pupil(f"three-faults-{names[0]}", 'exec python3 -S three.py "$1"\n', faults=breaks(*names), files=files)


def bad(name, start, *outcomes, **more):
    return Pupil(f"bad-{name}", start, outcomes=outcomes, **more)


def misbehaving(name, code, **more):
    """One whose server is right if nobody reaches further than he may."""
    server = more.pop("server", "baseline")
    start = f'python3 -S misdeed.py "$1" >/dev/null\n{SERVER.format(name=server)}'
    return Pupil(f"bad-{name}", start, files={"misdeed.py": code}, **more)


def pupils(output):
    """The class; ``output`` is where its results go, which one of them tries to change."""
    return [
        *map(conforming, ("baseline", "welcome", "confirms-first", "cr-lf", "extra-members")),
        *map(faulty, ("joins-told-twice", "private-to-everyone", "empty-content", "names-stripped")),
        *map(faulty, ("welcome-first", "second-join-ignored", "leaves-told-twice", "announces-twice")),
        three("no-reason", "members-passed-on", "announces-twice"),
        three("absent-is-delivered", "second-join-ignored", "notice-without-timestamp"),
        three("private-echoed", "blank-line-refused", "last-duplicate-wins"),
        bad("no-build", "true\n", "does not build", build="echo 'main.c:3: no semicolon' >&2; exit 2\n"),
        bad("build-hangs", "true\n", "does not build", build="sleep 600\n"),
        bad("nothing-to-start", "", "does not start"),
        bad("listens-elsewhere", 'exec python3 -S wrong.py "$1"\n', "listens elsewhere", files={"wrong.py": ELSEWHERE}),
        bad("hangs", "exec sleep 600\n", "does not start"),
        bad("ends-at-once", "echo 'no such module'; exit 1\n", "does not start"),
        # It is started again, so that the rest can be checked too.
        bad("dies", 'exec python3 -S dies.py "$1"\n', "died while it was checked", "checked", files={"dies.py": DIES}),
        bad("forks", "exec python3 -S forks.py\n", "does not start", files={"forks.py": FORKS}),
        bad("floods", "exec yes\n", "does not start"),
        Pupil("bad-daemon", 'exec python3 -S daemon.py "$1"\n', files={"daemon.py": DAEMON}),
        misbehaving("kills", KILLS),
        misbehaving("fills-the-disk", FILLS),
        misbehaving(
            "cheats", f"OUTPUT = {str(output)!r}\n{CHEATS}", server="empty-content", faults=breaks("empty-content")
        ),
        # What it reaches are other instances of its own: nobody owes it a good row for that.
        misbehaving("reaches-its-neighbour", REACHES, faults=None),
    ]


def hand_in(folder, pupil):
    """Write a submission."""
    place = folder / pupil.name
    place.mkdir(parents=True)
    shutil.copytree(SERVERS.parent / "common", place / "common", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(SERVERS, place / "servers", ignore=shutil.ignore_patterns("__pycache__", "independent", "java"))
    (place / "build.sh").write_text(pupil.build)
    for name, text in pupil.files.items():
        (place / name).write_text(text)
    if pupil.start:
        (place / "start").write_text(f"#!/bin/sh\n{pupil.start}")
        (place / "start").chmod(0o755)
    return place


def left_running():
    """The processes that still work in a submission's folder."""
    found = []
    for one in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if "chatproof-grade-" in str((one / "cwd").readlink()):
                found.append(((one / "cmdline").read_bytes(), int(one.name)))
    return found
