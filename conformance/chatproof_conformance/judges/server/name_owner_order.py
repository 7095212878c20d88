"""In which order the holders of one name held it: if their joins overlap, a guess, until what arrived fits."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from chatproof_conformance.judges.server.expected_deliveries import ExpectedDelivery
from chatproof_conformance.judges.server.history import ReceivedFrame, RecordedConnection
from chatproof_conformance.judges.server.server_frames import MessageKind

MOVED_HOLDERS = 8
"""If a name has more holders than this, only the order that their messages suggest is tried."""
_SAID = (MessageKind.PUBLIC, MessageKind.PRIVATE)

Order = list[list[ExpectedDelivery]]
"""What each holder causes, holder by holder."""


Result = TypeVar("Result")


def likeliest(
    expected: Sequence[ExpectedDelivery],
    arrivals: Iterable[Sequence[ReceivedFrame]],
    attempt: Callable[[list[ExpectedDelivery]], tuple[float, Result]],
) -> Result:
    """Return the result that costs least among the orders worth trying; that of the given one if it fits.

    Args:
        expected: what all holders of a name cause, in the order first guessed.
        arrivals: what each recipient got from that name.
        attempt: compares one order with the arrivals; returns how badly it fits (0 if it does) and the result.
    """
    holders: dict[RecordedConnection, list[ExpectedDelivery]] = {}
    for delivery in expected:
        holders.setdefault(delivery.source, []).append(delivery)
    order, (least, best) = list(holders.values()), attempt(list(expected))
    more = [_by_first_messages(order, arrivals)] if least else []
    while least and len(order) > 1:
        cheaper = None
        for other in filter(_may_be, (*more, *_with_one_moved(order))):
            cost, result = attempt([delivery for mine in other for delivery in mine])
            if cost < least:
                cheaper, least, best = other, cost, result
            if not least:
                break
        if cheaper is None:
            break
        order, more = cheaper, []
    return best


def _by_first_messages(order: Order, arrivals: Iterable[Sequence[ReceivedFrame]]) -> Order:
    """Order the holders by the first message of each that nobody else said, as one recipient got them."""
    owners: dict[str, RecordedConnection | None] = {}
    for mine in order:
        for delivery in mine:
            if delivery.kind in _SAID:
                shared = owners.get(delivery.text, delivery.source) is not delivery.source
                owners[delivery.text] = None if shared else delivery.source
    first: dict[RecordedConnection, int] = {}
    for arrived in arrivals:
        places: dict[RecordedConnection, int] = {}
        for place, received in enumerate(arrived):
            owner = owners.get(received.frame.text) if received.frame.kind in _SAID else None
            if owner is not None:
                places.setdefault(owner, place)
        first = max(first, places, key=len)
    keys, key = [], -1
    for mine in order:  # who sent no such message stays behind the same one as before
        key = first.get(mine[0].source, key)
        keys.append(key)
    return [mine for _, mine in sorted(zip(keys, order, strict=True), key=lambda keyed: keyed[0])]


def _with_one_moved(order: Order) -> Iterator[Order]:
    if len(order) > MOVED_HOLDERS:
        return
    for number, moved in enumerate(order):
        others = order[:number] + order[number + 1 :]
        for place in range(len(order)):
            if place != number:
                yield [*others[:place], moved, *others[place:]]


def _may_be(order: Order) -> bool:
    """Whether no holder's join was seen before an earlier one asked for its own."""
    last_asked = -1
    for holder in order:
        if holder[0].by <= last_asked:
            return False
        last_asked = max(last_asked, holder[0].after)
    return True
