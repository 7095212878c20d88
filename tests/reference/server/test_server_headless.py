import signal
import socket
import subprocess
import sys

import pytest

COMMAND = [sys.executable, "-m", "chatproof_schemas.main", "server", "--headless", "--port", "0"]


@pytest.fixture
def program():
    with subprocess.Popen(COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        line = process.stdout.readline().decode()
        assert line.startswith("Listening on 127.0.0.1:")
        process.address = ("127.0.0.1", int(line.rpartition(":")[2]))
        yield process
        process.kill()


class Address:
    def __init__(self, address):
        self.address = address


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
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
    program.stdin = None


def test_a_port_in_use_is_one_clear_line_and_exit_code_2():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND[:-1], port], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "already in use" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_a_display_the_window_names_the_way_without_one():
    environment = {"PATH": "", "DISPLAY": ""}
    done = subprocess.run(
        [*COMMAND[:-3]], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, env=environment
    )
    assert done.returncode == 2
    assert "--headless" in done.stderr
    assert "Traceback" not in done.stderr
