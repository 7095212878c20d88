"""Who sends, when, and that no socket is closed under a send."""

import os
import sys
import threading
import time

import pytest

from chatproof_common.system.cores import allowed_cores, on_cores, this_core
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.turn import NOBODY

SECONDS = 10


class FakeSocket:
    """Takes all, and notes by whom it was given; a gate, where there is one, holds a send up, and a pause slows it."""

    def __init__(self):
        self.gate = None
        self.pause = None
        self.error = None
        self.entered = threading.Event()
        self.closed = threading.Event()
        self.sent = []
        self.senders = []

    def send(self, data, _flags):
        self.entered.set()
        if self.gate:
            assert self.gate.wait(SECONDS)
        if self.pause is not None:
            time.sleep(self.pause)
        if self.error:
            raise self.error
        assert not self.closed.is_set()
        self.sent.append(bytes(data))
        self.senders.append(threading.current_thread().name)
        return len(data)

    def shutdown(self, how):
        pass

    def close(self):
        self.closed.set()


@pytest.fixture
def fan_out():
    made = FanOut(outbox_bytes=1 << 20, unread_seconds=30)
    made.start()
    yield made
    made.close(SECONDS)


def admit(fan_out, *sockets):
    connections = [Connection(fake, ("127.0.0.1", 1), 1 << 20) for fake in sockets]
    for number, connection in enumerate(connections):
        with fan_out:
            connection.username = f"n{number}"
            fan_out.admit(connection)
    say(fan_out, b"all are in\n")
    wait_until_idle(fan_out)
    with fan_out:  # whoever ended the turn has said by now when it is quiet
        pass
    wait_until(lambda: time.monotonic() >= fan_out._turn.quiet_at)  # noqa: SLF001  however long this machine took
    for fake in sockets:
        assert fake.sent == [b"all are in\n"]
        fake.sent.clear()
        fake.senders.clear()
        fake.entered.clear()
    return connections


def say(fan_out, frame):
    with fan_out as batch:
        batch.to_all(frame)


def wait_until_idle(fan_out):
    wait_until(lambda: fan_out._turn.holder is NOBODY)  # noqa: SLF001  nothing else tells that all is sent


def wait_until_dismissed(fan_out, fake):
    say(fan_out, b"the last one that it does not get\n")
    count = -1
    while len(fake.sent) != count:
        count = len(fake.sent)
        time.sleep(0.3)


def wait_until(holds):
    end = time.monotonic() + SECONDS
    while not holds() and time.monotonic() < end:
        time.sleep(0.001)
    assert holds()


def test_where_it_is_quiet_whoever_routes_sends_and_wakes_no_thread(fan_out):
    fake = FakeSocket()
    admit(fan_out, fake)
    say(fan_out, b"one\n")
    assert fake.senders == [threading.current_thread().name]


def test_what_is_routed_during_a_send_is_joined_and_sent_by_the_flusher(fan_out):
    fake = FakeSocket()
    admit(fan_out, fake)
    fake.gate = gate = threading.Event()
    first = threading.Thread(target=say, args=(fan_out, b"one\n"), name="first")
    first.start()
    assert fake.entered.wait(SECONDS)
    say(fan_out, b"two\n")
    say(fan_out, b"three\n")
    gate.set()
    first.join()
    wait_until(lambda: len(fake.sent) == 2)
    assert fake.sent == [b"one\n", b"two\nthree\n"]
    assert fake.senders == ["first", "chat-flusher"]


def test_what_is_routed_just_after_a_long_send_goes_to_the_flusher_so_that_more_can_join_it(fan_out):
    fake = FakeSocket()
    admit(fan_out, fake)
    fake.gate = gate = threading.Event()
    threading.Timer(1.0, gate.set).start()
    say(fan_out, b"one\n")  # takes a second: for one more it is not quiet
    say(fan_out, b"two\n")
    wait_until(lambda: len(fake.sent) == 2)
    assert fake.senders == [threading.current_thread().name, "chat-flusher"]


def test_what_is_routed_during_a_round_joins_it_for_those_who_have_not_had_their_turn(fan_out):
    fakes = [FakeSocket() for _ in range(40)]
    admit(fan_out, *fakes)
    fakes[0].gate = gate = threading.Event()
    first = threading.Thread(target=say, args=(fan_out, b"one\n"))
    first.start()
    assert fakes[0].entered.wait(SECONDS)
    say(fan_out, b"two\n")
    gate.set()
    first.join()
    wait_until(lambda: all(b"".join(fake.sent) == b"one\ntwo\n" for fake in fakes))
    assert fakes[0].sent == [b"one\n", b"two\n"]
    assert fakes[-1].sent == [b"one\ntwo\n"]


def test_everybody_gets_what_each_sender_routed_once_and_in_order(fan_out):
    fakes = [FakeSocket() for _ in range(40)]
    connections = admit(fan_out, *fakes)
    for fake in fakes:
        fake.pause = 0  # so that others route in the middle of a round
    frames = 100

    def route(sender):
        for number in range(frames):
            with fan_out as batch:
                if (number + sender) % 7 == 0:
                    batch.to_one(connections[number % 40], b"%d:%d\n" % (sender, number))
                else:
                    batch.to_all(b"%d:%d\n" % (sender, number))

    senders = [threading.Thread(target=route, args=(sender,)) for sender in range(4)]
    for thread in senders:
        thread.start()
    for thread in senders:
        thread.join()
    wait_until_idle(fan_out)
    for place, fake in enumerate(fakes):
        for sender in range(4):
            wanted = [n for n in range(frames) if (n + sender) % 7 or n % 40 == place]
            told = [line.split(b":") for line in b"".join(fake.sent).splitlines()]
            assert [int(number) for name, number in told if int(name) == sender] == wanted


def test_a_socket_is_closed_only_once_nobody_may_be_sending_on_it(fan_out):
    fakes = [FakeSocket() for _ in range(40)]
    connections = admit(fan_out, *fakes)
    fakes[0].gate = gate = threading.Event()
    sending = threading.Thread(target=say, args=(fan_out, b"one\n"))
    sending.start()
    assert fakes[0].entered.wait(SECONDS)
    with fan_out as batch:
        fan_out.dismiss(connections[-1])
        batch.to_all(b"two\n")
    fan_out.release(connections[-1].outbox)
    assert not fakes[-1].closed.is_set()  # who sends is about to reach it
    gate.set()
    sending.join()
    assert fakes[-1].closed.wait(SECONDS)
    assert fakes[-1].sent == [b"one\n"]
    assert b"".join(fakes[-2].sent) == b"one\ntwo\n"


def test_a_socket_is_closed_however_much_is_said(fan_out):
    fakes = [FakeSocket() for _ in range(40)]
    connections = admit(fan_out, *fakes)
    for fake in fakes:
        fake.pause = 0.001  # a round takes longer than the time from one frame to the next
    stops = threading.Event()

    def talk():
        while not stops.wait(0.01):
            say(fan_out, b"on and on\n")

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        wait_until(lambda: len(fakes[0].sent) > 5)
        with fan_out:
            fan_out.dismiss(connections[-1])
        wait_until_dismissed(fan_out, fakes[-1])
        fan_out.release(connections[-1].outbox)
        assert fakes[-1].closed.wait(SECONDS)
    finally:
        stops.set()
        talking.join()


def test_a_socket_is_closed_at_once_where_nobody_sends(fan_out):
    fake = FakeSocket()
    (connection,) = admit(fan_out, fake)
    with fan_out:
        fan_out.dismiss(connection)
    fan_out.release(connection.outbox)
    assert fake.closed.is_set()


def test_a_peer_that_has_gone_costs_nobody_else_a_frame(fan_out):
    before, gone, behind = FakeSocket(), FakeSocket(), FakeSocket()
    connections = admit(fan_out, before, gone, behind)
    gone.error = ConnectionResetError()
    say(fan_out, b"one\n")
    gone.error = None
    say(fan_out, b"two\n")
    wait_until(lambda: b"".join(behind.sent) == b"one\ntwo\n")
    assert b"".join(before.sent) == b"one\ntwo\n"
    assert gone.sent == []
    assert connections[1].outbox.pending == 0


def by_a_public_message(fan_out, connections):
    say(fan_out, b"one\n")


def by_answers(fan_out, connections):
    with fan_out as batch:
        for connection in connections:
            batch.to_one(connection, b"one\n")


def by_what_was_routed_meanwhile(fan_out, connections):
    """The fault is met by the flusher, with more routed already."""
    first, second, *_ = (connection.socket for connection in connections)
    first.gate = gate = threading.Event()
    fault, second.error = second.error, None
    sending = threading.Thread(target=say, args=(fan_out, b"one\n"))
    sending.start()
    assert first.entered.wait(SECONDS)
    second.error = fault
    say(fan_out, b"two\n")
    say(fan_out, b"three\n")
    gate.set()
    sending.join()


@pytest.mark.parametrize("way", [by_a_public_message, by_answers, by_what_was_routed_meanwhile])
def test_a_fault_while_sending_ends_those_who_would_miss_something_and_the_turn(fan_out, way):
    before, faulty, behind, gone = (FakeSocket() for _ in range(4))
    connections = admit(fan_out, before, faulty, behind, gone)
    faulty.error = fault = ArithmeticError("a fault of ours")
    way(fan_out, connections)
    wait_until(lambda: all(connection.outbox.fault is fault for connection in connections))
    wait_until_idle(fan_out)
    fan_out.release(connections[-1].outbox)
    assert gone.closed.is_set()
    for connection in connections:
        with fan_out:
            fan_out.dismiss(connection)
    admit(fan_out, FakeSocket())  # it gets what is said from now on


def test_a_fault_while_retrying_costs_the_one_who_is_behind(fan_out):
    slow, other = FakeSocket(), FakeSocket()
    connections = admit(fan_out, slow, other)
    slow.error = BlockingIOError()
    say(fan_out, b"one\n")
    slow.error = fault = ArithmeticError("a fault of ours")
    wait_until(lambda: connections[0].outbox.fault is fault)
    say(fan_out, b"two\n")
    wait_until(lambda: b"".join(other.sent) == b"one\ntwo\n")
    assert connections[1].outbox.fault is None


def test_each_frame_is_counted_for_each_recipient(fan_out):
    connections = admit(fan_out, FakeSocket(), FakeSocket())
    say(fan_out, b"one\n")
    with fan_out as batch:
        batch.to_one(connections[0], b"two\n")
    wait_until(lambda: fan_out.deliveries == 5)  # that all are in was the first frame
    assert [connection.outbox.frames for connection in connections] == [3, 2]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a thread choose its cores")
def test_the_threads_of_a_server_share_one_core_and_leave_the_others_theirs(start, join):
    before = os.sched_getaffinity(0)
    server = start()
    join(server, "Alice")
    ours = threads_of(server)
    assert len(ours) == 3  # one accepts, one sends, one reads
    cores = {frozenset(os.sched_getaffinity(thread.native_id)) for thread in ours}
    assert len(cores) == 1
    assert len(cores.pop()) == (1 if runs_one_thread_at_a_time() else len(before))
    assert os.sched_getaffinity(0) == before


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a thread choose its cores")
def test_the_threads_of_a_server_use_every_core_where_they_are_told_to(start, join):
    server = start(all_cores=True)
    join(server, "Alice")
    assert {frozenset(os.sched_getaffinity(thread.native_id)) for thread in threads_of(server)} == {allowed_cores()}


def test_a_core_that_is_not_allowed_changes_nothing():
    before = allowed_cores()
    with on_cores(frozenset({10_000})):
        assert allowed_cores() == before
    assert this_core() <= before


def threads_of(server):
    readers = server._connections._threads.values()  # noqa: SLF001  no other list tells a server's threads from another's
    return [server._accepting, server._fan_out._flusher.thread, *readers]  # noqa: SLF001


def runs_one_thread_at_a_time():
    return getattr(sys, "_is_gil_enabled", lambda: True)()
