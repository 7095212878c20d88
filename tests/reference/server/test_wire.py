import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_reference.wire import FrameReader, OverlongFrame, encode_message

LIMIT = 20
JOIN = b'{"a":1}'


def feed_all(reader, chunks):
    return [frame for chunk in chunks for frame in reader.feed(chunk)]


def unended():
    return FrameReader(LIMIT, takes_unended=True)


@given(st.lists(st.binary(max_size=30).map(lambda line: line.replace(b"\n", b""))), st.lists(st.integers(0, 300)))
def test_frames_do_not_depend_on_how_the_bytes_arrived(lines, cuts):
    data = b"".join(line + b"\n" for line in lines)
    edges = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    chunks = [data[start:end] for start, end in itertools.pairwise(edges)]
    expected = [OverlongFrame() if len(line) > LIMIT else line for line in lines]
    expected = [frame for frame in expected if isinstance(frame, OverlongFrame) or frame.strip(b" \t\r")]
    assert feed_all(FrameReader(LIMIT), chunks) == expected
    assert feed_all(unended(), chunks) == expected


def test_a_frame_of_exactly_the_limit_is_taken_and_one_byte_more_is_not():
    reader = FrameReader(LIMIT)
    assert reader.feed(b"x" * LIMIT + b"\n" + b"y" * (LIMIT + 1) + b"\nz\n") == [b"x" * LIMIT, OverlongFrame(), b"z"]


def test_an_overlong_frame_is_told_once_and_at_once_and_skipped_through_its_lf():
    reader = FrameReader(LIMIT)
    assert reader.feed(b"x" * 21) == [OverlongFrame()]
    assert reader.feed(b"x" * 70_000) == []
    assert reader.in_frame
    assert reader.feed(b"x\ngood\n") == [b"good"]
    assert not reader.in_frame


def test_what_is_kept_of_an_endless_frame_is_bounded():
    reader = FrameReader(LIMIT)
    for _ in range(100):
        reader.feed(b"x" * 1000)
    assert len(reader._pending) <= LIMIT  # noqa: SLF001  the bound itself is what this shows


@pytest.mark.parametrize("blank", [b"\n", b"\r\n", b" \t\n"])
def test_blank_lines_are_no_frames(blank):
    assert FrameReader(LIMIT).feed(blank + b"x\n" + blank) == [b"x"]


def test_vertical_space_is_no_json_white_space():
    assert FrameReader(LIMIT).feed(b"\x0b\n") == [b"\x0b"]


def test_an_object_with_no_lf_is_taken_after_a_pause():
    reader = unended()
    assert reader.feed(JOIN) == []
    assert reader.awaits_pause
    assert reader.pause() == [JOIN]
    assert reader.sends_no_lf


def test_once_known_a_peer_that_sends_no_lf_does_not_wait():
    reader = unended()
    reader.feed(JOIN)
    reader.pause()
    assert reader.feed(JOIN + JOIN) == [JOIN, JOIN]
    assert not reader.awaits_pause


def test_once_known_a_pause_ends_whatever_has_arrived():
    reader = unended()
    reader.feed(JOIN)
    reader.pause()
    assert reader.feed(b"not json") == []
    assert reader.pause() == [b"not json"]
    assert reader.feed(JOIN + b" x") == []
    assert reader.pause() == [JOIN + b" x"]
    assert reader.feed(b"x" * 30) == [OverlongFrame()]
    assert reader.feed(b"x" * 30) == []
    assert reader.feed(JOIN) == [JOIN]
    assert reader.feed(b"x" * 30) == [OverlongFrame()]
    assert reader.pause() == []
    assert not reader.in_frame


@pytest.mark.parametrize("first", [b"12", b'{"a":', b'"{}"', b"[{}]", b"{} x", b'{"a":1}}', b"\xff}", b"{'a':1}"])
def test_before_that_a_pause_ends_nothing_but_objects(first):
    reader = unended()
    reader.feed(first)
    assert not reader.awaits_pause
    assert reader.pause() == []
    assert reader.feed(b"3\n") == [first + b"3"]


def test_an_object_followed_late_by_its_lf_is_one_frame_and_the_peer_is_known_to_end_frames():
    reader = unended()
    reader.feed(JOIN)
    assert reader.pause() == [JOIN]
    assert reader.feed(b"\r\n") == []
    assert reader.feed(JOIN) == []
    assert not reader.awaits_pause
    assert reader.feed(b" garbage\n") == [JOIN + b" garbage"]


def test_a_peer_that_ends_one_frame_with_lf_is_never_cut_at_a_pause():
    reader = unended()
    reader.feed(b"\n" + JOIN)
    assert not reader.awaits_pause
    assert reader.end() == []


def test_the_end_of_the_stream_ends_a_complete_object():
    reader = unended()
    reader.feed(JOIN)
    assert reader.end() == [JOIN]
    half = unended()
    half.feed(b'{"a"')
    assert half.end() == []


@given(st.dictionaries(st.text(), st.text() | st.booleans()))
def test_an_encoded_message_is_one_line_that_reads_back(message):
    frame = encode_message(message)
    assert frame.index(b"\n") == len(frame) - 1
    assert json.loads(frame) == message
