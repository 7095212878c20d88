"""The judge of connections of which none was there all the time: what each got must be a piece of one order."""

from collections import Counter


def merge(stays):
    """Return the order that everybody got a piece of, where each one's piece is, and what contradicts it."""
    order, places, wrong = [], {}, []
    for stay in filter(lambda stay: stay.has_joined, stays):
        piece = common_to_all(stay.got)
        first = next((at for at, text in enumerate(piece) if is_message(text)), None)
        if first is None:
            continue
        begin = 0
        if piece[first] in order:
            begin = order.index(piece[first]) - first
        elif order:
            wrong.append(f"{stay.name} has met nobody who was there before")
            continue
        if begin < 0:
            order[:0] = piece[:-begin]
            places = {other: (at - begin, end - begin) for other, (at, end) in places.items()}
            begin = 0
        known = order[begin : begin + len(piece)]
        if known != piece[: len(known)]:
            at = next(at for at, text in enumerate(known) if text != piece[at])
            wrong.append(f"{stay.name} got {piece[at]!r}, another one {known[at]!r}")
        order += piece[len(known) :]
        places[stay] = (begin, begin + len(piece))
    return order, places, wrong


def judge_stays(stays):
    """Return what is wrong with what connections got, given in the order of their joins.

    Whatever a sender got back is part of its own history; so it is in the order, and everybody has it who was there.
    """
    order, places, wrong = merge(stays)
    wrong += [f"{text!r} came {count} times" for text, count in Counter(filter(is_message, order)).items() if count > 1]
    for stay in stays:
        own = stay.own(order)
        if own != [*range(stay.first, stay.first + len(own))]:
            wrong.append(f"messages of {stay.name} are missing, doubled or out of order")
        if not stay.is_ended and len(own) != stay.sent - stay.first:
            wrong.append(f"of {stay.name}, who stayed, {len(own)} messages arrived, of {stay.sent - stay.first}")
    return wrong + _judge_notices(stays, order) + _judge_private(stays, places)


def _judge_notices(stays, order):
    """Return whose joins and leaves are too many or too few; who was ended unanswered may have joined and left."""
    wrong = []
    counted = Counter(order)
    for name in {stay.name for stay in stays}:
        own = [stay for stay in stays if stay.name == name]
        told = sum(stay.has_joined for stay in own)
        joins, leaves = (counted[f"|{name} {what} the chat"] for what in ("joined", "left"))
        if not told <= joins <= len(own) or leaves != joins - sum(not stay.is_ended for stay in own):
            wrong.append(f"{joins} joins and {leaves} leaves of {name}, who was told of {told} joins")
    return wrong


def _judge_private(stays, places):
    """Return which private messages did not arrive, or twice, though their senders got them confirmed."""
    wrong = []
    for stay in places:
        for at, text in enumerate(stay.got):
            if not text.startswith("delivered: "):
                continue
            content = text.removeprefix("delivered: ")
            name = content.partition(" ")[0]
            place = places[stay][0] + len(common_to_all(stay.got[:at]))
            others = [other for other in stays if other.name == name]
            arrived = sum(other.got.count(f"private: {content}") for other in others)
            stayed = any(other in places and places[other][0] <= place < places[other][1] for other in others)
            if arrived > 1 or stayed > arrived:
                wrong.append(f"the private message {content!r} was confirmed, and arrived {arrived} times")
    return wrong


def is_message(text):
    """Return whether a text is a public message."""
    return "|" in text and not text.startswith("|")


def common_to_all(texts):
    """Return what everybody gets of texts: messages, joins and leaves."""
    return [text for text in texts if is_message(text) or text.endswith((" joined the chat", " left the chat"))]
