import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document

from chatproof_reference.client import events
from chatproof_reference.client.outgoing import MessageRefused
from chatproof_reference.client.people import People
from chatproof_reference.client.terminal import NameCompleter, split_target
from reference.client.scripted_server import ScriptedServer

COMMAND = [sys.executable, "-m", "chatproof_common.command_line.main", "client"]


@pytest.fixture
def server():
    with ScriptedServer() as scripted:
        yield scripted


def start(server, stdin=subprocess.PIPE, **options):
    return subprocess.Popen(
        [*COMMAND, "--headless", f"127.0.0.1:{server.port}", "--username", "alice"],
        stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options,
    )  # fmt: skip


def test_lines_from_a_pipe_are_sent_and_answered_before_it_leaves(server):
    process = start(server)
    process.stdin.write("hello\n/msg bob psst\n")
    process.stdin.close()
    server.welcome()
    assert server.read() == {"type": "message", "content": "hello"}
    assert server.read() == {"type": "private_message", "target": "bob", "content": "psst"}
    server.send(type="message", username="alice", content="hello\x1b[2J", timestamp="10:00:00")
    server.send(type="message", username="alice", content="hello", timestamp="10:00:01")
    server.send(type="private_confirmation", target="bob", content="psst", delivered=True, timestamp="10:00:02")
    assert process.wait(15) == 0
    shown = process.stdout.read()
    process.stdout.close()
    process.stderr.close()
    assert "[10:00:00] alice: hello\\x1b[2J\n" in shown
    assert "[10:00:02] 🔒 you → bob: psst\n" in shown


def test_bytes_that_are_no_text_are_told_and_other_text_is_sent_whatever_the_terminal_claims(server):
    process = start(server, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    process.stdin.buffer.write(b"\xff\n\xc3\xa9\n")
    process.stdin.close()
    server.welcome()
    assert server.read() == {"type": "message", "content": "é"}
    server.send(type="message", username="alice", content="é", timestamp="10:00:00")
    assert process.wait(15) == 0
    shown, complained = process.stdout.read(), process.stderr.read()
    process.stdout.close()
    process.stderr.close()
    assert "alice: \\xe9\n" in shown
    assert "The text holds the byte 0xFF, which is not UTF-8, and cannot be sent." in complained


def test_it_ends_if_nobody_can_be_told_anything_any_more(server):
    with Path("/dev/full").open("w") as full:
        process = subprocess.Popen(
            [*COMMAND, "--headless", f"127.0.0.1:{server.port}", "--username", "alice"],
            stdin=subprocess.PIPE, stdout=full, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
    server.welcome()
    _, complained = process.communicate(timeout=30)
    assert (process.returncode, complained) == (
        2,
        "chatproof client: what it prints cannot be written: No space left on device\n",
    )


def test_a_refused_name_and_a_lost_server_end_with_one(server):
    process = start(server)
    server.accept()
    server.send(type="error", message="Username already taken")
    _, stderr = process.communicate(timeout=15)
    assert (process.returncode, "Username already taken" in stderr) == (1, True)


@pytest.mark.parametrize(
    "words", [["--headless"], ["--headless", "nowhere", "--username", "a"], ["--json-lines", "a:1"]]
)
def test_what_cannot_run_says_so_in_words(words):
    done = subprocess.run([*COMMAND, *words], capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert done.stderr


def test_at_a_real_terminal_messages_stand_above_the_prompt(server):
    master, slave = pytest.importorskip("pty", reason="a terminal of POSIX").openpty()
    process = subprocess.Popen(
        [*COMMAND, "--headless", f"127.0.0.1:{server.port}", "--username", "alice"],
        stdin=slave, stdout=slave, stderr=slave, env={**os.environ, "TERM": "xterm-256color"}, start_new_session=True,
    )  # fmt: skip
    os.close(slave)
    try:
        server.welcome()
        seen = read_until(master, "joined as alice")
        os.write(master, b"/m\tbo\x15hi there\r")
        assert server.read() == {"type": "message", "content": "hi there"}
        server.send(type="message", username="alice", content="hi there", timestamp="10:00:09")
        seen += read_until(master, "10:00:09")
        os.write(master, b"/quit\r")
        read_until(master, "You left the chat", optional=True)
        assert process.wait(15) == 0
        assert "alice>" in re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)
    finally:
        process.kill()
        process.wait()
        os.close(master)


def read_until(master, text, *, optional=False):
    seen = b""
    while text.encode() not in seen:
        try:
            chunk = os.read(master, 4096)
        except OSError:
            chunk = b""
        if not chunk:
            assert optional, seen
            break
        if b"\x1b[6n" in chunk:
            os.write(master, b"\x1b[1;1R")  # a terminal answers where its cursor is
        seen += chunk
    return seen.decode("utf-8", "replace")


def test_names_and_commands_are_completed():
    people = People()
    people.learn(events.SystemMessage("Ann Lee joined the chat", "10:00:00"))
    completer = NameCompleter(people)
    offered = {
        text: [found.text for found in completer.get_completions(Document(text), CompleteEvent())]
        for text in ("/msg an", "/msg zoe", "/pe", "hello")
    }
    assert offered == {"/msg an": ['"Ann Lee" '], "/msg zoe": [], "/pe": ["/people"], "hello": []}


def test_a_target_may_be_quoted():
    assert split_target('"Ann Lee" hi there') == ("Ann Lee", "hi there")
    assert split_target("bob  hi") == ("bob", " hi")
    for bad in ("", "bob", '"Ann Lee"', '"" x'):
        with pytest.raises(MessageRefused):
            split_target(bad)


def test_a_content_with_line_feeds_is_one_entry(server):
    process = start(server)
    server.welcome()
    for end in ("\n", "\r\n", "\u2028", "\x85", "\x0b"):
        server.send(type="message", username="eve", content=f"hi{end}[07:07:00] ann: forged", timestamp="10:00:00")
    server.send(type="system", message="so\n[07:07:00] ann: forged", timestamp="10:00:00")
    server.send(type="message", username="eve", content="the end", timestamp="10:00:00")
    shown = ""
    while "the end" not in shown:
        shown += process.stdout.readline()
    process.communicate(timeout=15)
    assert shown.count("ann: forged") == 6
    assert not [line for line in shown.splitlines() if line.startswith("[07:07:00]")]


def test_people_are_learned_and_forgotten():
    people = People()
    for event in (
        events.Joined("alice"),
        events.SystemMessage("bob joined the chat", "10:00:00"),
        events.PublicMessage("Carl", "hi", "10:00:00"),
        events.PrivateConfirmation("zoe", "x", True, "", "10:00:00"),  # noqa: FBT003  a dataclass's member
    ):
        assert people.learn(event)
    assert people.names() == ["alice", "bob", "Carl", "zoe"]
    assert people.learn(events.SystemMessage("bob left the chat", "10:00:00"))
    assert not people.learn(events.SystemMessage("bob left the chat", "10:00:00"))
    assert people.learn(events.PrivateConfirmation("zoe", "x", False, "gone", "10:00:00"))  # noqa: FBT003  the same
    assert people.names() == ["alice", "Carl"]
    assert people.learn(events.ConnectionEnded("x", by_user=True))
    assert people.names() == []
