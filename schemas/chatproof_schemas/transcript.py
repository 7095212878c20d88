"""What passed over the wire, as a list of events, and its form as a file (docs/tap.md, "The file")."""

import base64
import binascii
import codecs
import enum
import itertools
import json
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from io import BufferedIOBase
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from chatproof_common.printable import escaped_json
from chatproof_schemas.decoding import FrameRefused, decode_frame
from chatproof_schemas.validate.inputs import InputError, opened, reading

Framing = Literal["lf", "none"]
FRAMINGS: tuple[Framing, ...] = ("lf", "none")
Checked = Literal["server", "client"]
CHECKED: tuple[Checked, ...] = ("server", "client")
VERSION = 1
LONGEST_LINE = 64 * 1024 * 1024
"""Bytes: what is longer is no recording, but a file without line feeds, perhaps without an end."""
_Read = TypeVar("_Read")


class Kind(str, enum.Enum):
    """What happened, as the client's side saw it; if a client was checked, as the server's side did."""

    OPEN = "open"
    """The client connected."""
    CLIENT_DATA = "client"
    """Bytes from client to server, recorded just before they are handed to the system."""
    SERVER_DATA = "server"
    """Bytes from server to client, recorded just after they were read."""
    HALF_CLOSE = "half_close"
    """The client ended its sending direction in order (FIN); it still reads."""
    RESET = "reset"
    """The client reset the connection."""
    CLOSE = "close"
    """The client closed in order and reads no further."""
    SERVER_CLOSE = "server_close"
    """The client read the end of the stream."""
    SERVER_RESET = "server_reset"
    """The client's read or write met a reset."""
    ANNOUNCE = "announce"
    """The operator was asked to announce the data (UTF-8); the connection is empty."""
    NOTE = "note"
    """Text for a person; the connection may be empty."""
    REQUEST = "request"
    """A line to the driver of a client (docs/driver-protocol.md); the connection is empty."""
    DRIVER_EVENT = "told"
    """A line from the driver of a client; the connection is empty."""


WITHOUT_CONNECTION = (Kind.ANNOUNCE, Kind.NOTE, Kind.REQUEST, Kind.DRIVER_EVENT)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened on the wire.

    Attributes:
        time: seconds since the transcript began, from a monotonic clock.
        connection: the recorder's name for it.
        data: the bytes sent or received, or the text announced or noted; else empty.
    """

    time: float
    connection: str
    kind: Kind
    data: bytes = b""


class TranscriptError(ValueError):
    """A transcript file that cannot be read; the text names file and line and says what would be right.

    Attributes:
        line: the number of the line at fault; None if the file as a whole is.
        why: the text without the names of file and line.
    """

    def __init__(self, text: str, line: int | None = None, why: str | None = None) -> None:
        super().__init__(text)
        self.line = line
        self.why = text if why is None else why


def _now() -> datetime:
    return datetime.now().astimezone()


@dataclass(slots=True)
class Transcript:
    """Records events, from any number of threads.

    Attributes:
        framing: how the client ended its frames.
        started: by the wall clock, with its zone.
        settled: whether everything that the traffic caused had arrived; the recorder sets it at the end.
        events: in the order of observation.
        is_cut: whether the file's last line was not whole, and is left out: its recorder was killed, or the disk full.
    """

    framing: Framing = "lf"
    started: datetime = field(default_factory=_now)
    settled: bool = False
    events: list[Event] = field(default_factory=list)
    checked: Checked = "server"
    is_cut: bool = False
    _origin: float = field(default_factory=time.monotonic, repr=False, compare=False)

    @property
    def holds_traffic(self) -> bool:
        """Whether anything happened, beside what was noted for a person."""
        return any(event.kind is not Kind.NOTE for event in self.events)

    def append(self, connection: str, kind: Kind, data: bytes = b"") -> None:
        """Record what happened just now."""
        self.events.append(Event(time.monotonic() - self._origin, connection, kind, data))


def write_transcript(transcript: Transcript, path: Path) -> None:
    """Write a transcript file.

    Raises:
        OSError: if the file cannot be written.
    """
    with path.open("wb") as file:
        file.writelines(transcript_lines(transcript))


def transcript_lines(transcript: Transcript) -> Iterator[bytes]:
    """Yield the lines of the file, each with its LF."""
    yield header_line(transcript)
    yield from map(event_line, transcript.events)


def header_line(transcript: Transcript) -> bytes:
    """Return the first line of the file; it is as long whether the transcript is settled or not."""
    header = {
        "chatproof": "transcript",
        "version": VERSION,
        "started": transcript.started.isoformat(),
        "framing": transcript.framing,
        "settled": transcript.settled,
        "checked": transcript.checked,
    }
    line = _line(header)
    # A recorder that writes as it goes knows at the end only, and then writes this line again, in its place.
    return line.replace(b"}\n", b" }\n") if transcript.settled else line


def event_line(event: Event) -> bytes:
    """Return an event's line of the file."""
    members = {"time": event.time, "connection": event.connection, "event": event.kind.value}
    return _line(members | _data_members(event.data))


def read_transcript(path: Path) -> Transcript:
    """Read a transcript file, up to a last line that is not whole; one that gzip has compressed is decompressed.

    Raises:
        TranscriptError: if it cannot be opened or is not a transcript.
    """
    try:
        with opened(str(path)) as source, reading():
            lines = _Lines(source.stream, str(path))
            transcript = parse_transcript(lines, str(path))
    except InputError as error:
        raise TranscriptError(f"{path}: {error}") from None
    if lines.is_cut:
        transcript.is_cut, transcript.settled = True, False
    return transcript


def too_long(name: str, number: int) -> TranscriptError:
    """Return what is to be said of a line that no recorder writes."""
    why = f"is longer than {LONGEST_LINE} bytes; expected one event a line"
    return TranscriptError(f"{name}:{number}: {why}", number, why)


class _Lines:
    """The lines of a file, none of them too long to be held, without a last one that is not whole."""

    def __init__(self, stream: BufferedIOBase, name: str) -> None:
        self._stream, self._name = stream, name
        self.is_cut = False

    def __iter__(self) -> Iterator[bytes]:
        for number in itertools.count(1):
            line = self._stream.readline(LONGEST_LINE + 1)
            has_end = line.endswith(b"\n")
            if len(line) > LONGEST_LINE and not has_end:
                raise too_long(self._name, number)
            self.is_cut = bool(line) and not has_end and number > 1 and not _is_object(line)
            if not line or self.is_cut:
                return
            yield line


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(decode_frame(line), dict)
    except FrameRefused:
        return False


def parse_transcript(lines: Iterable[bytes], name: str) -> Transcript:
    """Read a transcript from the lines of a file that is called ``name`` in errors.

    Raises:
        TranscriptError: if a line is not what the form asks for.
    """
    transcript, events = stream_transcript(lines, name)
    transcript.events.extend(event for _, event in events)
    return transcript


def stream_transcript(lines: Iterable[bytes], name: str) -> tuple[Transcript, Iterator[tuple[int, Event]]]:
    """Read the header, and return it without events, and the events as they are asked for, each with its line's number.

    Raises:
        TranscriptError: if a line is not what the form asks for; each event's line is read when it is asked for.
    """
    filled = ((number, line) for number, line in enumerate(_without_mark(lines), 1) if line.strip())
    number, line = next(filled, (0, b""))
    if not number:
        raise TranscriptError(f'{name}: is empty; expected a header line with "chatproof": "transcript"')
    header = _read_line(_read_header, name, number, line)
    return header, ((number, _read_line(_read_event, name, number, line)) for number, line in filled)


def _without_mark(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the byte order mark that some editors and shells put before a text in UTF-8."""
    for number, line in enumerate(lines):
        yield line if number else line.removeprefix(codecs.BOM_UTF8)


def _read_line(read: Callable[[dict[str, Any]], _Read], name: str, number: int, line: bytes) -> _Read:
    try:
        return read(_members(line))
    except _LineError as error:
        raise TranscriptError(f"{name}:{number}: {error}", number, str(error)) from None


class _LineError(ValueError):
    """What is wrong with one line."""


def _line(members: dict[str, Any]) -> bytes:
    # Whoever shows the file on a terminal shows what a hostile peer sent: let no control character through.
    return escaped_json(json.dumps(members, ensure_ascii=False)).encode() + b"\n"


def _data_members(data: bytes) -> dict[str, str]:
    if not data:
        return {}
    try:
        return {"text": data.decode()}
    except UnicodeDecodeError:
        return {"base64": base64.b64encode(data).decode()}


def _members(line: bytes) -> dict[str, Any]:
    try:
        value = decode_frame(line)
    except FrameRefused as refused:
        problem = refused.problems[0]
        raise _LineError(f"{problem.what}; expected {problem.expected}") from None
    if not isinstance(value, dict):
        raise _LineError("is not a JSON object; expected one object a line")
    return value


def _read_header(members: dict[str, Any]) -> Transcript:
    if members.get("chatproof") != "transcript":
        raise _LineError('is no transcript header; expected a first line with "chatproof": "transcript"')
    version = members.get("version")
    if isinstance(version, bool) or version != VERSION:
        raise _LineError(f"has version {_shown(version)}; expected {VERSION}")
    if members.get("framing") not in FRAMINGS:
        raise _LineError(f"has framing {_shown(members.get('framing'))}; expected one of {', '.join(FRAMINGS)}")
    if not isinstance(members.get("settled"), bool):
        raise _LineError(f"has settled {_shown(members.get('settled'))}; expected true or false")
    if members.get("checked", "server") not in CHECKED:
        raise _LineError(f"has checked {_shown(members['checked'])}; expected one of {', '.join(CHECKED)}")
    return Transcript(
        framing=cast("Framing", members["framing"]),
        started=_read_started(members.get("started")),
        settled=members["settled"],
        checked=cast("Checked", members.get("checked", "server")),
    )


def _read_started(value: object) -> datetime:
    try:
        # Before Python 3.11 fromisoformat() does not know Z.
        started = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    except ValueError:
        started = None
    if started is None or started.tzinfo is None:
        raise _LineError(
            f"has started {_shown(value)}; expected a time such as 2026-01-31T14:30:25+01:00, with its zone"
        )
    return started


def _read_event(members: dict[str, Any]) -> Event:
    try:
        kind = Kind(members.get("event"))
    except ValueError:
        kinds = ", ".join(kind.value for kind in Kind)
        raise _LineError(f"has event {_shown(members.get('event'))}; expected one of {kinds}") from None
    connection = members.get("connection", "" if kind in WITHOUT_CONNECTION else None)
    if not isinstance(connection, str):
        raise _LineError(f"has connection {_shown(connection)}; expected the name of a connection")
    data = _read_data(members)
    if kind is Kind.REQUEST:
        _require_request(data)
    return Event(_read_time(members.get("time")), connection, kind, data)


def _require_request(data: bytes) -> None:
    try:
        request = json.loads(data)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict) or not isinstance(request.get("do"), str):
        text = data.decode("utf-8", "replace")
        raise _LineError(f'has the request {_shown(text)}; expected a JSON object such as {{"do": "connect"}}')


def _read_time(value: object) -> float:
    try:
        seconds = float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else math.nan
    except OverflowError:
        seconds = math.inf
    if not math.isfinite(seconds):
        raise _LineError(f"has time {_shown(value)}; expected seconds since the start, such as 0.0125")
    return seconds


def _read_data(members: dict[str, Any]) -> bytes:
    if "text" in members and "base64" in members:
        raise _LineError("has both text and base64; expected one of them")
    name = "base64" if "base64" in members else "text"
    value = members.get(name, "")
    if not isinstance(value, str):
        raise _LineError(f"has {name} {_shown(value)}; expected a string")
    if name == "text":
        return value.encode()
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise _LineError(f"has base64 {_shown(value)}; expected the bytes in base64 (RFC 4648, section 4)") from None


def _shown(value: object, limit: int = 40) -> str:
    text = "nothing" if value is None else json.dumps(value)
    return text if len(text) <= limit else text[:limit] + "…"
