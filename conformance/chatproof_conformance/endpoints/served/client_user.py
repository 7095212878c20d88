"""The user of the client under test: what the driver is asked to do, and what the client sends of it."""

import time
from collections.abc import Sequence
from typing import Any

from chatproof_conformance.core.outcomes import Broken, NotTested
from chatproof_conformance.core.text import quoted
from chatproof_conformance.endpoints.served.exchange import NOT_DONE, DriverEvent, Exchange
from chatproof_conformance.judges.client.client_history import decoded


class ClientUser:
    """Acts through the driver."""

    def __init__(self, exchange: Exchange) -> None:
        """Use a client."""
        self._exchange = exchange

    def asks(self, do: str, **members: Any) -> None:
        """Write a request to the driver; nothing is waited for."""
        self._exchange.ask(do, **members)

    def _asks_to_say(self, content: str, target: str | None) -> None:
        if target is None:
            self.asks("say", content=content)
        else:
            self.asks("say_privately", target=target, content=content)

    def reported(self, *names: str) -> list[DriverEvent]:
        """Return the events with these names that the driver has reported since the client connected."""
        return [event for event in self._exchange.events if event.get("event") in names]

    def waits_for(self, *names: str) -> bool:
        """Wait until the driver has reported one of these events; return whether it has."""
        exchange = self._exchange
        exchange.wait_until(lambda: exchange.has_event(*names) or not exchange.process.running.open, exchange.deadline)
        return exchange.has_event(*names)

    def says(self, content: str, target: str | None = None) -> DriverEvent | None:
        """Send a message; return what the client sends, None if it refuses.

        Raises:
            NotTested: if the driver cannot do it.
        """
        exchange, connection = self._exchange, self._exchange.latest_connection()
        frames, since = len(connection.frames), len(exchange.events)
        self._asks_to_say(content, target)
        start = time.monotonic()
        answered = exchange.wait_until(
            lambda: len(connection.frames) > frames or exchange.has_event(*NOT_DONE, since=since) or exchange.is_over(),
            exchange.deadline if content else exchange.process.timeout.soft,
        )
        if answered:
            exchange.process.timeout.learn(time.monotonic() - start)
        exchange.require_support(since)
        return decoded(connection.frames[frames]) if len(connection.frames) > frames else None

    def says_all(self, contents: Sequence[str]) -> list[DriverEvent]:
        """Send public messages without a pause; return what the client sends."""
        exchange, connection = self._exchange, self._exchange.latest_connection()
        frames, since = len(connection.frames), len(exchange.events)

        def done() -> bool:
            refused = sum(event.get("event") in NOT_DONE for event in exchange.events[since:])
            return len(connection.frames) - frames + refused >= len(contents)

        for content in contents:
            self.asks("say", content=content)
        exchange.wait_until(lambda: done() or exchange.is_over(), exchange.deadline)
        return [decoded(frame) for frame in connection.frames[frames:]]

    def says_in_vain(self, content: str, target: str | None = None) -> None:
        """Ask for a message when there is no connection, and wait for the word that it is not sent.

        Raises:
            Broken: if there is none.
            NotTested: if the client has ended with its connection.
        """
        exchange, process = self._exchange, self._exchange.process
        since = len(exchange.events)
        if process.running.open:
            self._asks_to_say(content, target)
            exchange.wait_until(
                lambda: exchange.has_event(*NOT_DONE, since=since) or not process.running.open, exchange.deadline
            )
        if not process.running.open and process.running.exit_reason() is None:
            raise NotTested("the client ends with its connection")
        if not exchange.has_event(*NOT_DONE, since=since):
            raise Broken(f"a word that {quoted(content)} is not sent", "nothing", "CLIENT-17")

    def cannot(self, do: str) -> bool:
        """Return whether the driver has said that it cannot do a request."""
        return any(event.get("do") == do for event in self.reported("unsupported"))

    def must_say(self, content: str, target: str | None = None) -> DriverEvent:
        """Send a message that any client sends; return it.

        Raises:
            Broken: if nothing is sent.
        """
        said = self.says(content, target)
        if said is None:
            broken = "CLIENT-15" if self.reported("failed") else "CLIENT-14"
            raise Broken("what the user says to be sent", f"nothing; {self._exchange.described_events()}", broken)
        return said

    def says_if_it_can(self, content: str, target: str | None = None) -> bool:
        """Send a message; return whether exactly that is sent: it may be refused, or beyond the driver."""
        try:
            said = self.says(content, target)
        except NotTested:
            return False
        return said is not None and said.get("content") == content

    def finds_said(self, kind: str, content: str) -> DriverEvent | None:
        """Wait for a message of the client among all that it has sent; return None if it does not come."""
        connection = self._exchange.latest_connection()

        def found() -> DriverEvent | None:
            said = (decoded(frame) for frame in connection.frames)
            return next((m for m in said if m.get("type") == kind and m.get("content") == content), None)

        self._exchange.wait_until(lambda: found() is not None or not connection.open, self._exchange.deadline)
        return found()
