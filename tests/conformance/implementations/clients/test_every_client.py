"""Every client of the catalogue starts, takes a request and ends; each fault shows on the wire or to the user."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import CLIENTS

LISTED = subprocess.run(
    [sys.executable, str(CLIENTS / "run.py"), "--list"], capture_output=True, text=True, check=True
).stdout
EVERY = [json.loads(line) for line in LISTED.splitlines()]
ENTRIES = [entry for entry in EVERY if not entry["name"].startswith("client-blind-")]
"""Those of blind trials are kept as they came."""
PATIENCE_SECONDS = 60


def marked(entry):
    """One client to try; of the faulty ones, each a small change to the baseline, all but a sample are long."""
    marks = [pytest.mark.needs(tool) for tool in entry["needs"]]
    if entry["kind"] == "faulty" and ENTRIES.index(entry) % 10:
        marks.append(pytest.mark.long("one of many of its kind"))
    return pytest.param(entry, id=entry["name"], marks=marks)


@pytest.mark.parametrize("entry", [marked(entry) for entry in ENTRIES if entry["name"] != "client-never-joins"])
def test_it_connects_sends_something_and_ends(entry):
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        subprocess.Popen(entry["command"], stdin=-1, stdout=-1, stderr=-1) as process,
    ):
        try:
            listener.settimeout(PATIENCE_SECONDS)
            port = listener.getsockname()[1]
            request = {"do": "connect", "host": "127.0.0.1", "port": port, "username": "alice"}
            process.stdin.write(json.dumps(request).encode() + b"\n")
            process.stdin.flush()
            peer, _ = listener.accept()
            with peer:
                peer.settimeout(PATIENCE_SECONDS)
                assert peer.recv(4096)
                peer.shutdown(socket.SHUT_WR)
                process.stdin.close()
                assert process.wait(PATIENCE_SECONDS) == 0
            assert b"Traceback" not in process.stderr.read()
            assert all(json.loads(line)["event"] for line in process.stdout)
        finally:
            process.kill()


@pytest.fixture(scope="module")
def traces():
    words = [sys.executable, str(Path(__file__).with_name("trace_clients.py"))]
    environment = {**os.environ, "PYTHONPATH": f"{CLIENTS}{os.pathsep}{CLIENTS.parent}"}
    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True)
    return {row["name"]: row["trace"] for row in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("name", [entry["name"] for entry in ENTRIES if entry["kind"] == "faulty"])
def test_each_fault_differs_from_the_baseline(name, traces):
    assert traces[name] != traces["client-baseline"]


def test_the_scene_makes_the_baseline_do_all_that_a_client_does(traces):
    told = {(step[1]["event"], step[1].get("kind")) for step in traces["client-baseline"] if step[0] == "tells"}
    assert {event for event, _ in told} == {"joined", "refused", "shown", "failed", "problem", "disconnected"}
    assert {kind for _, kind in told if kind} == {
        "message", "private_message", "private_confirmation", "system", "server", "error",
    }  # fmt: skip
    assert not [step for step in traces["client-baseline"] if step[0] == "dies"]
