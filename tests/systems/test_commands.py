"""The commands on a system that lacks what Windows lacks: what that shows, and what not, is in docs/systems.md."""

import contextlib
import os
import signal
import subprocess
import sys

import pytest

from support.lacking import CHATPROOF, chatproof_lacking, start_lacking
from support.paths import ROOT, RUN_SERVER

SECONDS = 30.0
TALKS = """
import json, os, socket, sys
with socket.create_connection((os.environ["CHATPROOF_TAP_HOST"], int(os.environ["CHATPROOF_TAP_PORT"]))) as chat:
    lines = chat.makefile("rb")
    chat.sendall(b'{"type":"join","username":"zoe"}\\n')
    assert json.loads(lines.readline())["type"] == "system"
    chat.sendall(b'{"type":"message","content":"h\\xc3\\xa9"}\\n')
    assert json.loads(lines.readline())["content"] == "h\\u00e9"
"""


@contextlib.contextmanager
def serving(folder, *more):
    """Serve; at the end, ask it to stop by Ctrl+Break, as our tests imitate it."""
    words = [*CHATPROOF, "server", "--headless", "--port", "0"]
    with start_lacking(words, *more, folder=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        try:
            yield process.stdout.readline().decode().split()[-1]
            process.send_signal(signal.SIGUSR2)
            assert process.wait(SECONDS) == 0
        finally:
            process.kill()


def test_a_session_is_tapped_replayed_and_validated(tmp_path):
    with serving(tmp_path) as address:
        words = ["tap", "--to", address, "--record", "run.ndjson", "--", sys.executable, "-c", TALKS]
        code, out, errors = chatproof_lacking(*words, folder=tmp_path)
        assert (code, errors) == (0, ""), out
        assert "What passed conforms" in out
        code, out, errors = chatproof_lacking("replay", "run.ndjson", address, folder=tmp_path)
        assert (code, errors) == (0, "")
        assert "Every connection got what it got in the recording" in out
    code, out, errors = chatproof_lacking("validate", "run.ndjson", folder=tmp_path)
    assert (code, out) == (0, "")
    assert "4 messages, 0 invalid" in errors


def test_text_is_utf_8_whatever_the_code_page_is(tmp_path):
    """What is piped in is read as UTF-8; what the code page cannot print is escaped."""
    with serving(tmp_path) as address:
        words = ["client", "--headless", address, "--username", "alice"]
        code, out, errors = chatproof_lacking(
            *words, folder=tmp_path, text="hé Í 中\n".encode(), PYTHONIOENCODING="cp1252"
        )
    assert (code, errors) == (0, "")
    assert "alice: h\ufffd \ufffd \\u4e2d" in out, "é and Í as the code page has them, which is not UTF-8"


COMMANDS = {
    "check --list": ["check", "--list"],
    "explain": ["explain", "JOIN-4"],
    "validate": ["validate", ROOT / "schemas" / "chatproof_schemas" / "vectors" / "README.md"],
    "check --help": ["check", "--help"],
    "completion": ["completion", "bash"],
    "compare": ["compare", "no.json", "neither.json"],
}


@pytest.mark.parametrize("name", COMMANDS)
def test_output_for_an_old_code_page_ends_nothing(name, tmp_path):
    _, out, errors = chatproof_lacking(*COMMANDS[name], folder=tmp_path, PYTHONIOENCODING="cp1252")
    assert out + errors
    assert "Traceback" not in errors
    assert "an error of chatproof itself" not in errors


@pytest.mark.parametrize("name", ["check --list", "explain", "check --help", "completion"])
def test_a_reader_that_has_gone_is_no_error(name, tmp_path):
    """Windows reports it as an invalid argument (EINVAL)."""
    _, out, errors = chatproof_lacking(*COMMANDS[name], folder=tmp_path, more=["closed-output"])
    assert (out, errors) == ("", "")


def test_a_server_stops_although_no_reader_is_woken(tmp_path):
    """Whether Windows wakes a select() when another thread shuts the socket down is not known."""
    with contextlib.ExitStack() as clients, serving(tmp_path, "silent-shutdown") as address:
        for _ in range(3):
            clients.enter_context(connected(address))


def test_a_client_finds_out_within_seconds_that_nobody_listens(tmp_path):
    words = ["client", "--headless", "127.0.0.1:1", "--username", "alice"]
    code, out, errors = chatproof_lacking(*words, folder=tmp_path, more=["slow-refusals", "slow-clock"])
    assert code == 1
    assert "no server listens at 127.0.0.1:1" in out + errors


@contextlib.contextmanager
def connected(address):
    import socket  # noqa: PLC0415  the word is our fixture's elsewhere

    host, _, port = address.rpartition(":")
    with socket.create_connection((host, int(port))) as connection:
        yield connection


@pytest.mark.long("a whole check")
def test_the_bundled_server_conforms_and_is_asked_to_stop_by_ctrl_break(tmp_path):
    code, out, errors = chatproof_lacking("check", "--seed", 1, "--time-limit", 200, folder=tmp_path)
    assert (code, errors) == (0, ""), out
    assert "63 passed of 63 requirements" in out


@pytest.mark.long("a whole check")
def test_the_bundled_client_conforms(tmp_path):
    code, out, errors = chatproof_lacking("check-client", "--seed", 1, "--time-limit", 200, folder=tmp_path)
    assert (code, errors) == (0, ""), out
    assert "17 passed of 17 requirements" in out


@pytest.mark.long("a check, with clients in every state at the stop")
def test_a_server_that_cannot_be_asked_to_stop_is_not_accused(tmp_path):
    """Without sitecustomize.py (-S) it has no handler for our Ctrl+Break: as a server that was written for POSIX."""
    command = f"{sys.executable} -S {RUN_SERVER} baseline --port {{port}}"
    words = ["check", "--command", command, "STOP", "--time-limit", "200"]
    code, out, _ = chatproof_lacking(*words, folder=tmp_path)
    assert code == 2, out
    assert "3 not tested of 3 requirements" in out
    assert "it has no handler for Ctrl+Break, which ended it at once; --stop says how to ask it" in " ".join(
        out.split()
    )


@pytest.mark.long("a whole trial")
def test_the_harness_raises_no_false_alarm(tmp_path):
    words = ["selftest", "--seed", "1", "--jobs", "1", "--only", "baseline"]
    code, out, errors = chatproof_lacking(*words, folder=tmp_path)
    assert (code, errors) == (0, ""), out


def test_what_was_taken_away_is_not_there(tmp_path):
    """Or the tests above would show nothing."""
    asked = "import os, select, signal\n"
    asked += "print(hasattr(os, 'killpg'), hasattr(select, 'poll'), hasattr(signal, 'SIGHUP'))\n"
    asked += "from chatproof_common.system import processes; print(processes.STOP_SIGNAL)"
    done = subprocess.run(
        [sys.executable, "-c", asked],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT / "tests" / "support" / "windows")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[:2] == ["False False False", "Ctrl+Break"]
