"""What the room for the operating system promises on each; tests/systems runs these without what Windows lacks."""

import contextlib
import errno
import os
import socket
import sys
import threading
import time

import pytest

from chatproof_common.system import event_loop
from chatproof_common.system.cores import allowed_cores, has_idle_core, on_cores
from chatproof_common.system.errors import described_error, is_lack_of_files
from chatproof_common.system.event_loop import BROKEN, READ, WRITE, Loop, PeekingPoller
from chatproof_common.system.limits import allow_files
from chatproof_common.system.multiplexer import Waiter
from chatproof_common.system.pipes import PumpedInput, PumpedOutput
from chatproof_common.system.ports import free_port
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import PIPE, Process, described_status
from chatproof_common.system.signals import run_until_interrupted
from chatproof_common.system.sockets import accepts, begin_to_connect, listen, reset_on_close, resolve
from chatproof_common.system.waiting import Readiness, each_completed, readable

SECONDS = 30.0
GRANDCHILD = """
import subprocess, sys, time
code = "import socket, sys, time; s = socket.create_server(('127.0.0.1', int(sys.argv[1]))); time.sleep(99)"
subprocess.Popen([sys.executable, "-c", code, sys.argv[1]])
time.sleep(99)
"""
ECHO = "import sys\nfor line in sys.stdin: print(line.strip()[::-1], flush=True)\nsys.exit(3)"


@pytest.fixture
def tree():
    started = []

    def tree(*words, **how):
        started.append(ProcessTree([sys.executable, *words], **how))
        return started[-1]

    yield tree
    for one in started:
        one.end(0.0)


def wait_for(condition):
    give_up = time.monotonic() + SECONDS
    while not (found := condition()) and time.monotonic() < give_up:
        time.sleep(0.01)
    return found


def test_what_a_process_has_started_ends_with_it_and_its_port_is_free(tree):
    port = free_port()
    process = tree("-c", GRANDCHILD, str(port))
    assert wait_for(lambda: accepts(("127.0.0.1", port), 1.0))
    assert ("127.0.0.1", port) in process.listening()
    assert len(process.descendants()) == 2
    process.end(0.0)
    assert not accepts(("127.0.0.1", port), 1.0)
    listen(("127.0.0.1", port)).close()


def test_lines_pass_both_ways_and_the_end_of_input_is_seen(tree):
    process = tree("-c", ECHO, reads_output=True)
    assert process.write(b"abc\n", SECONDS)
    said = b""
    while not said.endswith(b"\n"):
        assert readable([process], SECONDS) == [process]
        said += process.read()
    assert said.split() == [b"cba"]
    assert process.read() is None
    process.end_input()
    process.end_input()
    assert process.input_fileno() is None
    assert not process.write(b"more\n", SECONDS)
    assert process.wait(SECONDS) == 3
    assert readable([process], SECONDS) == [process]
    assert process.read() == b""


def test_a_process_that_reads_nothing_does_not_block_us(tree):
    process = tree("-c", "import time; time.sleep(99)", reads_output=True)
    assert not process.write(b"x" * 50_000_000, 0.3)
    while (taken := process.write_some(b"x" * 1_000_000)) == 1_000_000:
        pass
    assert taken < 1_000_000


def test_one_that_has_gone_takes_all_and_says_so(tree):
    process = tree("-c", "pass", reads_output=True)
    assert process.wait(SECONDS) == 0
    assert wait_for(lambda: not process.write(b"x" * 1000, 1.0))
    assert wait_for(lambda: process.write_some(b"x" * 10) == 10)


def test_one_apart_is_asked_to_stop_and_how_it_ends_has_a_name():
    code = "import signal, sys, time\n"
    code += "for name in ('SIGTERM', 'SIGBREAK'):\n"
    code += "    if hasattr(signal, name): signal.signal(getattr(signal, name), lambda *_: sys.exit(5))\n"
    code += "print(1, flush=True)\nwhile True: time.sleep(0.1)"
    process = Process([sys.executable, "-c", code], stdout=PIPE, apart=True)
    try:
        assert process.stdout.readline()
        assert process.ask_to_stop()
        assert process.wait(SECONDS) == 5
        assert process.ask_to_stop(), "again is harmless"
    finally:
        process.kill()


@pytest.mark.parametrize(
    ("status", "described"),
    [
        (0, "exit status 0"),
        (3, "exit status 3"),
        (-11, "signal SIGSEGV"),
        (0xC0000005, "exit status 0xC0000005 (access violation)"),
        (0xC000013A, "exit status 0xC000013A (ended by Ctrl+C or Ctrl+Break)"),
        (0xC0001234, "exit status 0xC0001234"),
    ],
)
def test_a_status_is_described_as_its_system_means_it(status, described):
    assert described_status(status) == described


@pytest.fixture(params=["the system's", "peeking"])
def loop(request, monkeypatch):
    if request.param == "peeking":
        monkeypatch.setattr(event_loop, "_new_poller", PeekingPoller)
    with contextlib.closing(Loop()) as loop:
        yield loop


def test_a_socket_of_which_nothing_is_asked_is_watched_for_a_reset(loop):
    seen = []
    with listen(("127.0.0.1", 0)) as listening:
        client = socket.create_connection(listening.getsockname()[:2])
        assert Readiness(listening).wait(SECONDS)
        accepted = listening.accept()[0]
        accepted.settimeout(0)
        with accepted:
            loop.watch(accepted, 0, seen.append)
            assert not loop.turn(time.monotonic() + 0.2)
            reset_on_close(client)
            client.close()
            assert loop.turn(time.monotonic() + SECONDS)
            loop.unwatch(accepted)
    assert len(seen) == 1
    assert seen[0] & BROKEN


def test_the_loop_tells_reading_from_writing_and_forgets(loop):
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    seen = []
    with ours, theirs:
        loop.watch(ours, WRITE, seen.append)
        assert loop.turn(time.monotonic() + SECONDS)
        theirs.send(b"x")
        assert Readiness(ours).wait(SECONDS)
        loop.watch(ours, READ | WRITE, seen.append)
        assert loop.turn(time.monotonic() + SECONDS)
        loop.watch(ours, 0, seen.append)
        assert not loop.turn(time.monotonic() + 0.1)
        loop.unwatch(ours)
        loop.unwatch(ours)
        assert not loop.turn(time.monotonic() + 0.1)
    assert seen == [WRITE, READ | WRITE]


def test_pumps_pass_on_all_that_a_pipe_has_and_its_end():
    reading, writing = os.pipe()
    source = PumpedOutput(os.fdopen(reading, "rb", buffering=0))
    sink = PumpedInput(os.fdopen(writing, "wb", buffering=0))
    given, got = bytes(range(256)) * 4000, b""
    rest = memoryview(given)
    while len(got) < len(given):
        with contextlib.suppress(BlockingIOError):
            rest = rest[sink.write(rest) :] if rest else rest
        if Readiness(source).wait(0.01):
            got += source.read()
    assert got == given
    sink.close()
    assert sink.closed
    assert Readiness(source).wait(SECONDS)
    assert source.read() == b""
    source.close()


def test_a_waiter_is_woken_by_another_thread():
    waiter = Waiter()
    threading.Timer(0.1, waiter.wake).start()
    assert waiter.wait(SECONDS) == []
    waiter.close()


def test_a_coroutine_may_watch_sockets():
    async def main():
        import asyncio  # noqa: PLC0415  here alone

        loop, ours_theirs = asyncio.get_running_loop(), socket.socketpair()
        come = asyncio.Event()
        loop.add_reader(ours_theirs[0], come.set)
        ours_theirs[1].send(b"x")
        await asyncio.wait_for(come.wait(), SECONDS)
        loop.remove_reader(ours_theirs[0])
        for one in ours_theirs:
            one.close()
        return 7

    assert run_until_interrupted(main()) == 7


def test_an_address_in_use_is_refused_and_one_just_given_back_is_had():
    first = listen(("127.0.0.1", 0))
    address = first.getsockname()
    with pytest.raises(OSError, match=r"."):
        listen(address)
    with socket.create_connection(address):
        assert Readiness(first).wait(SECONDS)
        first.accept()[0].close()  # the server ends first: its port lingers
    first.close()
    listen(address).close()


def test_a_connection_is_begun_without_waiting():
    with listen(("127.0.0.1", 0)) as listening, socket.socket() as client:
        client.settimeout(0)
        assert begin_to_connect(client, listening.getsockname()) == 0
        assert Readiness(client, 4).wait(SECONDS)


def test_of_this_machine_s_addresses_the_one_of_ipv4_is_first():
    assert resolve("localhost", 80)[0] == (socket.AF_INET, ("127.0.0.1", 80))


def test_limits_cores_and_reasons_never_raise():
    assert allow_files(20) >= 20
    with on_cores(allowed_cores()):
        assert has_idle_core() in (True, False)
    assert described_error(errno.ECONNREFUSED)
    assert described_error(None)
    assert is_lack_of_files(ValueError("too many file descriptors in select()"))


def test_futures_are_had_as_they_are_completed():
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415  here alone

    with ThreadPoolExecutor(2) as pool:
        late, soon = pool.submit(time.sleep, 0.3), pool.submit(int, "5")
        assert list(each_completed([late, soon])) == [soon, late]
