"""How the client under test connects, joins and leaves: requests to its driver, and waiting for what it does."""

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.served.connections import ServedConnection
from chatproof_conformance.endpoints.served.exchange import NOT_DONE, OVER, DriverEvent, Exchange
from chatproof_conformance.judges.client.client_history import decoded
from chatproof_schemas import Direction, FrameRefused, read_frame
from chatproof_schemas.transcript import Transcript

_START_SECONDS = 30.0
_NO_CONNECTION = (*OVER, "unsupported", "invalid_request")


def connect(exchange: Exchange, username: str) -> ServedConnection | None:
    """Let the client connect; return its connection, None if the client was restarted and must be asked again.

    Raises:
        Broken: if no connection comes.
    """
    process = exchange.process
    may_end = process.driver.may_end or process.driver.end_unreported
    fresh = process.driver.fresh
    while (left_over := process.listener.accept("left over", Transcript())) is not None:
        left_over.close()  # a client may have connected by itself
    exchange.events, exchange.connection, exchange.username = [], None, None
    host, port = process.listener.address
    exchange.ask("connect", host=host, port=port, username=username)
    come = exchange.wait_until(
        lambda: exchange.connection is not None or exchange.has_event(*_NO_CONNECTION),
        _START_SECONDS if fresh else exchange.deadline,
    )
    if not come and may_end and not process.running.open:
        # If it ended as it may, with the connection before, it never read this request.
        process.running.may_end = True
        if process.running.exit_reason() is None:
            process.restart()
            return None
    if not come:
        process.stuck = True
    if not come or not exchange.wait_until(lambda: exchange.connection is not None, process.timeout.soft):
        raise Broken("the client to connect", exchange.described_events(), "CLIENT-1")
    return exchange.connection


def leave(exchange: Exchange) -> None:
    """End the connection that stands, as a user does; harmless if there is none."""
    process, connection = exchange.process, exchange.connection
    exchange.username = None
    if connection is None:
        return
    if not process.stuck and process.running.open:
        since = len(exchange.events)
        if connection.open:
            exchange.ask("leave")
            if not exchange.wait_until(lambda: not connection.open, exchange.deadline):
                process.stuck = True
        elif exchange.has_event("disconnected"):
            since = 0
        connection.close()
        # What is reported of this connection must not be taken for news of the next one.
        reported = exchange.wait_until(lambda: exchange.has_event("disconnected", since=since), process.timeout.soft)
        process.running.end_unreported = not reported
    connection.close()
    exchange.connection = None


def expect_join(exchange: Exchange) -> DriverEvent:
    """Wait for the client's first frame; return the join that it must be.

    Raises:
        Broken: if it is none, or nothing comes.
    """
    connection = exchange.latest_connection()
    exchange.wait_until(
        lambda: bool(connection.frames) or not connection.open or exchange.has_event(*OVER), exchange.deadline
    )
    if not connection.frames:
        if connection.unfinished.strip():
            rest = connection.unfinished
            raise Broken("an LF after every frame", f"{shown_frame(rest)} with none", "CLIENT-2", frames=(rest,))
        state = "the connection is open" if connection.open else "the connection was ended"
        raise Broken("a valid join as the first frame", f"nothing; {state}", "CLIENT-1")
    first = connection.frames[0]
    try:
        message = read_frame(first, Direction.CLIENT)
    except FrameRefused as refused:
        actual = f"{shown_frame(first)} ({refused})"
        raise Broken("a valid join as the first frame", actual, "CLIENT-1", frames=(first,)) from None
    if message["type"] != "join":
        raise Broken("a valid join as the first frame", shown_frame(first), "CLIENT-1", frames=(first,))
    return message


def expect_another_join(exchange: Exchange, since: int) -> DriverEvent:
    """Wait for the frame that the client sends after the first ``since``; return the join that it must be.

    Raises:
        Broken: if it is none, or nothing comes.
        NotTested: if the driver cannot ask for it.
    """
    connection = exchange.latest_connection()
    asked_at = len(exchange.events)
    exchange.wait_until(
        lambda: len(connection.frames) > since or exchange.has_event(*NOT_DONE, since=asked_at), exchange.deadline
    )
    exchange.require_support(0)
    frames = tuple(connection.frames[since : since + 1])
    message = decoded(frames[0]) if frames else {}
    if message.get("type") != "join":
        raise Broken("another join", shown_frame(frames[0]) if message else exchange.described_events(), frames=frames)
    return message
