"""The connection of one user to one server at a time, as typed events on a queue; it knows no window."""

import threading

from chatproof_common.system.errors import described_error
from chatproof_reference.client import events
from chatproof_reference.client.event_queue import EventQueue
from chatproof_reference.client.incoming import Session
from chatproof_reference.client.link import Link, LinkFailed
from chatproof_reference.client.outgoing import MessageRefused, chat_message, join_message, to_frame

CONNECT_SECONDS = 10.0
_PORTS = 65_536
_UNSENT_BYTES = 1024 * 1024
"""So much may wait for the server to take it; then nothing more is sent until it does."""


class ChatClient:
    """A chat client. Its methods return at once, from any thread; what comes of them arrives on :attr:`events`.

    Attributes:
        events: everything that happens, in order. An event of a connection that was given up is dropped. While 10,000
            are unread, or those of 4 MiB of frames, the connection is not read either.
    """

    def __init__(self) -> None:
        self.events = EventQueue(self._read_on)
        self._lock = threading.RLock()
        self._link: Link | None = None
        self._session = Session()
        self._threads: list[threading.Thread] = []

    @property
    def username(self) -> str | None:
        """The name that the server took, or None."""
        with self._lock:
            return self._session.username if self.joined else None

    @property
    def joined(self) -> bool:
        """Whether the server took the name, and the connection stands."""
        with self._lock:
            return self._link is not None and self._session.joined

    def connect_to_server(self, host: str, port: int, username: str, timeout: float = CONNECT_SECONDS) -> None:
        """Connect and join under ``username``, ending the connection that there was. Opening may take ``timeout`` s.

        Raises:
            MessageRefused: if the name is invalid (SPEC.md, "Names"), or the port, or the system has no descriptor
                left. Nothing was begun.
        """
        join = to_frame(join_message(username))
        if not 0 < port < _PORTS:
            raise MessageRefused(f"{port} is no port; expected a number from 1 to {_PORTS - 1}.")
        self.disconnect_from_server()
        try:
            link, session = Link(host, port, timeout, self.events.has_room), Session()
        except OSError as error:  # the system has no descriptor left
            raise MessageRefused(f"No connection can be made: {described_error(error.errno)}.") from None
        session.asked_names.append(username)
        thread = threading.Thread(
            target=self.listen_for_messages, args=(link, session, (host, port), join), name="chat client", daemon=True
        )
        with self._lock:
            self._link, self._session = link, session
            self._threads = [*(other for other in self._threads if other.is_alive()), thread]
        thread.start()

    def join(self, username: str) -> None:
        """Ask to join under another name, on a connection whose join was refused.

        Raises:
            MessageRefused: if there is no connection, it has joined, or the name is invalid.
        """
        join = to_frame(join_message(username))
        with self._lock:
            if self._link is None:
                raise MessageRefused("Not connected.")
            if self._session.joined or self._session.asked_names:
                raise MessageRefused("Already joined, or the server has yet to answer the join.")
            self._session.asked_names.append(username)
            self._link.send(join)

    def send_message(self, content: str, target: str | None = None) -> int:
        """Send a public message, or a private one to ``target``; return its ``sent_id``.

        Raises:
            MessageRefused: if it is empty, too long or not valid, this client has not joined, or 1 MiB of earlier
                messages waits for the server to read. Nothing was sent.
        """
        frame = to_frame(chat_message(content, target))
        with self._lock:
            if self._link is None:
                raise MessageRefused("Not joined: connect first.")
            if not self._session.joined:
                awaited = bool(self._session.asked_names)
                raise MessageRefused("Not joined yet." if awaited else "Not joined: choose another name first.")
            if self._link.unsent > _UNSENT_BYTES:
                raise MessageRefused("The server does not read: wait until it has taken what was sent before.")
            sent_id = self._session.unanswered.add(content, target)
            self._link.send(frame)
            return sent_id

    def disconnect_from_server(self, reason: str = "You left the chat.") -> None:
        """End the connection in order, or give up the one in the making. Does nothing if there is none."""
        with self._lock:
            if (link := self._link) is not None:
                self._end(link, reason, by_user=True)
                link.close()

    def wait_closed(self, timeout: float | None = None) -> None:
        """Wait until the threads of ended connections are gone, up to ``timeout`` seconds each."""
        for thread in self._threads:
            thread.join(timeout)

    def listen_for_messages(self, link: Link, session: Session, address: tuple[str, int], join: bytes) -> None:
        """Serve one connection until its end. Runs in that connection's thread."""
        try:
            link.open()
            self._emit(link, events.Connected(*address))
            link.send(join)
            self._listen(link, session)
        except LinkFailed as failure:
            self._fail(link, str(failure))
        except OSError as error:
            self._end(link, f"Connection lost: {described_error(error.errno)}.")
        else:
            self._end(link, "The server ended the connection.")
        finally:
            link.finish()

    def _listen(self, link: Link, session: Session) -> None:
        while data := link.read():
            size = len(data)
            with self._lock:
                for event in session.receive(data):
                    self._emit(link, event, size)
                    size = 0  # the first of them stands for all that was read

    def _read_on(self) -> None:
        with self._lock:
            if self._link is not None:
                self._link.wake()

    def _emit(self, link: Link, event: events.Event, size: int = 0) -> None:
        with self._lock:
            if self._link is link:
                self.events.put(event, size)

    def _fail(self, link: Link, reason: str) -> None:
        with self._lock:
            if self._link is link:
                self._link = None
                self.events.put(events.ConnectionFailed(reason))

    def _end(self, link: Link, reason: str, *, by_user: bool = False) -> None:
        with self._lock:
            if self._link is link:
                self._link = None
                self.events.put(events.ConnectionEnded(reason, by_user, self._session.unanswered.drain()))
