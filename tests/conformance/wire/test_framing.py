"""One frame splitter: the same frames however the bytes are cut, and work that grows with the input only."""

import io
import json
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproof_conformance.wire.framing import LineSplitter, ObjectSplitter, frame_splitter
from chatproof_schemas.transcript import Event, Kind, Transcript, transcript_lines
from chatproof_schemas.validate.recordings import read_frames
from support.framing import DEFINITIONS, cut, lines_of, objects_of, split

OBJECTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
).map(lambda value: {"value": value})
# Pieces that make frames, parts of frames and things that only look like their ends.
PIECES = st.sampled_from(
    [b"{", b"}", b"[", b"]", b'"', b"\\", b'\\"', b"\\\\", b"\n", b"\r\n", b" ", b"\t", b":", b",", b"1", b"true", b"x"]
)
PIECES |= st.sampled_from(
    [b"{}", b'{"a":1}', b'"a}"', "é".encode(), "é".encode()[:1], b"\xf0\x9f", b"\xed\xa0\x80", b"\xff"]
)
STREAMS = st.lists(PIECES | st.binary(max_size=4), max_size=30).map(b"".join)


@pytest.mark.parametrize("framing", DEFINITIONS)
@given(STREAMS, st.lists(st.integers(0, 200), max_size=20))
@example(b'{"a":"\\', [])
@example(b'{"a":"\\"}"}{', [7, 8])
@example(b'"\\"" 12 "', [1, 2, 6])
def test_any_cut_gives_the_same_frames_as_the_definition(framing, data, places):
    expected = DEFINITIONS[framing](data)
    assert split(frame_splitter(framing), cut(data, places)) == expected
    assert split(frame_splitter(framing), [bytes([byte]) for byte in data]) == expected


@given(st.lists(OBJECTS, max_size=5), st.sampled_from(["", " ", "\r\n", "\n\t "]), st.booleans(), st.integers(1, 9))
def test_valid_objects_are_told_apart_as_a_parser_does(values, between, ascii_only, size):
    texts = [json.dumps(value, ensure_ascii=ascii_only) for value in values]
    data = between.join(["", *texts, ""]).encode("utf-8", "surrogatepass")
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert split(ObjectSplitter(), pieces) == ([text.encode("utf-8", "surrogatepass") for text in texts], b"")


def validated(framing, pieces):
    """Return the frames that `chatproof validate` reads in a recording: it has a splitter of its own, below ours."""
    lines = transcript_lines(Transcript(framing, events=[Event(0.0, "c", Kind.SERVER_DATA, piece) for piece in pieces]))
    frames = read_frames(io.BytesIO(b"".join(lines)), "recording", b"")
    return [frame.line.frame for frame in frames if frame.line.ended]


@given(STREAMS, st.lists(st.integers(0, 200), max_size=9))
def test_validate_reads_the_same_lines(data, places):
    assert validated("lf", cut(data, places)) == lines_of(data)[0]


@given(st.lists(OBJECTS, max_size=5), st.lists(st.integers(0, 200), max_size=9))
def test_validate_reads_the_same_objects(values, places):
    data = " ".join(map(json.dumps, values)).encode()
    assert validated("none", cut(data, places)) == objects_of(data)[0]


def test_blank_lines_are_left_out_or_kept():
    assert LineSplitter().feed(b"\n \t\r\na\r\n\nb") == [b"a\r"]
    assert LineSplitter(keep_blank=True).feed(b"\n \t\r\na\r\n\nb") == [b"", b" \t\r", b"a\r", b""]


def test_what_can_be_no_object_is_given_up_at_once_and_an_endless_frame_at_64_kib():
    splitter = ObjectSplitter()
    assert splitter.feed(b'{"a":1}nonsense') == [b'{"a":1}']
    assert splitter.give_up() == [b"nonsense"]
    assert splitter.feed(b'{"a":"}') == splitter.give_up() == []
    assert splitter.take_rest() == b'{"a":"}'
    assert splitter.feed(b'{"b":2} ') == [b'{"b":2}']
    for endless in (LineSplitter(), ObjectSplitter()):
        assert endless.feed(b"{" * 65_535) == endless.give_up() == []
        assert endless.feed(b"{") == []
        assert endless.give_up() == [b"{" * 65_536]
        assert endless.rest == b""


def seconds_for(framing, begin, unit, size):
    """Return the processor time for so many bytes in pieces of 64, the best of three."""
    data = begin + unit * (size // len(unit))
    pieces = [data[at : at + 64] for at in range(0, size, 64)]
    best = float("inf")
    for _ in range(3):
        splitter = frame_splitter(framing)
        start = time.process_time()
        assert not any(map(splitter.feed, pieces))
        best = min(best, time.process_time() - start)
    return best


@pytest.mark.parametrize(
    ("framing", "begin", "unit"),
    [
        ("lf", b"", b"x"),
        ("none", b'{"a":"', b"x"),
        ("none", b'{"a":"', b"\\n"),
        ("none", b"", b"{"),
        ("none", b"[", b'"",'),
        ("none", b"", b"x"),
        ("none", b"", b" "),
    ],
)
def test_four_times_the_bytes_with_no_end_take_four_times_the_work(framing, begin, unit):
    # Reading the pending bytes again for each piece would take sixteen times the work.
    assert seconds_for(framing, begin, unit, 1 << 20) < 9 * seconds_for(framing, begin, unit, 1 << 18)
