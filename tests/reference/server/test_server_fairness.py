"""Floods of short lines, readers that are slow, and many connections from one address: everybody else is served."""

import threading
import time

import pytest

from chatproof_reference.server import EventKind, handler
from chatproof_reference.server.backlog import Backlog
from chatproof_reference.server.batch import Batch
from chatproof_reference.server.connections import origin_of
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.outbox import Outbox, Put
from chatproof_reference.server.turnstile import Turnstile
from chatproof_reference.wire import FrameReader

SHORT_LINES = b"1\n" * 32_768
PUBLIC = b'{"type":"message","content":"x"}\n' * 1900
DEADLINE = 30.0


def pour(peer, data):
    """Send as much as the system takes now."""
    peer.socket.setblocking(False)  # noqa: FBT003  the standard library's signature
    try:
        return peer.socket.send(data)
    except BlockingIOError:
        return 0


def wait_until(condition):
    end = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.mark.parametrize("joined", [False, True])
def test_short_lines_delay_nobody_else_by_more_than_a_few_turns(joined, server, connect, join):
    alice = join(server, "Alice")
    for number in range(40):
        flooder = join(server, f"f{number}") if joined else connect(server)
        pour(flooder, SHORT_LINES)
    alice.read_until_fence()
    meanwhile = []
    for _ in range(20):
        before = server.counters.refused["invalid_message"]
        alice.send({"type": "private_message", "target": "Alice", "content": "quick"})
        alice.read_many(2)
        meanwhile.append(server.counters.refused["invalid_message"] - before)
    assert server.counters.refused["invalid_message"] < 40 * 32_768, "the flood was over before it was measured"
    assert sorted(meanwhile)[10] < 1000, meanwhile  # one write of short lines are 32,768 frames


def test_a_flood_does_not_hold_up_a_stop(start, connect, join):
    server = start(stop_seconds=2)
    for number in range(40):
        pour(join(server, f"f{number}") if number % 2 else connect(server), SHORT_LINES)
    wait_until(lambda: server.counters.refused["invalid_message"] > 1000)
    began = time.monotonic()
    server.stop_server()
    assert time.monotonic() - began < 4


def test_who_floods_and_does_not_read_is_read_no_further_and_dropped_in_the_end(start, join):
    server = start(unread_seconds=1.5)
    flooder, alice = join(server, "Flooder"), join(server, "Alice")
    left = server.subscribe(EventKind.LEFT)
    most = 0
    nonsense = b'{"type":"message","content":7,"%s":1}\n' % (b"x" * 900)
    data = nonsense * 2000
    end = time.monotonic() + DEADLINE
    while not (told := left.drain(0.01)) and time.monotonic() < end:
        pour(flooder, data)
        most = max(most, *(info.pending_bytes for info in server.list_clients()), 0)
    assert [(event.username, event.text) for event in told] == [("Flooder", "it stopped reading")]
    assert 65_536 < most < 2 * 65_536
    assert alice.read()["message"] == "Flooder left the chat"


def test_a_reader_slower_than_all_floods_together_is_not_dropped(start, join):
    """The floods have one budget; with one each, four are four times too fast."""
    server = start(outbox_bytes=600_000)
    slow = join(server, "Slow")
    flooders = [join(server, "\U0001f600" * 30 + str(number)) for number in range(4)]
    lost = server.subscribe(EventKind.LEFT)
    done = threading.Event()

    def read(peer):
        while not done.is_set() and peer.socket.recv(1 << 18):
            pass

    def send(peer):
        while not done.is_set():
            peer.socket.send(PUBLIC)

    threads = [threading.Thread(target=what, args=(peer,)) for peer in flooders for what in (read, send)]
    for thread in threads:
        thread.start()
    taken, end = 0, time.monotonic() + 6
    while time.monotonic() < end:
        taken += len(slow.socket.recv(25_000))
        time.sleep(0.1)  # so it reads a quarter of a megabyte a second
    told = lost.drain()
    done.set()
    server.stop_server()
    for thread in threads:
        thread.join(DEADLINE)
    assert not told
    assert taken > 500_000


class SlowSocket:
    """Takes as many bytes as it is told, and then none."""

    def __init__(self):
        self.takes = 0

    def send(self, data, _flags):
        taken = min(len(data), self.takes)
        self.takes -= taken
        if not taken:
            raise BlockingIOError
        return taken

    def shutdown(self, how):
        pass

    def setsockopt(self, *_):
        pass


def behind(limit=800_000, waiting=0):
    slow = SlowSocket()
    outbox, backlog = Outbox(slow, limit), Backlog(limit, unread_seconds=30)
    assert backlog.note(outbox, outbox.add(b"x" * waiting))
    backlog.retry()
    return slow, outbox, backlog


@pytest.mark.parametrize(("taken", "reads"), [(0, False), (1000, False), (70_000, True)])
def test_whoever_is_dropped_is_said_to_read_too_slowly_only_if_it_does_read(taken, reads):
    slow, outbox, backlog = behind(waiting=300_000)
    slow.takes = taken
    backlog.retry()
    assert outbox.add(b"x" * 600_000) is Put.OVERFLOWED
    assert outbox.reads_slowly is reads


def test_one_who_is_far_behind_is_waited_for_as_long_as_it_reads(monkeypatch):
    now = [1000.0]
    monkeypatch.setattr("chatproof_reference.server.backlog.time.monotonic", lambda: now[0])
    slow, outbox, backlog = behind(waiting=500_000)  # more than half of the bound: there is no room for any more

    def waits():
        looks = iter([False, False, True])
        backlog.ease(10_000, lambda: next(looks))
        return next(looks, None) is None

    for _ in range(8):  # 40 kB a second, in jumps
        assert waits()
        now[0] += 2.5
        slow.takes = 100_000
        backlog.retry()
        outbox.add(b"x" * 100_000)
        backlog.retry()
    now[0] += 10.1  # and nothing more is taken
    backlog.retry()
    assert not waits()


def test_connections_from_one_address_are_bounded_and_it_is_told(start, connect):
    server = start(max_per_address=3)
    trouble = server.subscribe(EventKind.TROUBLE)
    first, *_ = [connect(server) for _ in range(3)]
    assert connect(server).is_at_end()
    assert "too many connections from its address" in trouble.drain(timeout=10)[0].text
    gone = server.subscribe(EventKind.DISCONNECTED)
    first.close()
    assert gone.drain(timeout=10)
    wait_until(lambda: _can_join(connect(server)))


def _can_join(client):
    try:
        return "n" in str(client.join("n" + str(time.monotonic_ns())))
    except (ConnectionError, ValueError):  # turned away
        return False


def test_connections_from_one_address_that_have_not_joined_are_bounded(start, connect, join):
    server = start(max_unjoined_per_address=2)
    connect(server), join(server, "Alice"), connect(server)
    assert connect(server).is_at_end()
    assert server.counters.turned_away == {"too many connections from its address have not joined": 1}


def test_one_address_may_hold_many_connections_by_default(server):
    assert server.options.max_per_address >= 2500
    assert server.options.max_unjoined_per_address >= 2500
    assert server.options.max_per_address * 4 <= server.options.max_connections


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_an_address_is_an_ipv4_address_or_a_64_of_ipv6(host, origin):
    assert origin_of(host) == origin


def test_the_turnstile_lets_one_at_a_time_pass_in_the_order_of_arrival():
    turnstile, passed, inside = Turnstile(), [], []

    def go(number):
        with turnstile:
            inside.append(number)
            assert inside == [number]
            passed.append(number)
            time.sleep(0.001)
            inside.clear()

    threads = []
    with turnstile:
        for number in range(10):
            threads.append(threading.Thread(target=go, args=(number,)))
            threads[-1].start()
            wait_until(lambda: len(turnstile._waiting) == len(threads))  # noqa: SLF001  who has come is seen nowhere else
    for thread in threads:
        thread.join(DEADLINE)
    assert passed == list(range(10))


def test_who_cannot_wait_for_room_for_want_of_memory_does_not_keep_the_lock(monkeypatch):
    fan_out = FanOut(outbox_bytes=1 << 20, unread_seconds=30)  # with no flusher: what is routed stays
    with fan_out as batch:
        fan_out._turn.take()  # noqa: SLF001  someone is sending
        batch.to_all(b"x" * 200_000)
    asked = []

    def fail():
        asked.append(1)
        if len(asked) == 3:
            fan_out._batch = Batch()  # noqa: SLF001  it has been sent
        raise RuntimeError("can't allocate lock")

    monkeypatch.setattr(fan_out._room, "wait", fail)  # noqa: SLF001  the system says no
    with fan_out:
        assert len(asked) == 3
    assert fan_out._lock.acquire(timeout=1)  # noqa: SLF001  it is free


@pytest.mark.parametrize(
    ("before", "flood"),
    [(b"", b"\n" * 65_536), (b"{}", b"{}" * 32_768), (b"{}" * 1024, b"{}" * 32_768)],
    ids=["blank lines", "objects with no LF", "a frame that is too long and never ends"],
)
def test_what_is_cut_into_many_pieces_or_skipped_is_looked_at_for_one_at_a_time(
    before, flood, server, connect, monkeypatch
):
    """Nothing else makes them wait: blank lines are no frames, objects with no LF are cut at once."""
    cutting, at_once = set(), []

    class Watched(FrameReader):
        def feed(self, data):
            if len(data) < 1024:
                return super().feed(data)
            cutting.add(self)
            at_once.append(len(cutting))
            time.sleep(0.001)  # so that another thread would come in
            frames = super().feed(data)
            cutting.discard(self)
            return frames

    monkeypatch.setattr(handler, "FrameReader", Watched)
    peers = [connect(server) for _ in range(8)]
    for peer in peers:
        peer.socket.sendall(before)
    if before:
        for peer in peers:
            peer.read()  # a pause has ended the object, or the frame is too long
        at_once.clear()
    for peer in peers:
        pour(peer, flood)
    wait_until(lambda: len(at_once) >= 8)
    assert set(at_once) == {1}


def test_what_is_sent_after_the_end_of_a_connection_is_dropped_in_turn(start, join):
    server = start(linger_seconds=60)
    alice = join(server, "Alice")
    server.disconnect_user("Alice")
    assert alice.read()["type"] == "system"
    assert alice.is_at_end()
    much = bytes(64 * 2**20)  # more than any system keeps unread
    alice.socket.settimeout(0.3)
    with server._handler._turnstile, pytest.raises(TimeoutError):  # noqa: SLF001  somebody else has the turn
        alice.socket.sendall(much)
    alice.socket.settimeout(DEADLINE)
    alice.socket.sendall(much)


def test_one_who_ends_its_frames_with_no_lf_holds_few_of_them_in_memory(server, connect, monkeypatch):
    most = []
    feed = FrameReader.feed

    def watched(reader, data):
        frames = feed(reader, data)
        most.append(len(frames))
        return frames

    monkeypatch.setattr(FrameReader, "feed", watched)
    peer = connect(server)
    peer.socket.sendall(b"{}")
    peer.read()
    pour(peer, b"{}" * 32_768)
    wait_until(lambda: max(most) > 1000)
    assert max(most) <= 4096
