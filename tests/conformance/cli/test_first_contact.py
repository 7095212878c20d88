"""The first minute with ``chatproof check``: however its user names the server, it is found, or the reason is told."""

import os
import shlex
import signal
import socket
import subprocess
import sys

import pytest

from chatproof_common.command_line.program import PROGRAM
from chatproof_conformance.endpoints.process.source import ServerSource
from support.paths import RUN_SERVER


def test_a_server_that_is_not_up_yet_is_waited_for(run_check, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, str(RUN_SERVER), "baseline", "--port", str(port)]
    late = f"import subprocess, time; time.sleep(1.5); subprocess.run({words!r})"
    with subprocess.Popen([sys.executable, "-c", late], stdout=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            done = run_check(f"127.0.0.1:{port}", "--wait", "60", "JOIN-1", "--time-limit", "2")
        finally:
            os.killpg(process.pid, signal.SIGKILL)
    assert done.stdout.startswith(f"Checking 127.0.0.1:{port} ")
    assert done.stderr == ""


def test_options_and_words_stand_in_any_order(run_check):
    refused = "no connection to 127.0.0.1:1"
    for words in (
        ("127.0.0.1:1", "--framing", "none", "JOIN-1"),
        ("JOIN-1", "--framing=none", "127.0.0.1:1", "--strict", "PUBLIC"),
        ("--strict", "JOIN-1", "--seed", "5", "127.0.0.1:1"),
    ):
        assert refused in run_check(*words).stderr


def test_an_address_of_ipv6_is_checked_and_repeated(run_check):
    words = [*PROGRAM, "server", "--headless", "--host", "::1", "--port", "0"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        try:
            address = process.stdout.readline().split()[-1]
            done = run_check(address, "JOIN-1", "--time-limit", "5")
        finally:
            process.kill()
    assert address.startswith("[::1]:")
    assert done.stdout.startswith(f"Checking {address} ")
    assert (done.returncode != 1, done.stderr) == (True, "")
    assert ServerSource(("::1", 5)).words == " '[::1]:5'"


@pytest.mark.parametrize("command", ["PORT={port} ./server", "cd /tmp && ./server {port}", "./server {port} > log"])
def test_a_command_that_was_meant_for_a_shell_is_said_to_meet_none(run_check, command):
    done = run_check("--command", command)
    assert done.returncode == 2
    assert "no shell reads the command: " in done.stderr


def test_what_is_not_this_protocol_is_suspected_not_to_be(run_check, tmp_path):
    (tmp_path / "s.py").write_text(
        "import socket, sys, threading\n"
        "def serve(client):\n"
        "    client.sendall(b'220 mail.example ESMTP\\r\\n')\n"
        "    while client.recv(1000): client.sendall(b'500 what?\\r\\n')\n"
        "server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
        "while True: threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()\n"
    )
    done = run_check("--command", f"{sys.executable} s.py {{port}}", "JOIN-1")
    assert done.returncode == 1
    assert "Nothing that came is a JSON object: is it a server of this protocol" in done.stdout


def test_a_lack_of_files_is_ours_and_not_the_servers(tmp_path):
    words = shlex.join([*PROGRAM, "check"])
    done = subprocess.run(
        ["sh", "-c", f"ulimit -n 60; {words}"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("chatproof check: a check needs 256 open files and sockets; the system allows 60")


def test_with_no_lf_between_objects_a_server_that_uses_lf_is_told_to_be_one(run_check):
    done = run_check("--framing", "none", "--level", "1", "--time-limit", "100")
    assert done.returncode == 0
    assert "This server ends its frames with LF: check it without --framing none, too" in done.stdout
    assert "ends its frames with LF" not in run_check("--level", "1").stdout
