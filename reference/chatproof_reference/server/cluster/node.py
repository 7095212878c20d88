"""This process as one node of a cluster: its log, and its life beside the other nodes."""

import contextlib
import secrets
import threading
import time
from collections.abc import Callable, Container, Iterable, Iterator
from itertools import groupby
from typing import Any, cast

from chatproof_reference.server.chat import Chat
from chatproof_reference.server.cluster.applying import Applier
from chatproof_reference.server.cluster.directory import Directory
from chatproof_reference.server.cluster.engine import Engine, EngineTrouble, Fenced
from chatproof_reference.server.cluster.entry import JOIN, LEAVE, PRIVATE, PUBLIC, READY, Entry
from chatproof_reference.server.cluster.lease import Lease
from chatproof_reference.server.cluster.locating import without_secrets
from chatproof_reference.server.cluster.seats import Seat
from chatproof_reference.server.cluster.session import Session
from chatproof_reference.server.connection import Connection
from chatproof_reference.server.counters import Counters
from chatproof_reference.server.events import EventKind, Events
from chatproof_reference.server.fanout import FanOut
from chatproof_reference.server.options import ServerOptions
from chatproof_reference.server.ordering import CannotJoinCluster
from chatproof_reference.server.replies import public_tail, untimed
from chatproof_reference.server.requests import Join, Request, Say, SayPrivately

_BEATS_IN_A_LEASE = 6
_LONGEST_WAIT_SECONDS = 1.0
_RETRY_SECONDS = 0.1
_IN_FLIGHT = 3
_DRAIN_SECONDS, _QUIT_SECONDS = 0.5, 1.0
_APART = "This server has lost the others: join again"


class ClusterNode:
    """A :class:`~chatproof_reference.server.ordering.Log` that nodes share.

    Three threads serve it: one appends what clients ask for, one reads and applies what everybody has appended, one
    shows that the node lives, looks whether others do, and begins anew if it must not go on.
    """

    def __init__(self, options: ServerOptions, chat: Chat, fan_out: FanOut, counters: Counters, events: Events) -> None:
        """Prepare to register.

        Raises:
            CannotJoinCluster: if the URL is none of an engine, or the lease too long for the bound.
        """
        if options.cluster_lease * 2 > options.cluster_bound:
            raise CannotJoinCluster(
                f"The lease of {options.cluster_lease:g} seconds is too long for a bound of {options.cluster_bound:g}; "
                "expected at most half of that, so that others have time to find out"
            )
        self._options = options
        self._chat = chat
        self._fan_out = fan_out
        self._counters = counters
        self._events = events
        self._directory = Directory()
        self.names: Container[str] = self._directory.names
        self._applier = Applier(chat, fan_out, self._directory)
        self._timeout = min(_LONGEST_WAIT_SECONDS, options.cluster_bound / 4)
        self._predecessors: list[bytes] = []
        self._session = Session(b"", b"", b"", 0)
        self._session.end("it has not begun")
        self._end_part: Callable[[str, str], None] = lambda _reason, _farewell: None
        self._stopping = threading.Event()
        self.round_trip_seconds = 0.0
        self.lag_bytes = 0
        self._keeper = self._connect(patience=self._timeout)  # it must notice in time that it has not been answered

    def register(self) -> None:
        """Take part from now on.

        Raises:
            CannotJoinCluster: if the engine is not there, or not fit for it; the text says why.
        """
        try:
            self._session = self._register()
        except EngineTrouble as trouble:
            place = without_secrets(self._options.cluster)
            raise CannotJoinCluster(f"Cannot join the cluster at {place}: {trouble}") from trouble

    def start(self, end_part: Callable[[str, str], None]) -> None:
        """Start the threads; ``end_part(reason, farewell)`` ends all connections if this node must not go on."""
        self._end_part = end_part
        self._serve(self._session)
        self._life = _start(self._keep)

    def stop(self) -> None:
        """Have what is on its way done, for a moment, then leave for good: the others are told that the users left."""
        self._session.wait_until_applied(_DRAIN_SECONDS)
        self._stopping.set()
        self._session.end("the server stopped")
        self._life.join(_QUIT_SECONDS)  # the other threads do nothing any more, and end once the engine answers them

    def reason_to_refuse(self) -> str:
        """Return why a new connection cannot be served now; empty if it can."""
        return f"this node is apart: {self._session.why}" if self._session.ended.is_set() else ""

    def ask(self, connection: Connection, requests: Iterable[Request]) -> int:
        """Append what a connection asks for, in its order; return how many bytes everybody gets of it."""
        said = 0
        for kind, alike in groupby(requests, type):
            if kind is Say and connection.username:
                said += self._say(connection, cast("Iterable[Say]", alike))
            elif kind is SayPrivately and connection.username:
                self._say_privately(connection, cast("Iterable[SayPrivately]", alike))
            else:
                for request in alike:
                    self._ask_one(connection, request)
        return said

    def end(self, connection: Connection, reason: str, *, farewell: str = "") -> None:
        """End a connection's part in the chat: by the log, if that knows of it."""
        session = self._session
        with session.lock:
            seat = session.seats.get(connection)
            is_known = seat and not session.ended.is_set() and (connection.username or seat.is_joining)
            if seat and is_known:
                if not seat.ending:
                    seat.ending = (reason, farewell)
                    seat.last = session.control(LEAVE, seat.number, seat.name)
                return
            if seat:
                session.seats.leave(seat)
        self._chat.leave(connection, reason, farewell=farewell)

    def announce(self, frame: bytes) -> None:
        """Send a frame to every joined client of every node.

        Raises:
            RuntimeError: if this node is apart from the others now.
        """
        session = self._session
        head = untimed(frame)
        with session.lock:
            if session.ended.is_set():
                raise RuntimeError(f"This node is apart from the others: {session.why}")
            if head:
                session.add(PUBLIC, head + b"\n")
            else:
                session.add(READY, frame)

    # What clients ask for.

    def _say(self, connection: Connection, messages: Iterable[Say]) -> int:
        contents = [content for message in messages for content in message.contents]
        lines = b"".join([connection.head + content + b"\n" for content in contents])
        session = self._session
        with session.lock:
            if not (seat := _seat_with_room(session, connection)):
                return 0
            seat.last = session.add(PUBLIC, lines)
            self._chat.note_said(connection, contents)
        return len(lines) + len(contents) * len(public_tail())

    def _say_privately(self, connection: Connection, messages: Iterable[SayPrivately]) -> None:
        sender = connection.username.encode()
        session = self._session
        with session.lock:
            if not (seat := _seat_with_room(session, connection)):
                return
            for message in messages:
                line = (b"%d" % seat.number, sender, message.target.encode(), message.content)
                seat.last = session.add(PRIVATE, b"\t".join(line) + b"\n")
                connection.messages_in += 1

    def _ask_one(self, connection: Connection, request: Request) -> None:
        """Answer here what does not depend on others, once all that came before it has been answered (ORDER-1)."""
        session = self._session
        with session.lock:
            seat = session.seats.get(connection)
            if seat and seat.ending:
                return
            answered = session.watch(seat.last) if seat else None
        if answered:
            answered.wait()
        if isinstance(request, Join) and not connection.username:
            self._join(connection, request.username)
        else:
            self._chat.handle(connection, [request])

    def _join(self, connection: Connection, username: str) -> None:
        """Ask for a name, and wait for the verdict: what comes after it on this connection depends on it."""
        session = self._session
        with session.lock:
            goes_on = session.wait_for_room()
            verdict = self._ask_to_join(session, connection, username) if goes_on else None
        if verdict:
            verdict.wait()
        elif not goes_on:
            self._chat.leave(connection, session.why)

    def _ask_to_join(self, session: Session, connection: Connection, username: str) -> threading.Event | None:
        with self._fan_out as batch:
            seats = session.seats
            if connection.over or self._chat.turns_away(batch, connection, seats.joining):
                return None
            seats.joining += 1
        seat = seats.take(connection)
        seat.is_joining = True
        seat.name = username
        seat.last = session.control(JOIN, seat.number, username)
        return session.watch(seat.last)

    # The threads.

    def _connect(self, patience: float = 0.0) -> Engine:
        """Return a new connection; it waits ``patience`` seconds for a whole reply, or half of the bound."""
        options = self._options
        try:
            return Engine(options.cluster, options.cluster_chat, self._timeout, patience or options.cluster_bound / 2)
        except ValueError as error:
            raise CannotJoinCluster(
                f"The URL of the cluster is wrong: {error}; "
                "expected redis://HOST:PORT or redis+sentinel://HOST:PORT,HOST:PORT/SERVICE"
            ) from error

    def _register(self) -> Session:
        """Register under a new name.

        Raises:
            EngineTrouble: if that failed; the text says why.
        """
        try:
            with contextlib.closing(self._connect()) as engine:
                return self._register_at(engine)
        except EngineTrouble:
            self._keeper.close()
            raise
        except Exception as fault:
            self._keeper.close()
            raise EngineTrouble(_why(fault)) from fault

    def _register_at(self, engine: Engine) -> Session:
        engine.check()
        node = secrets.token_hex(8).encode()
        predecessors = tuple(self._predecessors)
        # It may be registered even if we never hear of it. Of those that never served the lease will rid the others.
        self._predecessors = [*predecessors[:1], node]
        position, chain, bytes_applied, names = engine.run("register", node, *predecessors)
        session = Session(node, position, chain, int(bytes_applied))
        self._beat(session)  # nobody is served before what it needs has worked once
        with self._fan_out:
            self._directory.reset(names)
        self._predecessors = [node]
        return session

    def _serve(self, session: Session) -> None:
        try:
            _start(self._run, session, self._write)
            _start(self._run, session, self._read)
        except RuntimeError as error:  # the system has no thread left
            session.end(str(error))
            raise

    def _run(self, session: Session, work: Callable[[Session, Engine], None]) -> None:
        """Do one thread's work until the session has ended, whatever becomes of the connection to the engine."""
        with _ended_by_faults(session), contextlib.closing(self._connect()) as engine:
            while not session.ended.is_set():
                try:
                    work(session, engine)
                except EngineTrouble as trouble:  # noqa: PERF203  it is tried again
                    self._report(_why(trouble))
                    session.ended.wait(_RETRY_SECONDS)

    def _write(self, session: Session, engine: Engine) -> None:
        """Append what is asked for: all that waits is one entry, and some are on their way at once."""
        session.send_again()  # what is there already is dropped by its number
        on_its_way = 0
        while entry := session.take(wait=not on_its_way) or on_its_way:
            if isinstance(entry, Entry):
                engine.send("append", session.node, *entry.words())
                on_its_way += 1
                if on_its_way < _IN_FLIGHT:
                    continue
            engine.receive()
            on_its_way -= 1

    def _read(self, session: Session, engine: Engine) -> None:
        while not session.ended.is_set():
            try:
                entries = engine.read(session.position[0], self._options.cluster_copies)
            finally:
                session.heard_at = engine.heard_at
            for position, fields in entries:
                self._applier.apply(session, position, fields)
                session.heard_at = time.monotonic()  # how long it takes to apply them is not the engine's fault

    def _keep(self) -> None:
        """Show that this node lives; if it must not go on, end its connections and begin anew."""
        while not self._stopping.is_set():
            session = self._session
            with _ended_by_faults(session):
                self._beat_until_ended(session)
            if self._stopping.is_set():
                break
            self._report(f"this node ends its connections: {session.why}")
            self._end_part("its node was apart from the others", _APART)
            self._stopping.wait(_RETRY_SECONDS)  # what ended it may do so again at once
            self._begin_anew()
        with contextlib.suppress(Exception):  # then the others find out by themselves
            for node in self._predecessors:
                self._keeper.run("quit", node)
        self._keeper.close()

    def _beat_until_ended(self, session: Session) -> None:
        options, lease = self._options, Lease(self._options.cluster_lease)
        reached_at = time.monotonic()
        self.lag_bytes = 0
        while not session.ended.wait(options.cluster_lease / _BEATS_IN_A_LEASE):
            try:
                began = time.monotonic()
                beats = self._beat(session)
                reached_at = time.monotonic()
                self.round_trip_seconds = reached_at - began
                for victim, count in lease.look(beats, reached_at):
                    self._keeper.run("reap", session.node, victim, count)
            except EngineTrouble as trouble:
                self._report(_why(trouble))
                lease.forget()
            now = time.monotonic()
            if now - min(reached_at, session.heard_at, session.waits_since) > options.cluster_bound:
                session.end(f"it has not reached the engine for {options.cluster_bound:g} seconds")
            elif self.lag_bytes > options.cluster_lag_bytes:
                session.end(f"it is {self.lag_bytes} bytes behind the others")

    def _beat(self, session: Session) -> dict[bytes, bytes]:
        """Show that this node lives, and note how far it is behind; return the beats of all nodes."""
        total, beats = self._keeper.run("beat", session.node, *session.position)
        self.lag_bytes = max(0, int(total) - session.bytes_applied)
        return dict(zip(beats[::2], beats[1::2], strict=True))

    def _begin_anew(self) -> None:
        while not self._stopping.is_set():
            try:
                session = self._register()
                self._serve(session)
            except (EngineTrouble, RuntimeError) as trouble:  # noqa: PERF203  the same
                self._report(_why(trouble))
                self._stopping.wait(_RETRY_SECONDS * 5)
            else:
                self._session = session
                self._report("this node takes part again")
                return

    def _report(self, text: str) -> None:
        self._events.emit(EventKind.TROUBLE, text=text)


@contextlib.contextmanager
def _ended_by_faults(session: Session) -> Iterator[None]:
    """End a session for whatever goes wrong meanwhile: if one of its threads is gone, its node must not go on."""
    try:
        yield
    except Exception as fault:  # noqa: BLE001  of ours, or of what somebody has written into the engine
        session.end(_why(fault))


def _why(error: Exception) -> str:
    """Return what to tell people of what went wrong."""
    if isinstance(error, EngineTrouble):
        return f"the engine of the cluster: {error}"
    if isinstance(error, Fenced):
        return str(error)
    return f"a fault of this server, or of what the engine holds: {type(error).__name__}: {error}"


def _start(run: Callable[..., None], *arguments: Any) -> threading.Thread:
    thread = threading.Thread(target=run, args=arguments, name="chat-cluster", daemon=True)
    thread.start()
    return thread


def _seat_with_room(session: Session, connection: Connection) -> Seat | None:
    """Return the seat of a connection once there is room for more; None if it has none, ends, or the session does."""
    seat = session.seats.get(connection)
    return seat if seat and session.wait_for_room() and not seat.ending else None
