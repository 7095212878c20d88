"""The lines that show a failure: its connection, its event, its bytes."""

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.export.mermaid import sequence_diagram
from chatproof_conformance.reporting.last_frames import frames_around, last_frames
from chatproof_conformance.reporting.traffic_steps import steps_of
from support.recordings import recording

NOISE = [("bob", "server", b'{"n":%d}\n' % number) for number in range(20)]


def lines(*events, count=8, **about):
    return frames_around(Finding("FRAME-7", "x", "y", events=recording(*events).events, **about), count)


def test_those_of_its_connection_around_its_event_are_shown():
    events = [("ann", "client", b'{"before":1}\n'), ("ann", "server", b'{"wrong":1}\n'), *NOISE, ("ann", "close")]
    shown = lines(*events, connection="ann", event=1)
    assert shown == ['ann → {"before":1}', 'ann ← {"wrong":1}', "ann closes the connection"]
    many = [("ann", "client", b'{"n":%d}\n' % number) for number in range(40)]
    assert lines(*many, connection="ann", event=10) == [f'ann → {{"n":{number}}}' for number in range(6, 14)]


def test_the_wrong_frame_is_marked():
    events = [*NOISE, ("ann", "server", b'{"wrong":1}\n'), *NOISE]
    assert 'ann ← {"wrong":1}   <- wrong' in lines(*events, connection="ann", frames=(b'{"wrong":1}',))


def test_bytes_that_look_like_white_space_are_shown():
    events = (("ann", "client", b"\x0b\n\n \t\n"), ("ann", "client", b"\x0c"))
    expected = [r"ann → \x0b", "ann → (blank line)", r'ann → " \t" (white space alone)', r"ann → \x0c (no LF yet)"]
    assert lines(*events) == expected
    steps = steps_of(Finding("ERROR-1", "x", "y", events=recording(*events).events))
    assert [f"ann → {step.text}" for step in steps] == expected
    drawn = sequence_diagram(Finding("ERROR-1", "x", "y", events=recording(*events).events), recording(*events))
    assert "x0b" in drawn


def test_the_pieces_of_a_frame_are_one_line_with_its_cuts():
    pieces = [("ann", "client", piece) for piece in (b'{"ty', b'pe":"jo', b'in"}\n')]
    assert lines(*pieces) == ['ann → {"ty | pe":"jo | in"}']


def test_without_a_finding_they_are_the_last():
    assert last_frames(recording(*NOISE).events, 2) == ['bob ← {"n":18}', 'bob ← {"n":19}']


def test_where_it_is_expected_is_said_once():
    assert Finding("JOIN-1", "a notice at ann-320", "", connection="ann-320").expected_there == "a notice at ann-320"
