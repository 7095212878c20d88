"""The parts of a node that need neither an engine nor a connection."""

import pytest

from chatproof_reference.server import replies
from chatproof_reference.server.cluster.directory import Directory
from chatproof_reference.server.cluster.entry import JOIN, LEAVE, PRIVATE, PUBLIC, Entry
from chatproof_reference.server.cluster.lease import Lease
from chatproof_reference.server.cluster.session import Session


def test_an_entry_keeps_the_order_of_its_segments_and_puts_controls_behind():
    entry = Entry(7)
    entry.control(LEAVE, 3, "Al")
    entry.add(PUBLIC, b"a\n")
    entry.add(PUBLIC, b"b\n")
    entry.add(PRIVATE, b"c\n")
    entry.add(PUBLIC, b"d\n")
    entry.control(JOIN, 4, "Ü")
    assert entry.words() == [7, b"l3\tAl\nj4\t\xc3\x9c\n", PUBLIC, b"a\nb\n", PRIVATE, b"c\n", PUBLIC, b"d\n"]


def test_an_entry_takes_neither_more_bytes_nor_more_pieces_than_the_engine_can_take_at_once():
    long, many = Entry(1), Entry(2)
    long.add(PUBLIC, b"x" * 70_000)
    for number in range(500):
        assert many.takes_more
        many.control(JOIN, number, "x")
    assert not long.takes_more
    assert not many.takes_more


def test_what_has_been_sent_is_sent_again_as_it_was_and_what_is_said_later_comes_behind():
    session = Session(b"node", b"0-0", b"", 0)
    with session.lock:
        assert session.add(PUBLIC, b"first\n") == 1
    sent = session.take(wait=True)
    words = sent.words()
    session.send_again()  # the connection to the engine was cut
    with session.lock:
        assert session.add(PUBLIC, b"second\n") == 2
    assert session.take(wait=True) is sent
    assert sent.words() == words
    assert session.take(wait=True).words() == [2, b"", PUBLIC, b"second\n"]
    assert session.take(wait=False) is None
    session.mark_applied(1)
    assert session.is_next(2)
    session.send_again()
    assert session.take(wait=False).number == 2


def test_who_waits_for_an_entry_is_woken_when_it_is_applied_or_the_session_ends():
    session = Session(b"node", b"0-0", b"", 0)
    with session.lock:
        number = session.add(PUBLIC, b"x\n")
        event = session.watch(number)
        assert session.watch(0) is None
    session.take(wait=False)
    assert not event.is_set()
    session.mark_applied(number)
    assert event.is_set()
    with session.lock:
        waits = session.watch(session.control(JOIN, 1, "x"))
    session.end("first reason")
    session.end("second reason")
    assert waits.is_set()
    assert session.why == "first reason"
    assert session.take(wait=True) is None
    with session.lock:
        assert not session.wait_for_room()


def test_a_node_is_dead_after_enough_looks_and_enough_time_and_not_before():
    lease = Lease(3.0)
    assert not any(lease.look({b"b": b"1"}, now) for now in (0.0, 0.5, 1.0, 1.5, 2.0, 2.5))  # too early
    assert lease.look({b"b": b"1"}, 3.0) == [(b"b", b"1")]
    lease = Lease(3.0)
    assert not any(lease.look({b"b": b"1"}, now) for now in (0.0, 10.0, 20.0, 30.0, 40.0))  # too few looks
    assert lease.look({b"b": b"1"}, 50.0) == [(b"b", b"1")]
    assert lease.look({b"b": b"2"}, 51.0) == []


def test_a_node_that_was_away_counts_anew():
    lease = Lease(1.0)
    for now in range(5):
        lease.look({b"b": b"1"}, now)
    lease.forget()
    assert lease.look({b"b": b"1"}, 6.0) == []


def test_the_names_of_a_node_are_freed_together_in_order():
    directory = Directory()
    directory.reset([b"Zoe", b"n1:2", b"Al", b"n1:1", b"Bob", b"n10:1"])
    assert directory.bury(b"n1") == ["Al", "Zoe"]
    assert directory.names == {"Bob": b"n10:1"}


@pytest.mark.parametrize("make", [replies.announcement, replies.system])
def test_a_frame_without_its_time_is_the_frame_again_with_a_new_one(make):
    frame = make('say "hi","timestamp":"01:02:03"}')
    again = replies.untimed(frame) + replies.public_tail()
    assert again[:-12] == frame[:-12]
    assert len(again) == len(frame)


def test_a_frame_of_another_form_is_left_as_it_is():
    assert replies.untimed(b'{"timestamp":"01:02:03","type":"server","message":"x"}\n') == b""
