"""``chatproof`` as its user runs it, and the servers and clients that it is run on."""

import contextlib
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from support.paths import RUN_SERVER

BROKEN_CLIENT = str(Path(__file__).with_name("broken_client.py"))


def run_command(command, *words, folder, environment=None):
    """Run a command of chatproof in a folder, to its end."""
    return subprocess.run(
        [Path(sys.executable).with_name("chatproof"), command, *words],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


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


def server_command(name):
    """Return the words that check one of the implementations, its operator included."""
    command = f"{sys.executable} -S -E {RUN_SERVER} {name} --port {{port}}"
    return ("--command", command, "--announce", "stdin")


def broken_client(fault):
    """Return the words that check the reference client with a fault."""
    return ("--command", shlex.join([sys.executable, BROKEN_CLIENT, fault]))
