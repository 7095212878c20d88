"""What a :class:`~chatproof_reference.client.client.ChatClient` reports, in the order in which it happened.

Timestamps are the server's, as it sent them: ``HH:MM:SS``. A ``sent_id`` is the number that ``send_message`` returned.
"""

from dataclasses import dataclass


class Event:
    """One of the events below."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Connected(Event):
    """The connection stands; the join is on its way."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Joined(Event):
    """The server took the name. Its notice follows as a :class:`SystemMessage`."""

    username: str


@dataclass(frozen=True, slots=True)
class JoinRefused(Event):
    """The server refused the join; the connection stands, and another name may be tried on it."""

    username: str
    reason: str


@dataclass(frozen=True, slots=True)
class PublicMessage(Event):
    """A public message; ``own`` if this client sent it (``sent_id`` says as which, if that is known)."""

    username: str
    content: str
    timestamp: str
    own: bool = False
    sent_id: int | None = None


@dataclass(frozen=True, slots=True)
class PrivateMessage(Event):
    """A private message to this client."""

    sender: str
    content: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class PrivateConfirmation(Event):
    """The server's answer to a private message of this client; ``reason`` is empty if it was delivered."""

    target: str
    content: str
    delivered: bool
    reason: str
    timestamp: str
    sent_id: int | None = None


@dataclass(frozen=True, slots=True)
class SystemMessage(Event):
    """A notice of the server's own, such as who joined."""

    message: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class ServerMessage(Event):
    """An announcement of the server's operator."""

    message: str
    timestamp: str


@dataclass(frozen=True, slots=True)
class ErrorMessage(Event):
    """An error; ``sent_id`` names the message that it answers, if one was still unanswered."""

    message: str
    code: str
    sent_id: int | None = None


@dataclass(frozen=True, slots=True)
class FrameIgnored(Event):
    """The server sent a frame that is not a valid message, or one of an unknown type; the connection goes on."""

    reason: str
    unknown_type: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionFailed(Event):
    """No connection came about; ``reason`` says why, and what to try."""

    reason: str


@dataclass(frozen=True, slots=True)
class ConnectionEnded(Event):
    """The connection is over; ``by_user`` if this side ended it. ``unanswered`` may or may not have arrived."""

    reason: str
    by_user: bool
    unanswered: tuple[int, ...] = ()
