"""A script's lines end as it says, unless that makes a frame too long."""

import pytest

from chatproof_conformance.space.patterns import act
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import Part, Script, State, write_lines


def acts_of(script):
    lines = write_lines(script, Room("tk", "Me", ("Ann",)), lambda: "marker")
    return [line.data for line in lines if line.part is Part.ACT]


@pytest.mark.parametrize(("size", "end"), [(1022, b" \t\n"), (1023, b"\n"), (1024, b"\n"), (1025, b" \t\n")])
def test_white_space_makes_no_frame_too_long(size, end):
    long = act("message", "content", "long", b"x" * 30, size=size)
    assert acts_of(Script(acts=(long,), line_end=b" \t\n")) == [b"x" * size + end]


def test_an_act_is_sent_in_a_row_with_no_marker_between():
    plain = act("message", "content", "plain", b"<word>")
    lines = write_lines(Script(acts=(plain,), times=3), Room("tk", "Me", ("Ann",)), lambda: "marker")
    assert [line.part for line in lines] == [Part.JOIN, Part.MARKER, Part.ACT, Part.ACT, Part.ACT, Part.MARKER]
    assert len({line.data for line in lines if line.part is Part.ACT}) == 3


@pytest.mark.parametrize("state", State)
def test_acts_stand_between_markers_once_it_has_joined(state):
    plain = act("message", "content", "plain", b"<word>")
    lines = write_lines(Script(state, (plain, plain)), Room("tk", "Me", ("Ann",)), lambda: "marker")
    parts = [line.part for line in lines if line.part is not Part.PRELUDE]
    joined = [Part.JOIN, Part.MARKER, Part.ACT, Part.MARKER, Part.ACT, Part.MARKER]
    assert parts == (joined if Script(state).joins else [Part.ACT, Part.ACT, Part.JOIN, Part.MARKER])
    assert [line.act for line in lines if line.act] == [plain, plain]
