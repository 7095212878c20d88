"""Each way to ask a server to stop, at real little servers that know only that one."""

import shlex
import sys

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import CONSOLE_STATUS
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.endpoints.process import stopping
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.endpoints.process.stopping import NO_WAY, StopRequest, require_stop

SECONDS = 30.0
LISTEN = "import os, signal, socket, sys, threading; server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
IGNORES = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
WATCHER = "def watch():\n    {}\n    os._exit(7)\nthreading.Thread(target=watch).start()\n"
SERVE = "held = []\nwhile True: held.append(server.accept()[0])\n"
END_OF_INPUT = LISTEN + IGNORES + WATCHER.format("sys.stdin.read()") + SERVE
LINE = LISTEN + IGNORES + WATCHER.format("while input() != 'quit now': pass") + SERVE
OTHER_SIGNAL = LISTEN + IGNORES + "signal.signal(signal.SIGINT, lambda *_: os._exit(7))\n" + SERVE


@pytest.fixture
def started():
    made = []

    def started(script, stop):
        made.append(ServerProcess(f"{sys.executable} -c {shlex.quote(script)} {{port}}", stop=stop))
        made[-1].start()
        return made[-1]

    yield started
    for server in made:
        server.kill()


@pytest.mark.parametrize(
    ("script", "stop", "asked"),
    [
        (END_OF_INPUT, "eof", "the standard input of"),
        (LINE, "stdin:quit now", 'the line "quit now" was written to the standard input of'),
        (OTHER_SIGNAL, "sh -c 'kill -INT {pid}'", "sh -c 'kill -INT {pid}' was run"),
    ],
    ids=["eof", "line", "command"],
)
def test_a_server_is_asked_in_the_way_that_the_user_names(started, script, stop, asked):
    server = started(script, stop)
    assert server.ask_to_stop()
    assert server.wait_for_exit(SECONDS) == 7
    assert server.asked_to_stop.startswith(asked)
    assert server.unheeded_stop(ended=True) is None


def test_one_that_heeds_only_another_way_goes_on(started):
    server = started(END_OF_INPUT, "signal")
    assert server.stop(0.3) is None
    assert server.unheeded_stop(ended=False) is None, "SIGTERM is what a server must heed"


@pytest.mark.parametrize("command", ["false {pid}", "/no/such/program {pid}"])
def test_a_command_that_fails_says_nothing_about_the_server(started, command):
    with pytest.raises(NotTested, match="the command that stops "):
        started(LISTEN + SERVE, command).ask_to_stop()


def test_what_ends_at_ctrl_break_at_once_or_does_not_heed_it_was_not_asked(monkeypatch):
    monkeypatch.setattr(stopping, "STOP_SIGNAL", "Ctrl+Break")
    by_default, chosen = StopRequest(None), StopRequest("signal")
    assert "it has no handler for Ctrl+Break" in by_default.unheeded(CONSOLE_STATUS, ended=True)
    assert "it does not heed Ctrl+Break" in by_default.unheeded(None, ended=False)
    assert by_default.unheeded(0, ended=True) is None
    assert chosen.unheeded(CONSOLE_STATUS, ended=True) is None
    assert chosen.unheeded(None, ended=False) is None


def test_a_system_without_a_way_to_ask_is_said(started, monkeypatch):
    server = started(LISTEN + SERVE, None)
    monkeypatch.setattr(ProcessTree, "ask_to_stop", lambda _: False)
    assert not server.ask_to_stop()
    assert server.unheeded_stop(ended=False) == NO_WAY


@pytest.mark.parametrize("stop", ["signal", "eof", "stdin:", "stdin:quit", "kill {pid}", "curl localhost:{port}/stop"])
def test_a_way_is_one(stop):
    require_stop(stop, "./server {port}")
    require_stop(None, None)


@pytest.mark.parametrize(
    ("stop", "command", "error"),
    [
        ("eof", None, "--stop needs --command"),
        ("quit", "./server {port}", "--stop 'quit': expected signal, eof, stdin:TEXT, or a command with"),
        ("", "./server {port}", "--stop '': expected"),
        ("kill '{pid}", "./server {port}", "cannot be split into words: No closing quotation"),
    ],
)
def test_what_is_no_way_is_refused(stop, command, error):
    with pytest.raises(CommandError, match=error.replace("{", r"\{")):
        require_stop(stop, command)
