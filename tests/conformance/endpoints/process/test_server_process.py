"""Real little servers, each wrong in one way that ends a run, or must not."""

import errno
import re
import shlex
import signal
import socket
import subprocess
import sys
import time

import pytest

from chatproof_common.system.sockets import accepts
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process import await_listening
from chatproof_conformance.endpoints.process.helper_command import run_helper
from chatproof_conformance.endpoints.process.server_process import BUNDLED, ServerProcess

SECONDS = 30.0
LISTEN = "import os, signal, socket, sys, time; server = socket.create_server(('127.0.0.1', int(sys.argv[1])))\n"
HOLD = "held = []\n"
SERVE = HOLD + "while True: held.append(server.accept()[0])\n"


@pytest.fixture
def make():
    made = []

    def make(script, command="{python} -c {script} {{port}}", **how):
        command = command.format(python=sys.executable, script=shlex.quote(script))
        made.append(ServerProcess(command, **how))
        return made[-1]

    yield make
    for server in made:
        server.kill()


def wait_for(condition):
    give_up = time.monotonic() + SECONDS
    while not (found := condition()) and time.monotonic() < give_up:
        time.sleep(0.01)
    return found


def test_a_server_is_started_asked_to_stop_and_its_status_known(make):
    server = make(LISTEN + "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n" + SERVE)
    address = server.start()
    assert accepts(address, SECONDS)
    assert server.exit_reason() is None
    assert server.stop(SECONDS) == 3
    assert server.exit_reason() is None, "it was to end"
    assert not accepts(address, SECONDS)


@pytest.mark.parametrize("handles", [True, False])
def test_whether_it_handles_the_request_is_known(make, handles):
    server = make(LISTEN + "signal.signal(signal.SIGTERM, lambda *_: sys.exit(3))\n" * handles + SERVE)
    server.start()
    assert server.ask_to_stop()
    assert server.wait_for_exit(SECONDS) == (3 if handles else -signal.SIGTERM)
    assert server.asked_to_stop.startswith("SIGTERM was sent to ")
    assert ("which ended it at once: it has no handler for that" in server.asked_to_stop) is not handles


def test_one_that_ignores_the_request_is_killed(make):
    server = make(LISTEN + "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVE)
    address = server.start()
    assert server.stop(0.1) is None
    assert not accepts(address, SECONDS)


def test_one_that_dies_at_once_is_named_with_its_first_and_last_words(make):
    server = make("import sys; sys.exit('\\n'.join(['flag not defined: -port', 'Usage:', *map(str, range(20))]))")
    with pytest.raises(TargetGone) as gone:
        server.start()
    ended = "the command ended with exit status 1 before it listened"
    assert str(gone.value) == f"{ended}; it printed: flag not defined: -port / Usage: / 0 / … / 17 / 18 / 19"


def test_one_that_cannot_be_run_is_named(make):
    with pytest.raises(TargetGone, match="the command cannot be run: No such file or directory: /no/such/program"):
        make("", "/no/such/program {{port}}").start()


def test_one_that_listens_elsewhere_is_said_to(make, monkeypatch):
    monkeypatch.setattr(await_listening, "_ELSEWHERE_SECONDS", 0.1)
    elsewhere = "server = socket.create_server(('127.0.0.1', 0)); print(server.getsockname()[1], flush=True)\n"
    server = make("import socket, time\n" + elsewhere + "time.sleep(1000)")
    with pytest.raises(TargetGone) as gone:
        server.start()
    port = server.last_words()
    wanted = f"127.0.0.1:{server.address[1]}"
    assert str(gone.value) == f"the command listens on 127.0.0.1:{port}, not on {wanted}; it printed: {port}"


def test_one_that_listens_nowhere_is_given_up_with_what_it_printed(make):
    server = make("import time; print('connecting to the database', flush=True); time.sleep(1000)", wait=0.5)
    late = r"does not listen on .* after 0.5 seconds; --wait SECONDS gives it longer; it printed: connecting to the"
    with pytest.raises(TargetGone, match=late):
        server.start()


def test_one_that_serves_a_single_client_is_not_blamed_on_the_next(make):
    server = make(LISTEN + "server.accept()[0].recv(1); print('that was all', flush=True); os._exit(3)")
    ended = "the command ended with exit status 3 when the first client, which had sent nothing, had gone"
    with pytest.raises(TargetGone, match=f"{ended}; it printed: that was all"):
        server.start()


PROXY = """
import threading
def serve():
    while True:
        one = server.accept()[0]
        if open.is_set(): held.append(one)
        else: one.close()
open, held = threading.Event(), []
"""
"""Ends each connection until the server behind it, which is not there at first, is."""


def test_a_proxy_that_is_there_before_its_server_is_not_taken_for_it(make):
    later = "threading.Timer(0.5, lambda: (print('up', flush=True), open.set())).start()\n"
    server = make(LISTEN + PROXY + later + "serve()")
    server.start()
    assert server.last_words() == "up"


@pytest.mark.parametrize(("wait", "least"), [(None, 0.5), (1.0, 0.9)])
def test_one_that_ends_each_connection_is_given_up_as_a_proxy(make, monkeypatch, wait, least):
    monkeypatch.setattr(await_listening, "ENDING_SECONDS", 0.5)
    server = make(LISTEN + "while True: server.accept()[0].close()", wait=wait)
    began = time.monotonic()
    assert server.start() == server.address
    assert time.monotonic() - began > least


def test_one_that_ends_after_it_has_ended_a_connection_is_said_to(make):
    server = make(LISTEN + "server.accept()[0].close(); server.close(); print('bye', flush=True); time.sleep(0.5)")
    ended = "the command ended with exit status 0 when the first client, which had sent nothing, had gone"
    with pytest.raises(TargetGone, match=f"{ended}; it printed: bye"):
        server.start()


def test_a_wrapper_that_waits_for_its_server_is_helped_to_stop_it(make):
    server = make(
        "import signal, subprocess, sys\n"
        "signal.signal(signal.SIGTERM, lambda *_: None)\n"
        f"subprocess.run([sys.executable, '-c', {LISTEN + SERVE!r}, *sys.argv[1:]])\n"
    )
    address = server.start()
    began = time.monotonic()
    assert server.stop(SECONDS) == 0
    assert time.monotonic() - began < SECONDS
    assert not accepts(address, SECONDS)
    who = r"\S+ \(pid \d+\)"
    told = rf"SIGTERM was sent to {who}; 1 s later to {who}, which listened behind it"
    assert re.fullmatch(told, server.asked_to_stop)
    assert server.needed_more_signals


def test_a_port_that_is_in_use_is_not_taken_for_the_server(make):
    server = make(LISTEN + SERVE)
    with socket.create_server(server.address), pytest.raises(TargetGone, match=r"something listens on .* already"):
        server.start()


def test_one_that_dies_later_is_named_and_restarted(make):
    server = make(LISTEN + "held = server.accept(), server.accept(); sys.exit('out of memory')")
    server.start()  # takes the first connection
    assert accepts(server.address, SECONDS)
    assert server.exit_reason(SECONDS) == "the server's process ended with exit status 1; it printed: out of memory"
    before = server.address
    assert server.restart() == server.address != before
    assert accepts(server.address, SECONDS)


def test_a_daemon_in_its_own_session_is_the_server(make):
    server = make(LISTEN + "if os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\n" + SERVE)
    address = server.start()
    assert server.exit_reason(0.2) is None, "it runs as long as the daemon does"
    assert server.stop(SECONDS) == 0
    assert not accepts(address, SECONDS)


def test_what_a_shell_starts_is_asked_to_stop_too(make):
    stop = "signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.2), print('bye', flush=True), os._exit(0)))\n"
    python = shlex.quote(f"{sys.executable} -c {shlex.quote(LISTEN + stop + SERVE)} {{port}} & wait")
    server = make("", f"sh -c {python.replace('{', '{{').replace('}', '}}')}")
    server.start()
    assert server.stop(SECONDS) == -15, "the shell heeds no end of what it has started, but we do"
    assert server.last_words() == "bye"
    who = r"\S+ \(pid \d+\)"
    told = rf"SIGTERM was sent to sh \(pid \d+\); when that had ended, to {who}, which it left behind"
    assert re.fullmatch(told, server.asked_to_stop)


def test_one_that_prints_for_ever_costs_bounded_memory_and_answers(make):
    loop = "def loop():\n  while True: os.write(1, b'x' * 65536)\n"
    loop += "import threading; threading.Thread(target=loop).start()\n"
    server = make(LISTEN + loop + SERVE)
    server.start()
    printed = server._process.printed  # noqa: SLF001  to know how much it was
    assert wait_for(lambda: printed.dropped > 50_000_000)
    assert accepts(server.address, SECONDS)
    assert len(printed.text()) < 500_000
    assert len(server.last_words(around=time.monotonic())) < 10_000


def test_what_it_printed_around_a_time(make):
    server = make("print('started', flush=True)\n" + LISTEN + SERVE)
    server.start()
    now = time.monotonic()
    assert wait_for(lambda: server.last_words(around=now)) == "started"
    assert server.last_words(around=now - 100) == ""


def test_several_run_side_by_side_each_with_its_environment(make):
    first = make(LISTEN + "print(os.environ['TZ'], os.environ.get('LANG_OF_TEST'), flush=True)\n" + SERVE)
    first = first.another(environment={"TZ": "Asia/Kolkata"})
    second = first.another(environment={"LANG_OF_TEST": "tr"})
    try:
        assert first.start() != second.start()
        assert wait_for(first.last_words) == "Asia/Kolkata None"
        assert wait_for(second.last_words) == "Asia/Kolkata tr"
    finally:
        first.kill()
        second.kill()


def test_the_operator_speaks_by_the_standard_input(make):
    server = make(LISTEN + "print(sys.stdin.readline(), flush=True)\n" + SERVE, announce="stdin")
    server.start()
    server.announce("maintenance at noon")
    assert wait_for(server.last_words) == "maintenance at noon"


def test_the_bundled_server_starts_and_stops():
    server = ServerProcess(BUNDLED, "stdin")
    server.start()
    assert server.asked_to_stop == ""
    assert server.stop(SECONDS) == 0
    assert re.fullmatch(r"SIGTERM was sent to \S+ \(pid \d+\)", server.asked_to_stop)
    assert not server.needed_more_signals


def test_that_nothing_can_be_started_any_more_is_no_fault_of_the_command(make, monkeypatch):
    server = make(LISTEN + SERVE)

    def lack(*_, **__):
        raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", lack)
    with pytest.raises(OSError, match="Resource temporarily unavailable"):
        server.start()
    with pytest.raises(OSError, match="Resource temporarily unavailable"):
        run_helper("announces", "true {text}", text="hello")


def test_a_lack_of_ours_is_not_taken_for_a_server_that_does_not_listen(monkeypatch):
    whole, asked = socket.create_connection, []

    def lacking(*words, **named):
        asked.append(words)
        if len(asked) == 2:  # the first has found the port unused
            raise OSError(errno.EMFILE, "Too many open files")
        return whole(*words, **named)

    monkeypatch.setattr(socket, "create_connection", lacking)
    server = ServerProcess(BUNDLED)
    with pytest.raises(OSError, match="Too many open files"):
        server.start()
    server.kill()


def test_what_is_killed_while_it_is_started_does_not_stay():
    server = ServerProcess(BUNDLED)
    server.kill()
    with pytest.raises(TargetGone, match="while it was started"):
        server.start()
    assert not accepts(server.address, 0.5)
    server.restart()
    assert accepts(server.address, 0.5)
    server.kill()
