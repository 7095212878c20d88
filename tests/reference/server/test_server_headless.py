import json
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.asking import APART, NUMBERS, ask_to_stop

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "server", "--headless", "--port", "0"]


@pytest.fixture
def run():
    """Start a server with more arguments; whatever happens, it is gone after the test."""
    processes = []

    def run_one(*arguments, before=()):
        process = subprocess.Popen(
            [*before, *COMMAND, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            **APART,
        )
        processes.append(process)
        line = process.stdout.readline().decode()
        assert line.startswith("Listening on 127.0.0.1:")
        process.address = ("127.0.0.1", int(line.rpartition(":")[2]))
        return process

    yield run_one
    for process in processes:
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout, process.stderr):
            stream.close()


@pytest.fixture
def program(run):
    return run()


class Address:
    def __init__(self, address):
        self.address = address


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", ""], "Cannot listen on :0: no host is given; use localhost, or 0.0.0.0 for all addresses"),
        (["--stop-seconds", "1e300"], "'1e300' is too long; expected at most 1,000,000 seconds"),
        (["--outbox-bytes", "9" * 5000], "9999…' must be a whole number, 1 or more, of at most 18 digits"),
        (["--port", "9" * 5000], "argument --port: invalid port number (0 to 65535) value: '999"),
    ],
)
def test_options_that_are_wrong_are_refused_with_what_would_be_right(words, said):
    done = subprocess.run(
        [*COMMAND, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("number", NUMBERS)
def test_a_signal_stops_it_in_order(program, join, number):
    alice = join(Address(program.address), "Alice")
    program.send_signal(number)
    assert alice.read()["type"] == "system"
    assert alice.is_at_end()
    alice.close()
    assert program.wait(10) == 0
    assert program.stdout.read() == b""


def test_each_line_on_standard_input_is_announced_and_its_end_stops_nothing(program, join):
    alice = join(Address(program.address), "Alice")
    program.stdin.write("tëa\r\n\nis \x1b[31m ready\n".encode() + b"\xff\n")
    program.stdin.close()
    assert [message["message"] for message in alice.read_many(3)] == ["tëa", "is \x1b[31m ready", "\ufffd"]
    assert alice.read_until_fence() == []


def test_a_port_in_use_is_one_clear_line_and_exit_code_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND[:-1], port], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
    assert done.returncode == 2
    assert done.stdout == ""
    assert "already in use" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_display_the_window_names_the_way_without_one():
    environment = {"PATH": "", "DISPLAY": ""}
    done = subprocess.run(
        COMMAND[:-3], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 2
    assert "--headless" in done.stderr
    assert "Traceback" not in done.stderr


def stop(process):
    ask_to_stop(process)
    process.wait(10)
    return process.stderr.read().decode()


def test_counters_are_logged_on_request_and_at_the_end(program, join):
    join(Address(program.address), "Alice").say("hi")
    program.send_signal(signal.SIGUSR1)
    while b" counters " not in (line := program.stderr.readline()):
        assert line
    assert b"joins=1" in line
    assert "counters" in stop(program)


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_hostile_client_forges_neither_a_line_nor_a_terminal_escape(form, run, connect):
    program = run("--log-level", "debug", "--log-format", form)
    hostile = "\x1b[2J\r\n2026-01-01 info joined username=root \u2028\x9b\x7f\u202e"
    peer = connect(Address(program.address))
    peer.send({"type": "join", "username": hostile})
    peer.read()
    peer.join('q" username="x').say(hostile)
    peer.read()
    log = stop(program)
    assert all(char == "\n" or char.isprintable() for char in log)
    if form == "json":
        assert hostile in [json.loads(line).get("text") for line in log.splitlines()]
    else:
        told = [line.split()[2] for line in log.splitlines()]
        assert sorted(told) == ["connected", "counters", "joined", "left", "message", "refused", "stopped"]


def test_a_log_that_nobody_reads_stops_nobody(run, connect):
    program = run("--log-level", "debug")
    peer = connect(Address(program.address)).join("Alice")
    for _ in range(40):
        peer.send_bytes(b"nonsense\n" * 100)
        peer.read_many(100)
    ask_to_stop(program)
    assert peer.read()["type"] == "system"
    peer.close()
    assert program.wait(10) == 0


def test_when_descriptors_run_out_accepting_goes_on_once_one_is_free(run, connect):
    program = run(before=("sh", "-c", 'ulimit -n 30; exec "$@"', "sh"))
    peers = [connect(Address(program.address)) for _ in range(40)]
    while b"cannot accept" not in (line := program.stderr.readline()):
        assert line
    peers[0].join("First")
    for peer in peers[1:35]:
        peer.close()
    assert peers[-1].join("Last")


def test_the_limit_of_open_files_is_raised_as_far_as_the_system_allows(run, connect):
    program = run(before=("sh", "-c", 'ulimit -Sn 40; exec "$@"', "sh"))
    peers = [connect(Address(program.address)).join(f"n{number}") for number in range(60)]
    assert "n59 joined the chat" in peers[0].read_many(59)[-1]["message"]


def test_counters_are_logged_again_and_again_where_that_is_asked(run):
    program = run("--stats", "0.01", "--log-format", "json")
    logged = [json.loads(program.stderr.readline()) for _ in range(3)]
    assert [line["event"] for line in logged] == ["counters"] * 3
    assert logged[0].keys() >= {"clients", "deliveries", "refused", "ended"}


@pytest.mark.parametrize(
    "argument", ["--outbox-bytes=0", "--join-seconds=-1", "--max-clients=many", "--port=65536", "--stats=nan"]
)
def test_a_bad_option_is_explained(argument):
    done = subprocess.run([*COMMAND, argument], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert done.returncode == 2
    assert argument.partition("=")[0] in done.stderr
    assert "Traceback" not in done.stderr


def test_the_end_of_the_terminal_does_not_stop_it_under_nohup(run, join):
    process = run(before=("sh", "-c", 'trap "" HUP; exec "$@"', "-"))
    process.send_signal(signal.SIGHUP)
    alice = join(Address(process.address), "Alice")
    process.stdin.write(b"still here\n")
    process.stdin.flush()
    assert alice.read()["message"] == "still here"


def test_trouble_that_repeats_is_logged_once_and_counted(run, connect):
    process = run("--max-per-address", "1")
    connect(Address(process.address))
    for _ in range(50):
        assert connect(Address(process.address)).is_at_end()
    lines = [line for line in stop(process).splitlines() if " trouble " in line or " repeated " in line]
    assert len(lines) <= 4, lines  # every few seconds one more, on a busy machine
    counted = [int(line.partition("count=")[2].partition(" ")[0]) for line in lines if " repeated " in line]
    assert len(lines) - len(counted) + sum(counted) == 50


def test_an_endless_line_on_standard_input_costs_bounded_memory_and_is_refused(run, join):
    process = run()
    alice = join(Address(process.address), "Alice")
    for _ in range(400):
        process.stdin.write(b"x" * 100_000)
    process.stdin.write(b"\nnext\n")
    process.stdin.flush()
    assert alice.read()["message"] == "next"
    most = int(re.search(r"VmHWM:\s*(\d+)", Path(f"/proc/{process.pid}/status").read_text())[1])
    assert most < 60_000
    assert "bytes too long" in stop(process)


def test_what_cannot_be_complained_of_does_not_end_the_announcing(join):
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen([*COMMAND], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=full, **APART)
    try:
        line = process.stdout.readline().decode()
        alice = join(Address(("127.0.0.1", int(line.rpartition(":")[2]))), "Alice")
        process.stdin.write(b"x" * 10_000 + b"\nnext\n")
        process.stdin.flush()
        assert alice.read()["message"] == "next"
    finally:
        ask_to_stop(process)
        process.communicate(timeout=20)
    assert process.returncode == 0


def test_an_address_that_cannot_be_printed_is_one_line_and_exit_code_2():
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            COMMAND, stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=60
        )
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == "Cannot print the address: No space left on device"
    assert "Traceback" not in done.stderr
