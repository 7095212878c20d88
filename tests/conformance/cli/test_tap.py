"""``chatproof tap`` as its user runs it: what it shows and records, its verdict, and its end at any moment."""

import contextlib
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from chatproof_common.system.descendants import find_tagged
from chatproof_schemas.transcript import Kind, read_transcript
from support.commands import chatproof, running
from support.recordings import frame, join
from support.tapping import Program, command, connect, program, read_exactly, sends

HELLO = frame(type="message", content="hello")
TALK = (join("ann"), HELLO)


@pytest.fixture(scope="module")
def good():
    """The address of a conforming server."""
    with running("baseline") as place:
        yield place


@pytest.fixture(scope="module")
def leaky():
    """The address of a server that tells private messages to everyone."""
    with running("private-to-everyone") as place:
        yield place


def test_it_shows_what_passes_and_judges_it(good, tmp_path):
    with program(good, "--record", "run.ndjson", folder=tmp_path) as tap:
        sends(tap, *TALK)
        code, text = tap.end()
    assert code == 0, text
    assert "c1    ● connects" in text
    assert "c1    → join                 ann" in text
    assert "c1    ← system               ann joined the chat" in text
    assert "c1    ← message              ann: hello" in text
    assert "What passed conforms." in text
    assert "✓ CLIENT-1" in text
    assert "not tested" not in text
    assert "\x1b" not in text


def test_the_record_is_read_and_judged_alike_by_the_other_commands(leaky, tmp_path):
    with program(leaky, "--quiet", "--record", "run.ndjson", folder=tmp_path) as tap:
        gossip(tap)
        code, text = tap.end()
    assert code == 1
    assert "FAIL PRIVATE-2 (MUST)" in text
    assert "repeat    chatproof check --transcript run.ndjson PRIVATE-2" in text
    code, text = chatproof("check", "--transcript", "run.ndjson", "PRIVATE-2", folder=tmp_path)
    assert code == 1, text
    code, text = chatproof("replay", "run.ndjson", leaky, folder=tmp_path)
    assert (code, "PRIVATE-2" in text) == (1, True), text


def gossip(tap):
    """Have ann tell bob something while cat listens, and all of them leave."""
    people = []
    for number, name in enumerate(("ann", "bob", "cat")):
        person = connect(tap.address)
        person.sendall(join(name))
        people.append(person)
        for heard in people[: number + 1]:
            read_line(heard, f"{name} joined".encode())
    people[0].sendall(frame(type="private_message", target="bob", content="psst") + HELLO)
    for person in people:
        read_line(person, b'"hello"')
        person.close()


def read_line(which, containing):
    line = b""
    while containing not in line or not line.endswith(b"\n"):
        line = line * (not line.endswith(b"\n")) + read_exactly(which, 1)


def test_a_client_that_breaks_the_protocol_is_told_at_once_and_judged_unless_the_server_alone_is(good):
    for words, expected in (((), 1), (("--judge", "client"), 1), (("--judge", "server"), 0)):
        with program(good, *words) as tap:
            sends(tap, HELLO, b'{"type":"join"}\n', b"{bad}\n")
            code, text = tap.end()
        assert code == expected, text
        assert "CLIENT-1: the first frame is no join" in text
        assert '→ ✗ {"type":"join"}' in text
        assert "CLIENT-2: /username: is missing; expected" in text
        assert ("FAIL CLIENT-1 (MUST)" in text, "FAIL CLIENT-2 (MUST)" in text) == (code == 1, code == 1)


def test_a_broken_should_counts_where_it_is_strict():
    with running("join-in-other-words") as place:
        for words, expected in (((), 0), (("--strict",), 1)):
            with program(place, "--quiet", *words) as tap:
                sends(tap, *TALK)
                assert tap.end()[0] == expected


def test_nothing_can_be_said_of_nothing(good):
    with program(good) as tap:
        code, text = tap.end()
    assert code == 2
    assert "Nothing certain can be said." in text


def test_lines_for_programs(leaky):
    with program(leaky, "--json") as tap:
        gossip(tap)
        code, text = tap.end(signal.SIGTERM)
    lines = [json.loads(line) for line in text.splitlines()]
    joins = [line for line in lines if line["event"] == "frame" and "join" in line["frame"]]
    assert joins[0] | {"time": 0} == {
        "time": 0,
        "connection": "c1",
        "event": "frame",
        "direction": "client",
        "frame": '{"type": "join", "username": "ann"}',
        "valid": True,
    }
    assert lines[-1]["event"] == "verdict"
    assert lines[-1]["exit_code"] == code == 1
    assert {finding["requirement"] for finding in lines[-1]["findings"]} >= {"PRIVATE-2"}


def test_hostile_bytes_do_nothing_to_a_terminal():
    with socket.create_server(("127.0.0.1", 0)) as server, program(server.getsockname()) as tap:
        with connect(tap.address) as client, server.accept()[0] as served:
            client.sendall(frame(type="join", username="ann") + frame(type="message", content="\x1b[2J\x9b1m\u202e"))
            served.sendall(b"\x1b]0;owned\x07\n\xff\xfe\x1b[31m\n" + b'{"type":"\\u001b[2J"}\n')
            read_exactly(client, 20)
        code, text = tap.end()
    assert code == 1
    assert not set(text) & {"\x1b", "\x9b", "\x07", "\u202e"}
    assert "\\x1b]0;owned" in text
    assert "FAIL FRAME-1 (MUST)" in text


def test_a_command_is_told_where_and_its_end_is_the_end(good, tmp_path):
    script = tmp_path / "suite.py"
    script.write_text(
        "import os, socket, sys\n"
        "assert os.environ['CHATPROOF_TAP'] == f'{sys.argv[1]}:{sys.argv[2]}'\n"
        "assert os.environ['CHATPROOF_TAP_PORT'] == sys.argv[2]\n"
        "with socket.create_connection((os.environ['CHATPROOF_TAP_HOST'], int(sys.argv[2]))) as client:\n"
        '    client.sendall(b\'{"type":"join","username":"ann"}\\n\')\n'
        "    assert client.recv(1000)\n"
        "sys.exit(int(sys.argv[3]))\n"
    )
    for status in (0, 7):
        with program(good, "--quiet", "--", sys.executable, script, "{host}", "{port}", status) as tap:
            code, text = tap.ended()
        assert code == status, text
        assert "What passed conforms." in text
        assert ("the command failed" in text) == bool(status)


def test_a_broken_must_goes_before_the_failure_of_the_command(good):
    talk = "import os, socket; s = socket.create_connection(os.environ['CHATPROOF_TAP'].split(':')); "
    talk += "s.sendall(b'{}\\n'); s.recv(99); raise SystemExit(7)"
    with program(good, "--quiet", "--", sys.executable, "-c", talk) as tap:
        assert tap.ended()[0] == 1


def test_it_ends_after_so_many_connections(good):
    with program(good, "--connections", 2, "--quiet") as tap:
        sends(tap, *TALK)
        sends(tap, *TALK)
        assert tap.ended()[0] == 0


def test_it_ends_after_so_many_seconds(good):
    with program(good, "--seconds", 0.1) as tap:
        assert tap.ended()[0] == 2


def test_a_kill_leaves_a_record_that_can_be_read(good, tmp_path):
    with program(good, "--record", "run.ndjson", folder=tmp_path) as tap:
        sends(tap, *TALK)
        tap.next_line("the server ends its stream")
        give_up = time.monotonic() + 10
        while "server_close" not in (tmp_path / "run.ndjson").read_text():  # shown first, written soon
            assert time.monotonic() < give_up
            time.sleep(0.02)
        tap.process.kill()
    recorded = read_transcript(tmp_path / "run.ndjson")
    assert not recorded.settled
    kinds = [event.kind for event in recorded.events]
    assert kinds[0] is Kind.OPEN
    assert kinds[-1] is Kind.SERVER_CLOSE
    assert chatproof("check", "--transcript", "run.ndjson", folder=tmp_path)[0] == 0


def test_what_has_not_come_counts_as_missing_only_after_a_silence(tmp_path):
    with running("never-confirms") as place:
        for settle, expected in (("0.05", 1), ("60", 0)):
            words = ("--quiet", "--settle", settle, "--record", "r.ndjson")
            with program(place, *words, folder=tmp_path) as tap, connect(tap.address) as client:
                client.sendall(join("ann") + frame(type="private_message", target="nobody", content="?"))
                read_line(client, b"ann joined")
                wait_for_silence(0.2)
                code, text = tap.end()
            assert code == expected, text
            assert read_transcript(tmp_path / "r.ndjson").settled is (expected == 1)


def wait_for_silence(seconds):
    threading.Event().wait(seconds)


def test_a_record_that_can_be_written_no_further_is_told_and_traffic_goes_on(good, tmp_path):
    # What coverage would write at the end is above the limit too.
    limited = ["sh", "-c", 'unset COVERAGE_PROCESS_START; ulimit -f 1; exec "$@"', "sh"]
    with program(good, "--quiet", "--record", "run.ndjson", folder=tmp_path, before=limited) as tap:
        for _ in range(20):
            assert b"ann joined" in sends(tap, *TALK)
        code, text = tap.end()
    assert code == 0
    assert "the record run.ndjson is not whole: File too large" in text
    assert read_transcript(tmp_path / "run.ndjson").events


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--to", "nowhere"], "--to 'nowhere' is no target; write HOST:PORT"),
        (["--to", "localhost:0"], "--to 'localhost:0' is no target"),
        (["--to", "no.such.host.invalid:1"], "--to no.such.host.invalid:1: "),
        (["--to", "localhost:1", "--listen", "x"], "--listen 'x' is no target"),
        (["--to", "localhost:1", "--fault", "slow"], "--fault 'slow' is none; expected split"),
        (
            ["--to", "localhost:1", "--record", "no/such/folder"],
            "--record no/such/folder: cannot be written: No such file",
        ),
        (["--to", "localhost:1", "--record", "/dev/full"], "--record /dev/full: No space left on device"),
        (["--to", "localhost:1", "--", "./no-such-command"], "the command cannot be run: No such file or directory"),
        (["--to", "localhost:1", "--connections", "0"], "'0' must be a whole number, 1 or more"),
        (["--to", "localhost:1", "--seed", "-1"], "'-1' is no whole number, 0 or more"),
        (["--to", "localhost:1", "--fault", "split=" + "9" * 5000], "9999…' is no number of bytes; expected 1 or more"),
        (
            ["--to", "localhost:1", "--fault", "delay=" + "9" * 400 + "s"],
            "expected a time of at most 1,000,000 seconds",
        ),
        ([], "the following arguments are required: --to"),
    ],
)
def test_options_that_are_wrong_are_refused_with_what_would_be_right(words, said, tmp_path):
    done = subprocess.run(
        command(*words), cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


STUBBORN = "trap '' TERM; sleep 600 & sleep 600 & wait; wait; wait"


@pytest.mark.parametrize("script", ["sleep 600", "sleep 600 & wait", STUBBORN])
def test_its_time_ends_the_command_too_with_all_that_it_has_started(good, script):
    began, cpu = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    words = command("--to", good, "--seconds", "1", "--", "sh", "-c", script)
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (2, ""), "there was no traffic, and how the command ended was our doing"
    assert time.monotonic() - began < 60
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime + after.ru_stime - cpu.ru_utime - cpu.ru_stime < 4, "it waits, and does not spin"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_whatever_the_command_has_started(good, tmp_path, number):
    told = tmp_path / "pid"
    script = f"sleep 600 & echo $! > {told}.new; mv {told}.new {told}; wait"
    words, tag = command("--to", good, "--", "sh", "-c", script), ("TAG_OF_TEST", f"{told}")
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **dict([tag])}) as process:
        try:
            while not told.exists():
                time.sleep(0.01)
            process.send_signal(number)
            process.wait(60)
        finally:
            process.kill()
    assert not find_tagged("=".join(tag))


@pytest.mark.parametrize("colon", [":", ""])
def test_a_port_in_use_is_told(good, colon):
    host, _, port = good.rpartition(":")
    words = command("--to", good, "--listen", f"{colon}{port}")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"--listen {host}:{port}: Address already in use" in done.stderr


def test_nobody_at_the_server_is_told_when_a_client_comes():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()
    with program(nobody) as tap:
        with pytest.raises(ConnectionResetError):
            connect(tap.address).recv(1)
        line = tap.next_line("c1")
        code, text = tap.end()
    assert "no connection to the server: Connection refused; the client's connection was reset" in line
    assert code == 2
    assert "chatproof tap: c1: no connection to the server" in text


def test_the_end_of_whoever_reads_its_lines_ends_nobody_elses_traffic(good):
    tap = Program(command("--to", good))
    tap.process.stdout.close()
    try:
        for _ in range(3):
            assert b"ann joined" in sends(tap, *TALK)
        tap.process.send_signal(signal.SIGINT)
        assert tap.process.wait(30) == 0
        assert b"Traceback" not in tap.process.stderr.read()
    finally:
        tap.process.kill()
        tap.process.wait()
        tap.process.stderr.close()


def test_colours_only_where_a_terminal_can_show_them(good):
    main, endpoint = os.openpty()
    words = command("--to", good, "--connections", "1")
    environment = {**os.environ, "TERM": "xterm-256color"}
    with subprocess.Popen(words, stdout=endpoint, env=environment):
        os.close(endpoint)
        with os.fdopen(main, "rb", buffering=0) as terminal:
            text = read_terminal(terminal, b"\n")
            place = text.split()[2].decode().rpartition(":")
            with connect((place[0], int(place[2]))) as client:
                client.sendall(join("ann"))
                read_line(client, b"ann joined")
            text += read_terminal(terminal, b"of what passed\r\n", b"put to the test by")
    assert b"\x1b[36m\xe2\x86\x92 join" in text


def read_terminal(terminal, *endings):
    """Read until one of some endings has come, or the terminal is left."""
    text = b""
    with contextlib.suppress(OSError):
        while not any(ending in text for ending in endings):
            text += terminal.read(1000)
    return text
