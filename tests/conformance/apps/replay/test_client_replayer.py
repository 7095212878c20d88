"""What `check-client --save` keeps, and how it is played again."""

import json
import socket
import subprocess
import sys

import pytest

from support.commands import broken_client, run_command

QUICK = ("--budget", "0.1", "--seed", "1")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Return the stem of what is saved of a failure."""
    folder = tmp_path_factory.mktemp("saved")
    words = (*broken_client("shows-own-messages-twice"), *QUICK, "--save", "failures")
    done = run_command("check-client", *words, folder=folder)
    assert "Saved CLIENT-8: failures/CLIENT-8-1.ndjson" in done.stdout
    return folder / "failures" / "CLIENT-8-1"


def test_the_failure_is_played_again_and_seen_again(saved, tmp_path):
    done = run_command("replay", f"{saved}.ndjson", *broken_client("shows-own-messages-twice"), folder=tmp_path)
    assert done.returncode == 1
    assert "It shows the recorded failure: CLIENT-8." in done.stdout


def test_a_client_without_the_fault_keeps_the_protocol(saved, tmp_path):
    done = run_command("replay", f"{saved}.ndjson", "--times", "2", "--save", "again.ndjson", folder=tmp_path)
    assert done.returncode == 0, done.stdout
    assert "What came keeps the protocol." in done.stdout
    header = json.loads((tmp_path / "again.ndjson").read_text("utf-8").splitlines()[0])
    assert header["checked"] == "client"


def test_a_recording_of_a_client_is_not_taken_for_one_of_a_server(saved, run_check, tmp_path):
    done = run_check("--transcript", f"{saved}.ndjson")
    assert done.returncode == 2
    assert "is a recording of a client" in done.stderr
    done = run_command("replay", f"{saved}.ndjson", "localhost:1", folder=tmp_path)
    assert done.returncode == 2
    assert "is a recording of a client: give --command with its driver" in done.stderr


def test_a_death_is_played_again(run_check_client, tmp_path):
    fault = broken_client("dies-of-nan")
    run_check_client(*fault, *QUICK, "--save", "failures")
    file = next(
        one for one in sorted(tmp_path.glob("failures/CLIENT-4-*.ndjson")) if '\\"n\\":NaN' in one.read_text("utf-8")
    )
    done = run_command("replay", str(file), *fault, folder=tmp_path)
    assert done.returncode == 1
    assert "The client died: the client's process ended with exit status 3" in done.stdout
    assert run_command("replay", str(file), folder=tmp_path).returncode == 0


def test_the_diagram_and_the_notes_tell_of_the_failure(saved):
    diagram = saved.with_suffix(".mmd").read_text("utf-8")
    assert diagram.startswith("sequenceDiagram")
    assert "expected: each message to be shown once" in diagram
    assert 'asked {"do": "say"' in diagram
    assert diagram.count('reports {"event": "shown", "kind": "message", "username": "ann"') >= 2
    notes = [json.loads(line)["text"] for line in saved.with_suffix(".ndjson").read_text("utf-8").splitlines()[1:5]]
    assert notes[0].startswith("broken: CLIENT-8 (MUST)")


def test_the_script_is_a_server_that_plays_the_traffic(saved):
    server = subprocess.Popen(
        [sys.executable, "-I", saved.with_suffix(".py"), "0"], stdout=subprocess.PIPE, text=True, encoding="utf-8"
    )
    try:
        port = int(server.stdout.readline().rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            lines = client.makefile("rb")
            client.sendall(b'{"type":"join","username":"ann"}\n')
            assert b"joined the chat" in lines.readline()
            lines.readline()
            client.sendall(b'{"type":"message","content":"hi"}\n')
            assert json.loads(lines.readline())["content"] == "hi"
        printed, _ = server.communicate(timeout=20)
    finally:
        server.kill()
        server.wait(10)
    assert "now let the client {'do': 'say', 'content': 'hi'}" in printed
    assert """client -> b'{"type":"message","content":"hi"}'""" in printed
    assert "expected  each message to be shown once" in printed
