import socket
import threading

import pytest

from chatproof_common.system.multiplexer import READ, WRITE, Waiter

SECONDS = 30.0


@pytest.fixture
def waiter():
    waiter = Waiter()
    yield waiter
    waiter.close()


@pytest.fixture
def ends():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def test_what_is_ready_is_returned_by_what_it_is_watched_for(waiter, ends):
    ours, theirs = ends
    waiter.watch(ours, "ours")
    waiter.watch(theirs, "theirs", READ | WRITE)
    assert waiter.wait(SECONDS) == [("theirs", WRITE)]
    theirs.send(b"x")
    waiter.watch(theirs, "theirs")
    assert waiter.wait(None) == [("ours", READ)]


def test_what_is_watched_no_more_is_not_returned(waiter, ends):
    ours, theirs = ends
    waiter.watch(ours, None)
    theirs.close()
    assert waiter.wait(SECONDS) == [(None, READ)]
    waiter.watch(ours, None, 0)
    assert waiter.wait(0) == []
    assert not waiter.unwatch(ours)
    waiter.watch(ours, None)
    assert waiter.unwatch(ours)


def test_another_thread_ends_a_wait(waiter):
    waking = threading.Timer(0.01, waiter.wake)
    waking.start()
    assert waiter.wait(None) == []
    waking.join()


def test_a_call_to_wake_ends_the_next_wait_and_no_other(waiter):
    for _ in range(3):
        waiter.wake()
    assert waiter.wait(None) == []
    assert waiter.wait(0.0) == []


def test_waking_never_blocks_and_is_harmless_at_the_end():
    waiter = Waiter()
    for _ in range(100_000):
        waiter.wake()
    waiter.close()
    waiter.wake()
