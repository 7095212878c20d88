import json
import subprocess
import sys
from pathlib import Path

import pytest

from reference.client.scripted_server import ScriptedServer

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "client"]


class Program:
    """The client in program mode, as a harness drives it."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [*COMMAND, "--json-lines", *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def ask(self, **request):
        self.write(json.dumps(request).encode())

    def write(self, line):
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def told(self):
        return json.loads(self.process.stdout.readline())


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


@pytest.fixture
def program():
    program = Program()
    yield program
    program.process.stdin.close()
    assert program.process.wait(15) == 0
    assert program.process.stderr.read() == b""
    program.process.stdout.close()
    program.process.stderr.close()


def connect(program, server, name="alice"):
    program.ask(do="connect", host="127.0.0.1", port=server.port, username=name)
    server.welcome()
    assert program.told() == {"event": "joined", "username": name}
    assert program.told()["kind"] == "system"


def test_a_conversation(program, server):
    connect(program, server)
    program.ask(do="say", content="h\0i 🎉")
    assert server.read() == {"type": "message", "content": "h\0i 🎉"}
    server.send(type="message", username="alice", content="h\0i 🎉", timestamp="10:00:00")
    assert program.told() == {
        "event": "shown", "kind": "message", "username": "alice", "content": "h\0i 🎉", "own": True,
        "timestamp": "10:00:00",
    }  # fmt: skip
    program.ask(do="say_privately", target="bob", content="psst")
    assert server.read()["target"] == "bob"
    server.send(
        type="private_confirmation", target="bob", content="psst", delivered=False, reason="gone", timestamp="10:00:00"
    )
    assert program.told() == {
        "event": "failed", "do": "say_privately", "target": "bob", "content": "psst", "reason": "gone", "sent": True,
    }  # fmt: skip
    program.ask(do="leave")
    assert program.told()["by_user"] is True
    assert server.read_bytes() == b""


def test_a_refusal_and_another_name(program, server):
    program.ask(do="connect", host="127.0.0.1", port=server.port, username="alice")
    server.accept()
    server.read()
    server.send(type="error", message="Username already taken")
    assert program.told() == {"event": "refused", "username": "alice", "reason": "Username already taken"}
    program.ask(do="join", username="bob")
    assert server.read() == {"type": "join", "username": "bob"}


def test_bad_frames_are_problems_and_the_end_is_told(program, server):
    connect(program, server)
    server.send_bytes(b"\xff\n" + b'{"type":"novelty"}\n')
    assert program.told()["event"] == "problem"
    assert program.told()["unknown_type"] is True
    server.hang_up()
    told = program.told()
    assert (told["event"], told["by_user"]) == ("disconnected", False)


def test_what_cannot_be_sent_fails_unsent(program, server):
    program.ask(do="say", content="hi")
    told = program.told()
    assert (told["event"], told["do"], told["sent"]) == ("failed", "say", False)
    connect(program, server)
    program.ask(do="say", content="x" * 2000)
    assert "Too long by" in program.told()["reason"]


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 0), ("127.0.0.1", 99_999), ("127.0.0.1", 2**70), ("\0", 1), ("x" * 300, 1)]
)
def test_an_impossible_address_is_told(program, host, port):
    program.ask(do="connect", host=host, port=port, username="alice")
    assert program.told()["event"] in ("refused", "disconnected")


def test_a_reader_that_goes_away_causes_no_traceback(server):
    program = Program(f"127.0.0.1:{server.port}", "--username", "alice")
    program.process.stdout.close()
    server.welcome()
    program.process.stdin.close()
    program.process.wait(15)
    assert b"Traceback" not in program.process.stderr.read()
    program.process.stderr.close()


@pytest.mark.parametrize(
    "line", [b"{", b"[]", b'{"do":"dance"}', b'{"do":"say"}', b'{"do":"say","content":1}', b"\xff", b"[" * 9999]
)
def test_an_unreadable_request_is_told(program, line):
    program.write(line)
    assert program.told()["event"] == "invalid_request"


def test_an_address_on_the_command_line_connects_at_once(server):
    program = Program(f"127.0.0.1:{server.port}", "--username", "alice")
    try:
        assert server.welcome() == "alice"
        assert program.told()["event"] == "joined"
    finally:
        program.process.communicate(timeout=15)


def test_a_request_that_is_too_long_is_refused_and_the_next_one_is_read(program):
    program.write(b'{"do":"say","content":"' + b"x" * 3_000_000 + b'"}')
    told = program.told()
    assert told["event"] == "invalid_request"
    assert "too long" in told["reason"]
    program.ask(do="nonsense")
    assert "expected an object" in program.told()["reason"]


@pytest.mark.parametrize(("mode", "code"), [("--json-lines", 2), ("--headless", 2)])
def test_a_full_disk_behind_standard_output_is_told_in_a_line_and_nothing_hangs(mode, code, server):
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen(
            [*COMMAND, mode, f"127.0.0.1:{server.port}", "--username", "alice"],
            stdin=subprocess.PIPE, stdout=full, stderr=subprocess.PIPE,
        )  # fmt: skip
    server.welcome()
    line = process.stderr.readline().decode()
    server.hang_up()
    _, errors = process.communicate(timeout=30)
    assert "annot" in line
    assert "No space left on device" in line
    assert "Traceback" not in errors.decode()
    assert process.returncode == code


def test_without_descriptors_a_connect_is_refused_in_words():
    done = subprocess.run(
        ["prlimit", "--nofile=5:5", *COMMAND, "--json-lines", "127.0.0.1:1", "--username", "alice"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert "Too many open files" in json.loads(done.stdout)["reason"]
