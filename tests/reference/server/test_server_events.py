"""What a server tells its observers is bounded, however slowly they take it."""

from chatproof_reference.server import EventKind
from chatproof_reference.server.events import Events


def test_unread_events_are_bounded_by_their_number_and_lost_ones_are_counted():
    events = Events()
    subscription = events.subscribe(frozenset(EventKind), 10)
    for _ in range(25):
        events.emit(EventKind.TROUBLE, text="x")
    assert len(subscription.drain()) == 10
    assert subscription.take_lost() == 15


def test_unread_events_are_bounded_by_the_length_of_their_texts():
    events = Events()
    subscription = events.subscribe(frozenset(EventKind), 10_000)
    for _ in range(10_000):
        events.emit(EventKind.MESSAGE, text="x" * 1000)
    taken = subscription.drain()
    assert sum(len(event.text) for event in taken) <= 2 * 1024 * 1024
    assert subscription.take_lost() == 10_000 - len(taken) > 7000
    events.emit(EventKind.MESSAGE, text="x")
    assert len(subscription.drain()) == 1
