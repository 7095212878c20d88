"""Every server of the catalogue starts, answers, and stops, a faulty one too: its fault is all that is wrong."""

import contextlib
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from support.paths import RUN_SERVER

PATIENCE_SECONDS = 60

LISTED = subprocess.run([sys.executable, str(RUN_SERVER), "--list"], capture_output=True, text=True, check=True).stdout
EVERY = [json.loads(line) for line in LISTED.splitlines()]
ENTRIES = [entry for entry in EVERY if not entry["name"].startswith("blind-")]
"""Those of blind trials are kept as they came: they do not say where they listen, nor choose a port."""


def marked(entry, sample=1):
    """One server to try; of the faulty ones, each a small change to the baseline, all but a sample are long."""
    marks = [pytest.mark.needs(tool) for tool in entry["needs"]]
    if entry["kind"] == "faulty" and ENTRIES.index(entry) % sample:
        marks.append(pytest.mark.long("one of many of its kind"))
    return pytest.param(entry, id=entry["name"], marks=marks)


@contextlib.contextmanager
def running(entry):
    words = [word.format(port=0) for word in entry["command"]]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("Listening on 127.0.0.1:"), line + process.stderr.read()
            yield process, int(line.rpartition(":")[2])
        finally:
            process.kill()


def connect(port):
    return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS)


def frame(**members):
    return json.dumps(members).encode() + b"\n"


def lines(sock, count):
    with sock.makefile("rb") as stream:
        return [json.loads(stream.readline()) for _ in range(count)]


@pytest.mark.parametrize("entry", [marked(entry, sample=10) for entry in ENTRIES])
def test_it_starts_answers_and_stops(entry):
    with running(entry) as (process, port):
        with connect(port) as sock:
            sock.sendall(frame(type="join", username="Ada") + frame(type="message", content="hello") + b"no JSON\n")
            assert sock.recv(4096)
        if "STOP-1" not in entry["breaks"]:
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0
            assert "Traceback" not in process.stderr.read()


def conforming(*names):
    return pytest.mark.parametrize("entry", [marked(entry) for entry in ENTRIES if entry["name"] in names])


OWN_CODE = conforming("baseline", "threads", "node", "java", "perl")


@OWN_CODE
def test_private_messages_reach_their_target_and_are_confirmed(entry):
    with running(entry) as (_, port), connect(port) as ada, connect(port) as bob:
        ada.sendall(frame(type="join", username="Ada"))
        assert lines(ada, 1)[0]["message"] == "Ada joined the chat"
        bob.sendall(frame(type="join", username="Bob"))
        assert [line["message"] for line in (*lines(ada, 1), *lines(bob, 1))] == ["Bob joined the chat"] * 2
        ada.sendall(frame(type="private_message", target="Bob", content="\0 \u2028 \U0001f600 </"))
        received, confirmed = *lines(bob, 1), *lines(ada, 1)
        assert (received["sender"], received["content"]) == ("Ada", "\0 \u2028 \U0001f600 </")
        assert (confirmed["delivered"], confirmed["content"]) == (True, received["content"])


BAD = {
    b'{"type": "message", "content": "a", "content": "b"}': "malformed_json",
    b'{"type": "message", "content": "\\ud800"}': "malformed_json",
    b'{"type": "message", "content": "\xff"}': "malformed_json",
    b'{"type": "message", "content": NaN}': "malformed_json",
    b'{"type": "message", "content": "a"} x': "malformed_json",
    b"[]": "invalid_message",
    b'{"type": 5}': "invalid_message",
    b'{"type": "message", "content": 5}': "invalid_message",
    b'{"type": "system", "message": "a"}': "unknown_type",
    b'{"type": "join", "username": "\\u200b"}': "username_invalid",
    b'{"type": "message", "content": "a"}': "not_joined",
    b"x" * 5000: "frame_too_long",
}


@OWN_CODE
def test_bad_frames_get_one_error_each_with_the_right_code(entry):
    with running(entry) as (_, port), connect(port) as sock:
        sock.sendall(b"".join(bad + b"\n" for bad in BAD))
        assert [line["code"] for line in lines(sock, len(BAD))] == list(BAD.values())


@OWN_CODE
def test_announcements_reach_those_joined_and_stopping_ends_their_streams(entry):
    with running(entry) as (process, port), connect(port) as sock:
        sock.sendall(frame(type="join", username="Ada"))
        lines(sock, 1)
        process.stdin.write("Tea is ready\n")
        process.stdin.flush()
        assert lines(sock, 1)[0].items() >= {"type": "server", "message": "Tea is ready"}.items()
        process.terminate()
        assert lines(sock, 1)[0]["type"] == "system"
        assert sock.recv(1) == b""


def descriptors(process):
    return len(list(Path(f"/proc/{process.pid}/fd").iterdir()))


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc, which only Linux has")
def test_the_baseline_leaves_no_descriptor_behind():
    entry = next(entry for entry in ENTRIES if entry["name"] == "baseline")
    with running(entry) as (process, port), connect(port) as ada:
        ada.sendall(frame(type="join", username="Ada"))
        lines(ada, 1)
        before = descriptors(process)
        for _ in range(200):
            with connect(port) as sock:
                sock.sendall(frame(type="join", username="Bob"))
                lines(sock, 1)
            assert [line["message"] for line in lines(ada, 2)] == ["Bob joined the chat", "Bob left the chat"]
        assert descriptors(process) == before
