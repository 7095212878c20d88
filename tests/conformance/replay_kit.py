"""What the tests of reproduction share: the command, the servers, recordings written by hand."""

import contextlib
import json
import signal
import subprocess
import sys

from chatproof_schemas.transcript import Kind, Transcript
from implementations_under_test import RUN_SERVER


def chatproof(*words, folder=None):
    """Run the command; return its exit code and output."""
    done = subprocess.run(
        [sys.executable, "-m", "chatproof_common.command_line.main", *map(str, words)],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


def command(name):
    """The command line of one of the tests' servers."""
    return f"{sys.executable} {RUN_SERVER} {name} --port {{port}}"


@contextlib.contextmanager
def running(name):
    """Start one of the tests' servers; yield its address."""
    words = [sys.executable, "-u", str(RUN_SERVER), name]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().split()[-1]
        finally:
            process.send_signal(signal.SIGKILL)


def save(folder, name, case):
    """Check a server by one case, saving failures; return the recordings by requirement."""
    code, output = chatproof("check", "--command", command(name), case, "--save", folder)
    found = {"-".join(path.name.split("-")[:2]): path for path in sorted(folder.glob("*.ndjson"))}
    assert found, output
    assert code in (0, 1), output
    return found


def recording(*events, **facts):
    """A transcript of (connection, kind, data), ten milliseconds apart."""
    transcript = Transcript(settled=True, **facts)
    for connection, kind, *data in events:
        transcript.append(connection, Kind(kind), *data)
    return transcript


def frame(**members):
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


def join(name):
    return frame(type="join", username=name)


def notice(name, what="joined"):
    return frame(type="system", message=f"{name} {what} the chat", timestamp="12:00:00")
