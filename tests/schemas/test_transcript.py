"""The transcript and its file form."""

import contextlib
import json
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_schemas import transcript as transcript_module
from chatproof_schemas.transcript import (
    Event,
    Kind,
    Transcript,
    TranscriptError,
    event_line,
    parse_transcript,
    read_transcript,
    transcript_lines,
    write_transcript,
)

HEADER = (
    b'{"chatproof": "transcript", "version": 1, "started": "2026-01-31T14:30:25Z", "framing": "lf", "settled": true}\n'
)

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
times = st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass"))
requests = st.dictionaries(st.text(max_size=5), st.integers(), max_size=2).map(
    lambda one: json.dumps(one | {"do": "say"}).encode()
)
events = st.builds(
    Event, times, names, st.sampled_from([*set(Kind) - {Kind.REQUEST}]), st.binary(max_size=20) | texts
) | st.builds(Event, times, names, st.just(Kind.REQUEST), requests)
zones = st.integers(-23 * 60, 23 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
transcripts = st.builds(
    Transcript,
    framing=st.sampled_from(["lf", "none"]),
    started=st.datetimes(timezones=zones),
    settled=st.booleans(),
    events=st.lists(events, max_size=5),
)


@given(transcripts)
def test_what_is_written_is_read_back_exactly(transcript):
    assert parse_transcript(transcript_lines(transcript), "x") == transcript


@given(transcripts)
def test_no_line_holds_a_character_that_a_terminal_obeys(transcript):
    for line in transcript_lines(transcript):
        assert line.endswith(b"\n")
        assert line[:-1].decode().isprintable()


@given(st.binary(max_size=60) | st.lists(events, max_size=1).map(lambda some: json.dumps(str(some)).encode()))
def test_any_bytes_are_read_or_refused(junk):
    with contextlib.suppress(TranscriptError):
        assert len(parse_transcript([HEADER, junk], "file").events) <= 1


def test_a_recorder_keeps_order_kind_and_bytes(tmp_path: Path):
    transcript = Transcript()
    transcript.append("a", Kind.OPEN)
    transcript.append("a", Kind.CLIENT_DATA, b'{"type"')
    transcript.append("a", Kind.SERVER_DATA, b"\xff")
    transcript.append("", Kind.ANNOUNCE, "Grüße".encode())
    assert [(event.connection, event.kind, event.data) for event in transcript.events] == [
        ("a", Kind.OPEN, b""),
        ("a", Kind.CLIENT_DATA, b'{"type"'),
        ("a", Kind.SERVER_DATA, b"\xff"),
        ("", Kind.ANNOUNCE, "Grüße".encode()),
    ]
    assert transcript.started.tzinfo is not None
    assert 0 <= transcript.events[0].time <= transcript.events[-1].time
    write_transcript(transcript, tmp_path / "t.ndjson")
    assert read_transcript(tmp_path / "t.ndjson") == transcript


def test_blank_lines_unknown_members_and_a_missing_connection_of_an_announcement_are_allowed():
    lines = [b"\r\n", HEADER, b"\n", b'{"time": 1, "event": "announce", "text": "hi", "more": []}\r\n']
    assert parse_transcript(lines, "x").events == [Event(1.0, "", Kind.ANNOUNCE, b"hi")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{", "file:2: "),
        (b"[]", "file:2: is not a JSON object"),
        (b"\xff", "is not UTF-8"),
        (b'{"time": 1, "connection": "a", "event": "sent"}', 'has event "sent"; expected one of open, client, server'),
        (b'{"time": 1, "connection": "a", "event": []}', "has event []"),
        (b'{"time": 1, "event": "open"}', "has connection nothing; expected the name"),
        (b'{"connection": "a", "event": "open"}', "has time nothing; expected seconds"),
        (b'{"time": true, "connection": "a", "event": "open"}', "has time true"),
        (b'{"time": 1' + b"0" * 400 + b', "connection": "a", "event": "open"}', "has time 1000"),
        (b'{"time": 1e999, "connection": "a", "event": "open"}', "has time Infinity"),
        (b'{"time": 1, "connection": "a", "event": "client", "text": 1}', "has text 1; expected a string"),
        (b'{"time": 1, "connection": "a", "event": "client", "base64": "?"}', 'has base64 "?"'),
        ('{"time": 1, "connection": "a", "event": "client", "base64": "é"}'.encode(), "has base64"),
        (b'{"time": 1, "connection": "a", "event": "client", "text": "", "base64": ""}', "has both text and base64"),
        (b'{"time": 1, "time": 1}', 'has the member name "time" twice'),
    ],
)
def test_a_bad_event_is_named_by_file_and_line(line, told):
    with pytest.raises(TranscriptError) as caught:
        parse_transcript([HEADER, line], "file")
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"chatproof": "report"}, "is no transcript header"),
        ({"version": 2}, "has version 2; expected 1"),
        ({"version": True}, "has version true"),
        ({"framing": "crlf"}, 'has framing "crlf"; expected one of lf, none'),
        ({"framing": []}, "has framing []"),
        ({"settled": 1}, "has settled 1; expected true or false"),
        ({"started": "2026-01-31T14:30:25"}, "with its zone"),
        ({"started": "today"}, 'has started "today"'),
        ({"started": None}, "has started nothing"),
    ],
)
def test_a_bad_header_is_named(change, told):
    header = json.loads(HEADER) | change
    with pytest.raises(TranscriptError) as caught:
        parse_transcript([json.dumps(header).encode()], "file")
    assert str(caught.value).startswith("file:1: ")
    assert told in str(caught.value)


def test_an_empty_file_a_missing_file_and_a_folder_are_named(tmp_path: Path):
    (tmp_path / "empty").touch()
    for name, told in [("empty", "is empty"), ("none", "No such file"), (".", "is a directory")]:
        with pytest.raises(TranscriptError, match=told):
            read_transcript(tmp_path / name)


@pytest.mark.parametrize(("name", "told"), [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16LE"), ("utf-32", "UTF-32")])
def test_another_encoding_is_named(tmp_path: Path, name: str, told: str):
    (file := tmp_path / "r.ndjson").write_bytes(HEADER.decode().encode(name))
    with pytest.raises(TranscriptError, match=f"looks like {told}, not UTF-8"):
        read_transcript(file)


def test_a_line_without_an_end_is_named_and_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(transcript_module, "LONGEST_LINE", 1000)
    (file := tmp_path / "r.ndjson").write_bytes(HEADER + b'{"time":0,"event":"note","text":"' + b"x" * 2000)
    with pytest.raises(TranscriptError, match=r":2: is longer than 1000 bytes; expected one event a line$"):
        read_transcript(file)
    file.write_bytes(HEADER + b'{"time":0,"event":"note","text":"'.ljust(998, b"x") + b'"}\n')
    assert len(read_transcript(file).events) == 1


def test_a_last_line_that_is_not_whole_is_left_out(tmp_path: Path):
    line = event_line(Event(0.0, "a", Kind.OPEN))
    (file := tmp_path / "r.ndjson").write_bytes(HEADER + line + line[:-5])
    recorded = read_transcript(file)
    assert (len(recorded.events), recorded.is_cut, recorded.settled) == (1, True, False)
    file.write_bytes(HEADER + line + line[:-1])
    recorded = read_transcript(file)
    assert (len(recorded.events), recorded.is_cut, recorded.settled) == (2, False, True)
    file.write_bytes(HEADER + line[:-5] + b"\n" + line)
    with pytest.raises(TranscriptError, match=r"r\.ndjson:2: "):
        read_transcript(file)


@pytest.mark.skipif(sys.platform != "linux", reason="reads a device of Linux")
def test_a_device_without_an_end_is_given_up():
    with pytest.raises(TranscriptError, match=r"^/dev/zero:1: is longer than 67108864 bytes"):
        read_transcript(Path("/dev/zero"))


def test_z_is_a_zone():
    started = parse_transcript([HEADER], "x").started
    assert started == datetime(2026, 1, 31, 14, 30, 25, tzinfo=timezone.utc)


@pytest.mark.parametrize("request_", [b"hello", b"[]", b"", b"\xff", b"[" * 100_000, b"{}", b'{"do":["say"]}'])
def test_a_request_that_is_no_json_object_that_asks_for_something_is_refused_with_its_line(request_):
    lines = [HEADER, event_line(Event(0.0, "", Kind.REQUEST, request_))]
    with pytest.raises(TranscriptError, match=r'^file:2: has the request .*; expected a JSON object such as {"do": '):
        parse_transcript(lines, "file")
