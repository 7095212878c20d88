"""The history of a recording: its connections, each with the frames that its client sent and received.

:mod:`reading` makes it; later passes fill in what answers what, and what explains what (ARCHITECTURE.md has the table).
"""

from dataclasses import dataclass, field

from chatproof_conformance.core.findings import END, Cause
from chatproof_conformance.judges.server.client_frames import Asked, Reading, Verb
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame
from chatproof_schemas.transcript import Kind

FOREVER = 1 << 60
"""The index of an event that never came."""


@dataclass(slots=True, eq=False)
class SentFrame:
    """A frame that a client sent.

    Attributes:
        connection: which connection it went over.
        at: index of the event before which it was not handled: the one with its last byte that is not white space, or
            with the byte that makes it too long.
        frame: its bytes, without LF.
        reading: what SPEC.md makes of it.
        line: its number among the lines of the connection's stream, as :class:`Cause` counts them.
        number: its place among the connection's frames.
        optional: whether a server may drop it: a blank line, or what stands after the last LF.
        split: whether it was sent in several pieces (FRAME-2).
        shared: whether a piece held other frames too (FRAME-3).
        pieces: the frames that a server reads here that takes a complete object with no LF; else empty.
        answer: what the server answered.
        asked: the message that the server took it for, None if it refused it or nothing is known.
        by: index of an event by which it was handled, FOREVER if unknown.
        sure: whether a server must have handled it, or will: it was answered, or nothing excuses its loss.
    """

    connection: "RecordedConnection"
    at: int
    frame: bytes
    reading: Reading
    line: int = 0
    number: int = 0
    optional: bool = False
    split: bool = False
    shared: bool = False
    pieces: "list[SentFrame]" = field(default_factory=list)
    answer: "ReceivedFrame | None" = None
    asked: Asked | None = None
    by: int = FOREVER
    sure: bool = True

    def may_ask(self, verb: Verb, name: str | None = None) -> bool:
        """Whether it may be taken for a message with that verb, and with that name if one is given."""
        return any(asked.verb is verb and name in (None, asked.name) for asked in self.reading.messages)

    @property
    def as_cause(self) -> Cause:
        """The frame as findings name it."""
        return Cause(self.connection.label, self.line)

    @property
    def is_refused(self) -> bool:
        """Whether the server answered with an error."""
        return self.answer is not None and self.answer.frame.kind is MessageKind.ERROR

    @property
    def is_after_join(self) -> bool:
        """Whether its connection had joined by an earlier frame."""
        return self.connection.join is not None and self.connection.join.number < self.number


@dataclass(slots=True, eq=False)
class ReceivedFrame:
    """A server's frame as it arrived at one connection.

    Attributes:
        connection: the one at which it arrived.
        number: its place among the connection's frames.
        at: index of the event with its last byte.
        frame: what it says.
        cause: the sent frame that explains it, None if none does (yet).
        explained: whether something explains it.
        unended: whether no LF ends it although something follows, or it is complete.
        doubtful: whether something else may explain it too: another message with this content, a list of those present.
    """

    connection: "RecordedConnection"
    number: int
    at: int
    frame: ServerFrame
    cause: SentFrame | None = None
    explained: bool = False
    unended: bool = False
    doubtful: bool = False


@dataclass(slots=True, eq=False)
class RecordedConnection:
    """One connection of the recording.

    Attributes:
        label: the recorder's name for it.
        sent, received: its frames, in order.
        ended, end: index and kind of the event by which the client ended it; FOREVER and None if it did not. The
            kind is CLOSE if it reset the connection after an orderly end.
        server_ended: index of the event at which the client saw the server's end; FOREVER if it saw none.
        server_end: its kind.
        age: seconds from its first event to the server's end of it; 0 if the client saw none.
        silence: seconds from its last bytes in either direction to the server's end of it; 0 if the client saw none.
        unended: seconds from the beginning of a line that the client had not ended to the server's end of it, or 0.
        farewell: seconds from its last bytes to its end by the client; 0 if it did not end it.
        since: seconds from its end by the client to the last event of the recording; 0 if it did not end it.
        join: the frame that made it joined, None if it never was.
        notice: its own join notice.
        name: the name under which it joined, or may have joined.
        tries: if it is unknown whether it joined: the joins by which it may have; else empty.
        unreadable: the events with the last bytes of frames that cannot be read.
    """

    label: str
    sent: list[SentFrame] = field(default_factory=list)
    received: list[ReceivedFrame] = field(default_factory=list)
    ended: int = FOREVER
    end: Kind | None = None
    server_ended: int = FOREVER
    server_end: Kind | None = None
    age: float = 0.0
    silence: float = 0.0
    unended: float = 0.0
    farewell: float = 0.0
    since: float = 0.0
    join: SentFrame | None = None
    notice: ReceivedFrame | None = None
    name: str | None = None
    tries: list[SentFrame] = field(default_factory=list)
    unreadable: list[int] = field(default_factory=list)

    @property
    def end_as_cause(self) -> Cause:
        """Its end as findings name it."""
        return Cause(self.label, END)

    @property
    def doubtful(self) -> bool:
        """Whether it is unknown that it joined."""
        return bool(self.tries)

    @property
    def names(self) -> list[str]:
        """The names that it held or may have held."""
        tried = [sent.asked.name for sent in self.tries if sent.asked]
        return tried or ([] if self.name is None else [self.name])

    @property
    def open(self) -> bool:
        """Whether nobody ended it before the recording did."""
        return self.ended == FOREVER and self.server_ended == FOREVER

    @property
    def list_until(self) -> int:
        """The event until which a server may list those present: it does so before it handles what was sent later."""
        notice = self.notice
        if notice is None:
            return FOREVER
        later = (sent.answer.at for sent in self.sent if sent.answer and sent.at > notice.at)
        return next(later, FOREVER)
