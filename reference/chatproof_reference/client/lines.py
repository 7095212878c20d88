"""How each event reads to a person, and in which of the original's styles."""

import enum
import time
from dataclasses import dataclass, replace

from chatproof_common.printable import indented, on_one_line
from chatproof_reference.client import events
from chatproof_reference.client.lookalikes import shown_name

_INDENT = 8


class Style(str, enum.Enum):
    """The six display types of the original documentation, and one for what went wrong."""

    SYSTEM = "system"
    SERVER = "server"
    OWN = "own"
    OTHER = "other"
    PRIVATE_SENT = "private_sent"
    PRIVATE_RECEIVED = "private_received"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the history.

    Attributes:
        heading: who speaks, with what stands between name and text; empty for notices.
        text: code point for code point.
        timestamp: ``HH:MM:SS``: the server's, or this machine's time if the server gave none.
        sent_id: which of the user's own messages it is or answers, or None.
        doubt: why the name in it may not be whose it seems; empty if there is none.
    """

    style: Style
    heading: str
    text: str
    timestamp: str
    sent_id: int | None = None
    doubt: str = ""

    @property
    def warning(self) -> str:
        """What stands before the heading, if there is a doubt, a space after it."""
        return f"(⚠ {self.doubt}) " if self.doubt else ""

    def __str__(self) -> str:
        """The entry as it stands in a saved transcript, or a plain output."""
        return f"[{self.timestamp}] {self.warning}{on_one_line(self.heading)}{entry_text(self.text)}"


def line_for(event: events.Event, doubt: str = "") -> Line | None:
    """Return the entry of an event, with a doubt about a name in it; None if a status line shows it better."""
    line = _line(event)
    return replace(line, doubt=doubt) if line is not None and doubt else line


def _line(event: events.Event) -> Line | None:  # noqa: C901, PLR0911  one table, one row an event
    match event:
        case events.PublicMessage(username, content, timestamp, own, sent_id):
            return Line(Style.OWN if own else Style.OTHER, f"{shown_name(username)}: ", content, timestamp, sent_id)
        case events.PrivateMessage(sender, content, timestamp):
            return Line(Style.PRIVATE_RECEIVED, f"🔒 {shown_name(sender)} → you: ", content, timestamp)
        case events.PrivateConfirmation(target, content, True, _, timestamp, sent_id):
            return Line(Style.PRIVATE_SENT, f"🔒 you → {shown_name(target)}: ", content, timestamp, sent_id)
        case events.PrivateConfirmation(target, content, False, reason, timestamp, sent_id):
            return Line(
                Style.ERROR, f"✗ not delivered to {shown_name(target)} ({reason}): ", content, timestamp, sent_id
            )
        case events.SystemMessage(message, timestamp):
            return Line(Style.SYSTEM, "", message, timestamp)
        case events.ServerMessage(message, timestamp):
            return Line(Style.SERVER, "SERVER: ", message, timestamp)
        case events.ErrorMessage(message, _, sent_id):
            return Line(Style.ERROR, "✗ Error: ", message, now(), sent_id)
        case events.JoinRefused(username, reason):
            return Line(Style.ERROR, f"✗ The name “{shown_name(username)}” was refused: ", reason, now())
        case events.FrameIgnored(reason, unknown_type):
            return Line(Style.SYSTEM if unknown_type else Style.ERROR, "" if unknown_type else "⚠ ", reason, now())
        case events.ConnectionFailed(reason):
            return Line(Style.ERROR, "✗ ", reason, now())
        case events.ConnectionEnded(reason, by_user):
            return Line(Style.SYSTEM if by_user else Style.ERROR, "" if by_user else "✗ ", reason, now())
    return None


def now() -> str:
    """Return this machine's local time as ``HH:MM:SS``."""
    return time.strftime("%H:%M:%S")


def entry_text(text: str) -> str:
    """Return a text fit to be shown; its further lines are indented, so that none can pass for a separate entry."""
    return indented(text, _INDENT)
