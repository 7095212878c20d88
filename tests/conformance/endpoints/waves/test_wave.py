"""What a wave sends and records, and that it waits neither too short nor for ever."""

import asyncio
from itertools import pairwise

import pytest

from chatproof_conformance.endpoints.waves.wave import run_wave
from chatproof_conformance.judges.server.client_frames import read_client_frame
from chatproof_conformance.space.joins import join_acts
from chatproof_conformance.space.script import End, Part, Script, State
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_schemas.transcript import Kind
from support.paths import ROOT
from support.scripts import WORDS, bad, saying
from support.workshop import workshop_with

ORIGINAL = ROOT / "tests" / "conformance" / "cli" / "original_server.py"
MUTE_AFTER_ERRORS = "def answer_error(self, connection, refused): pass"
LATE_BY = 0.06
ANSWERS_LATE = f"""
def send_bytes(self, connection, data):
    self.loop.call_later({LATE_BY}, lambda: ChatServer.send_bytes(self, connection, data))
"""


def played(server, *scripts, **options):
    """Play scripts in one wave; return its record and the judgement."""

    async def run():
        async with workshop_with(server, **options) as workshop:
            instance = await workshop.instance()
            record = await asyncio.wait_for(run_wave(instance, scripts), 30)
            return record, await workshop.judge(instance, record)

    return asyncio.run(run())


def sent(record, label):
    return [event for event in record.events if event.connection == label and event.kind is Kind.CLIENT_DATA]


def gaps(record, label):
    """The seconds between what a connection sends."""
    times = [event.time for event in sent(record, label)]
    return [later - earlier for earlier, later in pairwise(times)]


EVERY_END = [saying(*WORDS, state=state, end=end) for state in State for end in End]


@pytest.mark.parametrize("server", [None, "baseline", "late-by-100-ms"])
def test_of_a_right_server_it_is_fenced_and_nothing_is_wrong(server):
    record, judgement = played(server, *EVERY_END)
    assert record.fenced
    assert not judgement.findings
    assert judgement.evidence["PUBLIC-1"] > len(WORDS)


def test_each_script_is_played_as_it_is_written():
    script = saying(*WORDS, state=State.JOINED_AFTER_ERROR, line_end=b"\r\n", segmentation=Segmentation.PER_FRAME)
    record, _ = played("baseline", script)
    ((label, cast),) = record.casts.items()
    lines = [line.data for line in cast.lines if line.data]
    assert b"".join(event.data for event in sent(record, label)).startswith(b"".join(lines))
    assert all(line.endswith(b"\r\n") for line in lines)
    parts = [line.part for line in cast.lines]
    assert parts.count(Part.ACT) == len(WORDS)
    assert parts[-2:] == [Part.MARKER, Part.MARKER], "its own last marker, and one more now that all have joined"


def test_the_recording_begins_with_the_coming_of_the_listeners():
    record, _ = played("baseline", Script())
    first = next(place for place, event in enumerate(record.events) if event.connection in record.casts)
    opened = {event.connection for event in record.events[:first] if event.kind is Kind.OPEN}
    assert len(opened) == 6


@pytest.mark.parametrize(
    ("end", "kinds"),
    [
        (End.FIN, [Kind.HALF_CLOSE]),
        (End.FIN_BEHIND, [Kind.HALF_CLOSE]),
        (End.RESET, [Kind.RESET]),
        (End.HALF_FRAME, [Kind.CLIENT_DATA, Kind.HALF_CLOSE]),
    ],
)
def test_a_connection_ends_as_its_script_says(end, kinds):
    record, judgement = played("baseline", saying("one", end=end))
    ((label, cast),) = record.casts.items()
    own = [event for event in record.events if event.connection == label]
    ours = [event for event in own if event.kind in (Kind.CLIENT_DATA, Kind.HALF_CLOSE, Kind.RESET)]
    assert [event.kind for event in ours][-len(kinds) :] == kinds
    last_frame = [event for event in ours if event.kind is Kind.CLIENT_DATA][-1].data
    assert last_frame.endswith(b"\n") == (end is not End.HALF_FRAME)
    if end is End.FIN_BEHIND:
        assert cast.last.encode() in last_frame
    assert not judgement.findings


def test_a_cast_knows_the_name_that_its_join_asks_for():
    joins = join_acts()
    record, _ = played("baseline", *(Script(join=join) for join in (*joins["valid"][:8], *joins["spelt"][:8])))
    for cast in record.casts.values():
        (join,) = (line.data for line in cast.lines if line.part is Part.JOIN)
        assert cast.connection.name == read_client_frame(join.rstrip(b"\n")).messages[0].name
        assert cast.connection.joined


def test_a_careful_script_waits_for_each_answer(own_server):
    record, judgement = played(own_server(ANSWERS_LATE), saying(*WORDS, careful=True))
    (label,) = record.casts
    assert min(gaps(record, label)[: len(WORDS)]) >= LATE_BY
    assert not judgement.findings


def test_others_do_not_wait_for_long(own_server):
    record, _ = played(own_server(ANSWERS_LATE), saying(*WORDS * 6, segmentation=Segmentation.MIDDLE))
    (label,) = record.casts
    assert sum(gap >= LATE_BY for gap in gaps(record, label)) <= 0.7 / LATE_BY + 2


def test_lost_answers_stall_a_script_twice_at_most(own_server):
    script = Script(acts=tuple(map(bad, range(40))), careful=True)
    record, judgement = played(own_server(MUTE_AFTER_ERRORS), script)
    (label,) = record.casts
    assert record.fenced
    assert sum(gap > 0.3 for gap in gaps(record, label)) <= 4, "two, and what a busy machine adds"
    assert sum(finding.requirement == "ERROR-4" for finding in judgement.findings) == 40


def test_without_lf_each_frame_waits_for_the_answer_to_the_last():
    record, judgement = played(ORIGINAL, saying(*WORDS), framing="none")
    (label,) = record.casts
    assert not [event for event in sent(record, label) if event.data.endswith(b"\n")]
    assert len(sent(record, label)) > 2 * len(WORDS)
    assert not judgement.findings


def test_what_never_comes_leaves_a_wave_unfenced(own_server):
    record, judgement = played(own_server("def on_public(self, connection, message): pass"), saying("one"))
    assert not record.fenced
    assert "PUBLIC-1" in {finding.requirement for finding in judgement.findings}
