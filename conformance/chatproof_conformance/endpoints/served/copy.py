"""One process of the client under test: its driver, where it connects to, and all that passes, recorded."""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.endpoints.process.driver import Driver
from chatproof_conformance.endpoints.served.connections import Listener, ServedConnection
from chatproof_conformance.endpoints.served.driver_lines import DriverEvent, read_event, request_line
from chatproof_conformance.endpoints.waves.listening import Listening
from chatproof_conformance.judges.client.client_history import CONNECTS_ANEW, INPUT_ENDED, OLD_ENDED
from chatproof_schemas.transcript import Kind, Transcript

PROTOCOL = "docs/driver-protocol.md says how a driver is asked"
OVER = ("disconnected", "refused")
"""Events after which a driver may end."""
NOT_DONE = ("failed", "unsupported", "invalid_request", "disconnected")
"""Events that answer a request instead of what was asked for."""
_MOST_LINES = 20_000
"""Lines of a driver that nothing asked for: who writes more writes for ever."""
_QUIET = 0.002


class ClientCopy:
    """One process, from its start to its end.

    Attributes:
        driver: the process.
        listening: what the client has shown of its speed, and the waits for it.
        transcript: what passed since the last conversation began.
        connection: the connection that stands, or stood last, of this conversation.
        events: what the driver has reported in this conversation.
        stuck: whether it must be restarted: something that it had to do has not come.
        nonsense: why nothing more can be said of this driver; None if something can.
        conversations: how many it has had.
        unescaped: the characters beyond ASCII that it has been seen to write as they are.
    """

    def __init__(self, command: str, listening: Listening) -> None:
        """Start it.

        Raises:
            TargetGone: if the command cannot be run.
        """
        self.driver = Driver(command)
        self.listening = listening
        self.transcript = Transcript(checked="client")
        self.connection: ServedConnection | None = None
        self.events: list[DriverEvent] = []
        self.stuck = False
        self.nonsense: str | None = None
        self.conversations = 0
        self.unescaped: set[str] = set()
        self._unasked = 0
        self._accepts = False
        self._old: ServedConnection | None = None
        self._outgoing = b""
        self._next: list[ServedConnection] | None = None
        self._takes_little = False
        self._loop = asyncio.get_running_loop()
        self._listener = self._listen()
        self._loop.add_reader(self.driver.fileno(), self._read_driver)

    @property
    def address(self) -> tuple[str, int]:
        """Where its client connects to."""
        return self._listener.address

    @property
    def alive(self) -> bool:
        """Whether more can come from the driver."""
        return self.driver.open

    @property
    def open(self) -> ServedConnection | None:
        """The connection that stands, if there is one."""
        return self.connection if self.connection is not None and self.connection.open else None

    @property
    def over(self) -> bool:
        """Whether nothing more can come from the client."""
        return not self.alive or self.nonsense is not None or (self.connection is not None and not self.connection.open)

    def begin(self, *, takes_little: bool = False) -> None:
        """Begin a conversation: what came before belongs to none; a connection that lingers is the client's to end.

        Args:
            takes_little: whether few bytes are taken off the client's hands while nobody reads.
        """
        if takes_little is not self._takes_little:
            self._close_listener()
            self._listener = self._listen()
            if takes_little:
                self._listener.take_little()
            self._takes_little = takes_little
        if self._old is None or self._old is not self.connection:
            self.driver.end_unreported |= self.open is not None
            self.close_connection()
        self.transcript = Transcript(checked="client")
        self.connection, self.events, self._accepts = None, [], True
        self.conversations += 1

    def linger(self) -> None:
        """Leave the connection that stands as it is, until :meth:`close_old` is called in the next conversation."""
        self._old = self.open
        self.driver.end_unreported = True

    def close_old(self) -> bool:
        """Close a connection that lingers; return whether there was one."""
        if self._old is None:
            return False
        self._loop.remove_reader(self._old.fileno())
        self._old.close()
        self._old = None
        self.note(OLD_ENDED)
        return True

    def connect_anew(self, username: str) -> None:
        """Ask for another connection, which is held until this process is released and belongs to no conversation."""
        self._next = []
        host, port = self.address
        self.note(CONNECTS_ANEW)
        self._write(request_line("connect", host=host, port=port, username=username))
        self.stuck = True  # of what that connection leaves behind, nothing more can be said

    @property
    def all_is_asked(self) -> bool:
        """Whether the driver's pipe has taken all requests."""
        return not self._outgoing

    def end_input(self) -> None:
        """End the driver's input: it must leave, and end."""
        self.note(INPUT_ENDED)
        self.driver.may_end = True
        self.driver.end_input()

    def has(self, *names: str, since: int = 0) -> bool:
        """Whether one of these events was reported, since the conversation began or since an index of `events`."""
        return any(event.get("event") in names for event in self.events[since:])

    def ask(self, do: str, **members: Any) -> None:
        """Write a request to the driver, as much of it as its pipe takes now and the rest later."""
        line = request_line(do, **members)
        self.transcript.append("", Kind.REQUEST, line)
        if do == "connect":
            self.driver.may_end = False
        self._write(line)

    async def until(self, condition: Callable[[], bool], patience: float, most: float = 30.0) -> bool:
        """Wait until something is so, as long as there is news within so many seconds; return whether it is."""
        return await self.listening.until(lambda: condition() or self.nonsense is not None, patience, most) and (
            condition()
        )

    async def send(self, data: bytes, patience: float) -> bool:
        """Write all of it; return False if the client has gone, or takes nothing for so long."""
        connection = self.connection
        if connection is None or not data or not connection.begin_sending(data):
            return False
        self._unasked = 0
        rest, quiet = memoryview(data), 0.0
        while rest:
            written = connection.write_some(rest)
            if written is None or quiet > patience:
                return False
            if not written:
                await asyncio.sleep(_QUIET)
                quiet += _QUIET
            else:
                rest, quiet = rest[written:], 0.0
        return True

    async def until_read(self, patience: float) -> None:
        """Wait a little until the client has read what was sent, so that two writes are two reads."""
        waited, connection = 0.0, self.connection
        while connection is not None and connection.open and waited < patience:
            is_read = connection.is_read()
            if is_read:
                return
            pause = 0.004 if is_read is None else min(0.01, 0.0003 + waited / 4)
            await asyncio.sleep(pause)
            waited = patience if is_read is None else waited + pause

    def stop_reading(self) -> None:
        """Read nothing more of what the client sends."""
        if self.connection is not None:
            self._loop.remove_reader(self.connection.fileno())

    def read_on(self) -> None:
        """Read what it sends."""
        if self.open is not None:
            self._loop.add_reader(self.open.fileno(), self._read_connection, self.open)

    def half_close(self) -> None:
        """End our side, and read on."""
        if self.connection is not None:
            self.connection.half_close()

    def close_connection(self, *, reset: bool = False) -> None:
        """End the connection that stands, in order or by a reset. Harmless if there is none."""
        connection = self.connection
        if connection is None or connection.is_closed:
            return
        self.stop_reading()
        if reset:
            connection.reset()
        else:
            connection.close()

    def last_words(self) -> str:
        """Return how the process died if it did and was not free to end, else nothing."""
        return self.driver.exit_reason() or ""

    def note(self, text: bytes) -> None:
        """Record something for whoever reads the recording."""
        self.transcript.append("", Kind.NOTE, text)

    def release(self) -> None:
        """End its connection, and listen to nothing any more; its process is still to be ended."""
        self.close_old()
        self.close_connection()
        descriptor = self.driver.input_fileno()
        if descriptor is not None:
            self._loop.remove_writer(descriptor)
        with contextlib.suppress(ValueError, OSError):  # a pipe that is closed has no descriptor
            self._loop.remove_reader(self.driver.fileno())
        self._close_listener()
        for connection in self._next or ():
            connection.close()

    def _listen(self) -> Listener:
        listener = Listener()
        self._loop.add_reader(listener.fileno(), self._accept)
        return listener

    def _close_listener(self) -> None:
        self._loop.remove_reader(self._listener.fileno())
        self._listener.close()

    def _accept(self) -> None:
        connection = self._listener.accept(f"c{self.conversations}", self.transcript if self._accepts else Transcript())
        if connection is None:
            return
        if not self._accepts and self._next is not None:
            self._next.append(connection)
            return
        if not self._accepts:  # a client may have connected by itself
            connection.close()
            return
        self._accepts = False
        self.connection = connection
        self.read_on()
        self.listening.arrived()

    def _read_connection(self, connection: ServedConnection) -> None:
        connection.receive()
        if connection.ended is not None:
            self._loop.remove_reader(connection.fileno())
        self.listening.arrived()

    def _write(self, line: bytes) -> None:
        self._unasked = 0
        self._outgoing += line + b"\n"
        self._write_driver()

    def _write_driver(self) -> None:
        descriptor = self.driver.input_fileno()
        if descriptor is None:
            self._outgoing = b""
            return
        self._outgoing = self._outgoing[self.driver.write_some(self._outgoing) :]
        if self._outgoing and self.driver.open:
            self._loop.add_writer(descriptor, self._write_driver)
        else:
            self._loop.remove_writer(descriptor)

    def _read_driver(self) -> None:
        for line in self.driver.read():
            self._take(line)
        if not self.driver.open:
            self._loop.remove_reader(self.driver.fileno())
        self.listening.arrived()

    def _take(self, line: bytes) -> None:
        event = read_event(line)
        late = event is not None and self._is_late_news(event)
        self.transcript.append("", Kind.NOTE if late else Kind.DRIVER_EVENT, line)
        self._unasked += 1
        if event is None:
            self.nonsense = self.nonsense or f"the driver wrote what is no JSON object on a line: {shown_frame(line)}"
            return
        if self._unasked > _MOST_LINES:
            self.nonsense = f"the driver writes without end; its last line: {shown_frame(line)}"
        self.driver.fresh = False
        self.driver.may_end = self.driver.may_end or event.get("event") in OVER
        if late:
            self.driver.end_unreported = False
        else:
            self.events.append(event)

    def _is_late_news(self, event: DriverEvent) -> bool:
        """Whether an event is the end of the connection before this one, which was not reported yet."""
        ended = self.connection is not None and not self.connection.open
        return self.driver.end_unreported and not ended and event.get("event") == "disconnected"


def require_sense(copy: ClientCopy) -> None:
    """Make sure that a driver speaks its protocol.

    Raises:
        TargetGone: if it does not; with its last words.
    """
    if copy.nonsense is not None:
        raise TargetGone(f"{copy.nonsense}; {PROTOCOL}")
