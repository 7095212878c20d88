"""How each event reads to a person, and in which of the original's styles."""

import enum
import time
from dataclasses import dataclass

from chatproof_reference.client import events


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
    """

    style: Style
    heading: str
    text: str
    timestamp: str
    sent_id: int | None = None

    def __str__(self) -> str:
        """The line as it stands in a saved transcript."""
        return f"[{self.timestamp}] {self.heading}{self.text}"


def line_for(event: events.Event) -> Line | None:  # noqa: C901, PLR0911  one table, one row an event
    """Return the entry of an event; None if a status line shows it better."""
    match event:
        case events.PublicMessage(username, content, timestamp, own, sent_id):
            return Line(Style.OWN if own else Style.OTHER, f"{username}: ", content, timestamp, sent_id)
        case events.PrivateMessage(sender, content, timestamp):
            return Line(Style.PRIVATE_RECEIVED, f"🔒 {sender} → you: ", content, timestamp)
        case events.PrivateConfirmation(target, content, True, _, timestamp, sent_id):
            return Line(Style.PRIVATE_SENT, f"🔒 you → {target}: ", content, timestamp, sent_id)
        case events.PrivateConfirmation(target, content, False, reason, timestamp, sent_id):
            return Line(Style.ERROR, f"✗ not delivered to {target} ({reason}): ", content, timestamp, sent_id)
        case events.SystemMessage(message, timestamp):
            return Line(Style.SYSTEM, "", message, timestamp)
        case events.ServerMessage(message, timestamp):
            return Line(Style.SERVER, "SERVER: ", message, timestamp)
        case events.ErrorMessage(message, _, sent_id):
            return Line(Style.ERROR, "✗ Error: ", message, now(), sent_id)
        case events.JoinRefused(username, reason):
            return Line(Style.ERROR, f"✗ The name “{username}” was refused: ", reason, now())
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


_UNSAFE = {
    code: f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"  # noqa: PLR2004  Latin-1
    for code in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(code) not in "\n\t"
}


def harmless(text: str) -> str:
    """Return text with control characters spelled out: they would move the cursor or turn the line around."""
    return text.translate(_UNSAFE)
