"""Which situations of SPEC.md a recording reached: each event of its section 5, and each error code, in each state.

An event is what happens at one connection; a frame counts when it is sent, whatever the server makes of it. Not planned
is a full server for one who has joined: nothing shows it. That a server was asked to stop is not in a recording.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from chatproof_conformance.core.situations import Cell
from chatproof_conformance.judges.server.client_frames import JSON_SPACE, Verb
from chatproof_conformance.judges.server.history import FOREVER, RecordedConnection, SentFrame
from chatproof_conformance.judges.server.membership import Members
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_schemas.transcript import Event, Kind

EVENT, STATE, CODE = "event", "state", "code"
"""The dimensions."""
CONNECTED, IS_JOINED = "connected", "joined"

BLANK = "blank line"
FREE, IN_USE, FULL = "valid join, name free", "valid join, name in use", "valid join, server is full"
BAD_NAME = "join with an invalid name"
MESSAGE = "valid message"
PRESENT, ABSENT = "valid private_message, target joined", "valid private_message, target not joined"
OTHER = "any other frame (section 11)"
OTHERS = "others' messages and notices, announcements"
END = "end of stream, reset"
CLOSED = "the server closes it, for example because of too much unread data"
STOP = "the server is asked to stop"
EVENTS = (BLANK, FREE, IN_USE, FULL, BAD_NAME, MESSAGE, PRESENT, ABSENT, OTHER, OTHERS, END, CLOSED, STOP)
"""The rows of the table in section 5 of SPEC.md."""

_IN_ANY_STATE = ("frame_too_long", "malformed_json", "invalid_message", "unknown_type", "username_invalid")
_FROM_OTHERS = {MessageKind.PUBLIC, MessageKind.JOINED, MessageKind.LEFT, MessageKind.ANNOUNCEMENT}


def planned_cells(*, stopping: bool) -> list[Cell]:
    """Return the cells that can be reached; ``stopping``: by one who can ask the server to stop."""
    events = [
        (event, state) for event in EVENTS for state in (CONNECTED, IS_JOINED) if (event, state) != (FULL, IS_JOINED)
    ]
    codes = [(code, state) for code in _IN_ANY_STATE for state in (CONNECTED, IS_JOINED)]
    codes += [(code, CONNECTED) for code in ("not_joined", "username_taken", "server_full")]
    codes.append(("already_joined", IS_JOINED))
    cells = [(EVENT, event, STATE, state) for event, state in events if stopping or event != STOP]
    return cells + [(CODE, code, STATE, state) for code, state in codes]


def reached_cells(
    connections: Sequence[RecordedConnection], members: Members, events: Sequence[Event]
) -> Iterator[Cell]:
    """Yield the cells that a judged history reached, each time that it did."""
    for connection in connections:
        for event, state in _happenings(connection, members):
            yield EVENT, event, STATE, state
        for received in connection.received:
            if received.frame.kind is MessageKind.ERROR and received.cause is not None:
                code = received.frame.message.get("code")
                if isinstance(code, str):
                    yield CODE, code, STATE, _state(received.cause)
    for event, state in _from_others(connections, events):
        yield EVENT, event, STATE, state


def _happenings(connection: RecordedConnection, members: Members) -> Iterator[tuple[str, str]]:
    for sent in connection.sent:
        yield _event_of(sent, members), _state(sent)
    joined = connection.join.at if connection.join else FOREVER
    if connection.ended < connection.server_ended:
        yield END, IS_JOINED if joined < connection.ended else CONNECTED
    elif connection.server_ended < FOREVER:
        yield CLOSED, IS_JOINED if joined < connection.server_ended else CONNECTED


def _state(sent: SentFrame) -> str:
    return IS_JOINED if sent.is_after_join else CONNECTED


def _event_of(sent: SentFrame, members: Members) -> str:
    if not sent.frame.strip(JSON_SPACE):
        return BLANK
    reading = sent.reading
    if not reading.messages:
        return BAD_NAME if reading.type == "join" and "username_invalid" in reading.codes else OTHER
    asked = reading.messages[0]
    if asked.verb is Verb.PUBLIC:
        return MESSAGE
    holders = [one for one in members.holders(asked.name, sent.at, sent.at) if one.connection is not sent.connection]
    if asked.verb is Verb.PRIVATE:
        own = sent.is_after_join and sent.connection.name == asked.name
        return PRESENT if holders or own else ABSENT
    answer = sent.answer.frame.message.get("code") if sent.answer else None
    return FULL if answer == "server_full" else IN_USE if holders else FREE


def _from_others(connections: Sequence[RecordedConnection], events: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Yield what others caused while a connection was there: seen by it if it has joined, by anyone if not."""
    opened = {event.connection: at for at, event in enumerate(events) if event.kind is Kind.OPEN}
    seen = sorted(one.at for to in connections for one in to.received if one.frame.kind in _FROM_OTHERS)
    for connection in connections:
        first = opened.get(connection.label, 0)
        last = min(connection.ended, connection.server_ended, connection.join.at if connection.join else FOREVER)
        if bisect_left(seen, first) < bisect_right(seen, last):
            yield OTHERS, CONNECTED
        if any(one.frame.kind in _FROM_OTHERS and one.frame.name != connection.name for one in connection.received):
            yield OTHERS, IS_JOINED
