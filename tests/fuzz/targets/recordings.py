"""A recording, compressed or not, is read or refused by `validate` and `check --transcript` alike, and reads back."""

import atexit
import contextlib
import gzip
import io
import tempfile
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from chatproof_conformance.judges.client import judge_client
from chatproof_conformance.judges.recordings import judge_recording
from chatproof_conformance.wire import client_steps, steps
from chatproof_schemas import Direction, requirements
from chatproof_schemas.transcript import (
    Kind,
    Transcript,
    TranscriptError,
    parse_transcript,
    read_transcript,
    transcript_lines,
)
from chatproof_schemas.validate.files import Validation
from chatproof_schemas.validate.inputs import InputError, opened, reading
from chatproof_schemas.validate.recordings import read_frames, read_head
from chatproof_schemas.validate.report import CANNOT_RUN, Report
from chatproof_schemas.validate.writers.text import TextWriter
from support.framing import lines_of
from support.recordings import frame, join, notice, recording

PLAIN, COMPRESSED, CUT_SHORT = range(3)
"""What the first byte of an input makes of the others, modulo three."""
DIRECTIONS = {Kind.CLIENT_DATA: Direction.CLIENT, Kind.SERVER_DATA: Direction.SERVER}
STARTED = datetime(2026, 1, 31, 14, 30, 25, tzinfo=timezone.utc)
FOLDER = tempfile.TemporaryDirectory()
FILE = Path(FOLDER.name) / "recording"
atexit.register(FOLDER.cleanup)


def seeds():
    for recorded in recordings():
        events = [replace(event, time=at / 100) for at, event in enumerate(recorded.events)]
        data = b"".join(transcript_lines(replace(recorded, started=STARTED, events=events)))
        yield from (bytes([form]) + data for form in (PLAIN, COMPRESSED, CUT_SHORT))


def recordings():
    said = frame(type="message", content="hi")
    heard = frame(type="message", username="a", content="hi", timestamp="12:00:00")
    joined = [("a", "open"), ("a", "client", join("a")), ("a", "server", notice("a"))]
    yield recording(*joined, ("a", "client", said), ("a", "server", heard), ("a", "close"))
    refused = frame(type="error", message="x")
    yield recording(*joined, ("b", "open"), ("b", "client", join("a")), ("b", "server", refused))
    yield recording(*joined, ("a", "client", said[:9]), ("a", "client", said[9:]), ("a", "half_close"))
    yield recording(*joined, ("", "announce", b"hello"), ("a", "server", frame(type="server", message="hello")))
    yield recording(("a", "open"), ("a", "client", b"\xff\xfe\n{}\n\n"), ("a", "reset"), ("", "note", b"a note"))
    yield recording(("a", "open"), ("a", "client", join("a")[:-1]), ("a", "server", notice("a")[:-1]), framing="none")
    asked = [("", "request", frame(do="connect", host="::1", port=1, username="a")[:-1]), *joined]
    shown = frame(event="shown", kind="message", username="a", content="hi")[:-1]
    yield recording(*asked, ("a", "server", heard), ("", "told", shown), ("a", "server_close"), checked="client")
    told = [("a", "server", frame(type="error", message="no")), ("", "told", frame(event="refused", reason="no")[:-1])]
    later = [("", "request", frame(do="say", content="hi")[:-1]), ("a", "client", said), ("a", "close")]
    yield recording(*asked[:3], *told, *later, checked="client")


def check(data):
    form, text = (data[0] % 3, data[1:]) if data else (PLAIN, b"")
    FILE.write_bytes(stored(form, text))
    try:
        recorded = read_transcript(FILE)
    except TranscriptError as error:
        assert str(error).startswith(str(FILE))
        assert str(error).isprintable()
        assert holds_messages() or validated() == CANNOT_RUN
        return
    written = b"".join(transcript_lines(recorded))
    holds_message = any(one.line.ended for one in read_frames(io.BytesIO(written), "x", b""))
    # What validates nothing, or not all, gives no verdict; to judge a server, all but a line cut off is enough.
    assert (validated() == CANNOT_RUN) == (recorded.is_cut or not holds_message)
    assert parse_transcript(io.BytesIO(written), "x") == replace(recorded, is_cut=False)
    assert form != COMPRESSED or recorded.is_cut or parse_transcript(io.BytesIO(text), "x") == recorded
    check_frames(recorded)
    check_uses(recorded)


def stored(form, text):
    if form == PLAIN:
        return text
    compressed = gzip.compress(text, 1, mtime=0)
    return compressed if form == COMPRESSED else compressed[: len(compressed) * 3 // 4]


def holds_messages():
    """Return whether `validate` takes the file for one with a message a line."""
    with contextlib.suppress(InputError), opened(str(FILE)) as source, reading():
        return not read_head(source.stream)[1]
    return False


def validated():
    """Return the exit code of `chatproof validate`."""
    out = io.StringIO()
    with contextlib.redirect_stderr(out):
        report = Report(TextWriter(out, names_direction=True), on_terminal=False)
        code = Validation(tuple(Direction), report, strict=False).validate([str(FILE)])
    assert out.getvalue().replace("\n", "").isprintable()
    return code


def check_frames(recorded):
    """`validate` reads the lines that the definition has: there is one stream each way, if no connection ends."""
    kept = [event for event in recorded.events if event.kind in DIRECTIONS]
    streams = {}
    for event in kept:
        key = (event.connection, DIRECTIONS[event.kind])
        streams[key] = streams.get(key, b"") + event.data
    lines = transcript_lines(Transcript(events=kept))
    found = [one for one in read_frames(io.BytesIO(b"".join(lines)), "x", b"") if one.line.ended]
    for (connection, direction), stream in streams.items():
        frames = [one.line.frame for one in found if (one.connection, one.direction) == (connection, direction)]
        assert frames == lines_of(stream)[0]


def check_uses(recorded):
    """It can be judged and played again, whatever it holds."""
    if recorded.checked == "client":
        client_steps.find_steps(recorded)
        judge_client(recorded.events)
        return
    steps.find_steps(recorded)
    for found in judge_recording(recorded).findings:
        assert found.requirement in requirements()
        assert found.event is None or 0 <= found.event < len(recorded.events)
