"""The ways to name a server: one that runs already, one that the harness starts, one of the original kind."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from support.paths import RUN_SERVER, SERVERS

SERVER = [sys.executable, str(RUN_SERVER), "baseline"]
ORIGINAL = f"{sys.executable} {Path(__file__).with_name('original_server.py')} {{port}}"
DYING = f"{sys.executable} {Path(__file__).with_name('dying_server.py')} {SERVERS} {{port}}"
HALF_KILLS = """
import asyncio, json, os, sys, traceback
people = {}
def say(message, *to):
    for one in to or people:
        one.write(json.dumps(message).encode() + b"\\n")
async def serve(reader, writer):
    try:
        while data := await reader.read(65536):
            for line in data.split(b"\\n"):
                if not line.strip():
                    continue
                message = json.loads(line)
                if message["type"] == "join":
                    people[writer] = message["username"]
                    say({"type": "system", "message": message["username"] + " joined", "timestamp": "12:00:00"})
                else:
                    say({"type": "message", "username": people[writer], "content": message["content"],
                         "timestamp": "12:00:00"})
    except ValueError:
        traceback.print_exc()
        os._exit(1)
    except OSError:
        pass
    people.pop(writer, None)
async def main():
    await (await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))).serve_forever()
asyncio.run(main())
"""
SELECTED = ("PRIVATE-2", "PUBLIC-2", "JOIN-3")


@pytest.fixture
def running_server(tmp_path):
    """A server that runs already: its process, where it listens, and the fifo that is its standard input."""
    os.mkfifo(fifo := tmp_path / "operator")
    descriptor = os.open(fifo, os.O_RDWR)
    with subprocess.Popen(SERVER, stdin=descriptor, stdout=subprocess.PIPE, text=True) as process:
        os.close(descriptor)
        address = process.stdout.readline().removeprefix("Listening on ").strip()
        yield process, address, fifo
        process.terminate()


def test_a_running_server_is_checked_and_goes_on(run_check, running_server):
    process, address, _ = running_server
    done = run_check(address, *SELECTED)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"Checking {address}" in done.stdout
    assert process.poll() is None
    assert run_check("--level", "1", address).returncode == 0, "the target may stand anywhere among the words"


@contextlib.contextmanager
def other_people(address):
    """People of their own on a server: they talk without end, and come and go."""
    host, _, port = address.rpartition(":")
    over = threading.Event()

    def talk(name):
        while not over.is_set():
            with socket.create_connection((host, int(port))) as person:
                person.settimeout(0)
                person.send(f'{{"type":"join","username":"{name}"}}\n'.encode())
                for number in range(30):
                    with contextlib.suppress(BlockingIOError):
                        person.send(f'{{"type":"message","content":"{number} {name}"}}\n'.encode())
                    with contextlib.suppress(BlockingIOError):
                        while person.recv(65_536):
                            pass
                    over.wait(0.02)

    people = [threading.Thread(target=talk, args=(name,)) for name in ("dora", "emil", "fritz")]
    for person in people:
        person.start()
    try:
        yield
    finally:
        over.set()
        for person in people:
            person.join()


def test_a_server_that_others_use_meanwhile_is_not_blamed_for_what_they_say(run_check, running_server):
    with other_people(running_server[1]):
        done = run_check(running_server[1], "JOIN", "ORDER", "PRIVATE", "ERROR", "--time-limit", "100")
    assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_what_needs_the_server_stopped_is_not_tested_on_a_running_one(run_check, running_server):
    done = run_check(running_server[1], "STOP")
    assert done.returncode == 2
    assert "not tested: the harness did not start this server; give --command" in done.stdout


def test_a_running_server_is_announced_for_by_a_command(run_check, running_server):
    _, address, fifo = running_server
    done = run_check(address, "SERVER-1", "--announce", f"""sh -c 'printf "%s\\n" "$0" > {fifo}' {{text}}""")
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓ SERVER-1" in done.stdout


def test_an_announcement_that_cannot_be_made_is_not_blamed_on_the_server(run_check, running_server):
    done = run_check(running_server[1], "SERVER-1", "--announce", "false {text}")
    assert done.returncode == 2
    assert "not tested: the command that announces failed with exit status 1" in done.stdout


def test_a_server_that_dies_is_named_with_its_last_words(check_server):
    done = check_server("deep-nesting-kills", "ERROR-10")
    assert done.returncode == 1
    assert "FAIL ERROR-10" in done.stdout
    assert "that the server goes on serving everyone" in done.stdout


@pytest.mark.parametrize(("when", "broken"), [("frame", "JOIN-1"), ("join", "JOIN-1"), ("public", "PUBLIC-1")])
def test_a_server_that_dies_of_its_first_clients_is_said_to_have_ended(run_check, when, broken):
    done = run_check("--command", f"{DYING} {when}", "PRIVATE-2", "--time-limit", "20")
    assert (done.returncode, done.stderr) == (1, "")
    finding = done.stdout.split("\nFAIL ")[1]
    assert finding.startswith(f"{broken} ")
    assert "  actual    the server's process ended with exit status 3\n" in finding
    assert "  likely    an exception that nobody catches ends your server's process; " in finding
    assert "NameError: name 'nmae' is not defined" in finding
    assert "goes on" in done.stdout if when == "public" else "can join" in done.stdout
    assert f"needs {broken}, which is broken" in done.stdout


def test_what_a_server_did_before_it_died_counts(run_check):
    done = run_check("--command", f"{DYING} public", "--level", "1", "--time-limit", "20")
    assert "Level 1 of 8: a user joins; next: " in done.stdout


@pytest.mark.parametrize("words", ["sh -c '{} ; echo bye'", "sh -c 'exec {}'"])
def test_a_server_in_a_shell_is_said_to_have_ended_too(run_check, words):
    done = run_check("--command", words.format(f"{DYING} join"), "JOIN-1", "--time-limit", "20")
    assert done.returncode == 1
    assert f"the server's process ended with exit status {0 if 'bye' in words else 3}\n" in done.stdout
    assert "NameError: name 'nmae' is not defined" in done.stdout


def test_a_server_that_dies_when_somebody_leaves_is_blamed_for_that_alone(run_check):
    done = run_check("--command", f"{DYING} leave", "PUBLIC", "LEAVE-1", "ERROR-1", "--time-limit", "20")
    assert done.returncode == 1
    assert [line.split()[1] for line in done.stdout.splitlines() if line.startswith("FAIL ")] == ["LEAVE-1"]
    assert "The run ended early: the server's process ended with exit status 3" in done.stdout


def test_a_server_that_dies_of_half_a_frame_is_blamed_for_that_alone(run_check, tmp_path):
    (tmp_path / "server.py").write_text(HALF_KILLS)
    done = run_check("--command", f"{sys.executable} server.py {{port}}", "FRAME-2", "FRAME-6", "--time-limit", "8")
    framing = [line for line in done.stdout.splitlines() if line.startswith(("FAIL FRAME-2", "FAIL FRAME-6"))]
    assert [line.split()[1] for line in framing] == ["FRAME-2"]
    assert "JSONDecodeError" in done.stdout.split("FAIL FRAME-2")[1]


def test_the_traffic_that_killed_a_server_is_shown(run_check):
    dying = f"{DYING} private"
    done = run_check("--command", dying, "--seed", "3", "--time-limit", "20")
    assert done.returncode == 1
    finding = done.stdout.split("\nFAIL ")[1]
    assert "the server's process ended with exit status 3" in finding
    assert "private_message" in finding.partition("\n  frames  ")[2]


def test_a_server_of_the_original_kind_can_be_checked(run_check):
    selected = ("PRIVATE-2", "JOIN-3", "--time-limit", "100")
    done = run_check("--command", ORIGINAL, "--framing", "none", *selected)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_a_server_of_the_original_kind_gets_wrong_is_found(run_check):
    done = run_check("--command", ORIGINAL, "--framing", "none", "ERROR-1", "JOIN-8")
    assert done.returncode == 1
    assert "FAIL JOIN-8 " in done.stdout


def test_without_the_option_its_missing_lf_is_what_is_wrong(run_check):
    done = run_check("--command", ORIGINAL, "JOIN-3")
    assert done.returncode == 1
    assert "FAIL FRAME-1 " in done.stdout
    assert "with no LF after it" in done.stdout
    assert "check it with --framing none" in done.stdout
    assert "likely    your server sends objects without the LF that ends a frame; " in done.stdout
    assert "FAIL JOIN-3" not in done.stdout


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_whoever_ends_a_run_ends_the_server_that_it_has_started(tmp_path, how):
    told, script = tmp_path / "pid", tmp_path / "server.py"
    script.write_text(
        f"import os, sys\n"
        f"with open({str(told)!r}, 'w') as file:\n"
        f"    file.write(str(os.getpid()))\n"
        f"os.execv(sys.executable, [*{SERVER!r}, '--port', sys.argv[1]])\n"
    )
    words = [Path(sys.executable).with_name("chatproof"), "check", "--command", f"{sys.executable} {script} {{port}}"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert "Checking" in process.stdout.readline()
            while not (told.exists() and told.read_text()):
                time.sleep(0.01)
            process.send_signal(how)
            assert process.wait(60) == 128 + how
        finally:
            process.kill()
        assert "Traceback" not in process.stdout.read()
    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)
