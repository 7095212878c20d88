import contextlib
import select
import signal
import socket
import subprocess
import sys
import threading
from types import SimpleNamespace

import pytest

from chatproof_common.system import waiting
from chatproof_common.system.waiting import WRITE, Readiness, is_readable, readable, wait_for, write_all

SECONDS = 30.0


@pytest.fixture(params=["poll", "select"])
def way(request, monkeypatch):
    """Where the system has no poll (Windows), select does."""
    if request.param == "select":
        monkeypatch.setattr(waiting, "sys", SimpleNamespace(platform="win32"))


@pytest.fixture
def ends(way):
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    with ours, theirs:
        yield ours, theirs


def fill(connection):
    with contextlib.suppress(BlockingIOError):
        while True:
            connection.send(b"x" * 65_536)


def test_one_that_is_watched_is_ready_once_something_has_come_and_as_long_as_it_is_there(ends):
    ours, theirs = ends
    ready = Readiness(ours)
    assert not ready.wait(0)
    assert not ready.wait(-1)
    theirs.send(b"x")
    assert ready.wait(None)
    assert ready.wait(0)
    ours.recv(1)
    assert not ready.wait(0)


def test_the_end_of_a_stream_can_be_read(ends):
    ours, theirs = ends
    theirs.close()
    assert is_readable(ours, None)
    assert readable([ours], SECONDS) == [ours]


def test_one_is_writable_until_it_is_full(ends):
    ours, theirs = ends
    writable = Readiness(ours, WRITE)
    assert writable.wait(None)
    fill(ours)
    assert not writable.wait(0)
    while not writable.wait(0):
        theirs.recv(65_536)


def test_of_several_those_are_returned_that_can_be_read(ends):
    ours, theirs = ends
    assert readable([ours, theirs], 0) == []
    ours.send(b"x")
    assert readable([ours, theirs], SECONDS) == [theirs]
    theirs.send(b"x")
    assert readable([ours, theirs], SECONDS) == [ours, theirs]


def test_waiting_goes_on_until_enough_has_come(ends):
    ours, theirs = ends
    received = bytearray()

    def come():
        received.extend(ours.recv(1))
        return len(received) == 3

    theirs.send(b"abc")
    assert wait_for([ours], come, SECONDS)
    assert received == b"abc"
    assert not wait_for([ours], come, 0.0)


def test_all_is_written_to_one_that_takes_some_at_a_time(ends):
    ours, theirs = ends
    data, received = b"0123456789" * 100_000, bytearray()

    def read():
        while piece := theirs.recv(65_536):
            received.extend(piece)

    reader = threading.Thread(target=read)
    reader.start()
    assert write_all(ours.send, data, Readiness(ours, WRITE), SECONDS)
    ours.shutdown(socket.SHUT_WR)
    reader.join()
    assert received == data


def test_writing_is_given_up_at_one_that_takes_nothing_or_has_gone(ends):
    ours, theirs = ends
    fill(ours)
    assert not write_all(ours.send, b"x", Readiness(ours, WRITE), 0.01)
    theirs.close()
    assert not write_all(ours.send, b"x", Readiness(ours, WRITE), SECONDS)


@pytest.mark.parametrize(
    "wait",
    [
        "from chatproof_common.system.waiting import readable; readable([ours], 1000)",
        "from chatproof_common.system.waiting import Readiness; Readiness(ours).wait(None)",
        "from chatproof_common.system.multiplexer import Waiter; w = Waiter(); w.watch(ours, 0); w.wait(None)",
    ],
)
def test_ctrl_c_ends_a_wait(wait):
    program = f"import socket; ours, theirs = socket.socketpair(); print('waits', flush=True); {wait}"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=SECONDS)
    assert errors.strip().endswith(b"KeyboardInterrupt")


def test_the_events_are_the_system_s_own():
    if hasattr(select, "POLLIN"):
        assert (waiting.READ, waiting.WRITE) == (select.POLLIN, select.POLLOUT)


def test_what_cannot_be_written_for_a_reason_of_ours_is_raised():
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space left"):  # noqa: PTH123  a device
        write_all(full.write, b"x", Readiness(full, WRITE), SECONDS)
