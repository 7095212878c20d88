"""Segments are the stream, cut where their kind says, and wait for what they must."""

import pytest

from chatproof_conformance.space.acts import acts
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.segmentation import Segment, Segmentation, cut

LINES = [b'{"a":"one"}\r\n', '{"a":"zw\u00f6"}\n'.encode(), b'{"a":"\\u0033"}\r\n', b"\n", b'{"a":"four"}\n']


def pieces(kind, lines=LINES):
    return [piece.data for piece in cut(lines, kind)]


@pytest.mark.parametrize("kind", Segmentation)
def test_segments_are_the_stream(kind):
    assert b"".join(pieces(kind)) == b"".join(LINES)
    assert all(pieces(kind))


@pytest.mark.parametrize(
    ("kind", "first", "count"),
    [
        (Segmentation.ONE_WRITE, b"".join(LINES), 1),
        (Segmentation.PER_FRAME, LINES[0], 5),
        (Segmentation.CHUNKS_7, b'{"a":"o', 8),
        (Segmentation.CHUNKS_512, b"".join(LINES), 1),
        (Segmentation.MIDDLE, b'{"a":"', 5),
        (Segmentation.BEFORE_LF, LINES[0][:-1], 5),
        (Segmentation.CR_LF, LINES[0][:-1], 3),
        (Segmentation.FIRST_BYTE, b"{", 6),
        (Segmentation.IN_CHARACTER, LINES[0] + b'{"a":"zw\xc3', 2),
        (Segmentation.IN_ESCAPE, LINES[0] + LINES[1] + b'{"a":"\\u', 2),
        (Segmentation.FRAME_AND_PART, LINES[0] + b'{"a":"', 4),
        (Segmentation.BYTES, b"{", len(b"".join(LINES))),
        (Segmentation.PAUSE_300, b'{"a":"', 5),
    ],
)
def test_each_kind_cuts_where_its_name_says(kind, first, count):
    assert pieces(kind)[0] == first
    assert len(pieces(kind)) == count


def test_a_segment_waits_for_the_lines_that_the_one_before_has_completed():
    assert cut(LINES[:3], Segmentation.MIDDLE) == [
        Segment(b'{"a":"'),
        Segment(b'one"}\r\n{"a":"'),
        Segment(LINES[1][6:] + LINES[2][:8], gate=0),
        Segment(LINES[2][8:], gate=1),
    ]
    assert [piece.gate for piece in cut(LINES, Segmentation.PER_FRAME)] == [None, 0, 1, 2, None]
    assert [piece.gate for piece in cut(LINES, Segmentation.FRAME_AND_PART)] == [None, 0, 1, 2]


def test_a_whole_frame_and_a_part_of_the_next_come_at_once():
    whole, rest, *_ = cut([b"first\n", b"second\n", b"third\n"], Segmentation.FRAME_AND_PART)
    assert whole == Segment(b"first\nsec")
    assert rest == Segment(b"ond\n", gate=0)


def test_pauses_stand_before_each_segment_but_the_first():
    pauses = [piece.pause for piece in cut(LINES, Segmentation.PAUSE_50)]
    assert pauses == [0, 0.05, 0.05, 0.05, 0.05]
    assert {piece.pause for piece in cut(LINES, Segmentation.BYTES)[1:]} == {0.0015}


@pytest.mark.parametrize("kind", Segmentation)
def test_no_cut_lets_a_server_take_a_part_of_a_line_for_a_frame(kind):
    room = Room("k7q2zd", "k7q2zdown", ("k7q2zdann", "k7q2zdben"))
    for one in acts()["near-JSON"]:
        line = one.write(room) + b"\n"
        at = 0
        for piece in cut([line], kind)[:-1]:
            at += len(piece.data)
            assert not (line[:at].rstrip().endswith(b"}") and line[at:].strip())


def test_a_last_line_without_an_end_is_cut_as_well():
    assert pieces(Segmentation.MIDDLE, [b'{"a":1}\n', b'{"a":']) == [b'{"a"', b':1}\n{"', b'a":']
