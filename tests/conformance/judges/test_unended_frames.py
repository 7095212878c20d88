"""Clients that send no LF: the fault is theirs, and a server that serves them is judged by what it has read."""

from dataclasses import replace

from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.judges.recorded_clients import CLIENT_IDS
from chatproof_conformance.judges.recordings import examine_recording, selected_rows
from support.recordings import frame, join, notice, recording

SAID = frame(type="message", username="ann", content="hi", timestamp="12:00:00")
TOLD = frame(type="private_confirmation", target="bob", content="psst", delivered=True, timestamp="12:00:00")
WHISPERED = frame(type="private_message", sender="ann", content="psst", timestamp="12:00:00")
ERROR = frame(type="error", message="text after the object", code="malformed_json")
SAYS, WHISPERS = frame(type="message", content="hi"), frame(type="private_message", target="bob", content="psst")


def bare(line):
    return line.removesuffix(b"\n")


SERVED = [
    ("c1", "open"),
    ("c1", "client", bare(join("ann"))),
    ("c1", "server", notice("ann")),
    ("c2", "open"),
    ("c2", "client", bare(join("bob"))[:9]),
    ("c2", "client", bare(join("bob"))[9:]),
    ("c2", "server", notice("bob")),
    ("c1", "server", notice("bob")),
    ("c1", "client", bare(SAYS)),
    ("c1", "server", SAID),
    ("c2", "server", SAID),
    ("c1", "client", bare(WHISPERS)),
    ("c1", "server", TOLD),
    ("c2", "server", WHISPERED),
]


def judged(*events, seconds=0.01):
    recorded = recording(*events, ("c1", "half_close"), ("c1", "server_close"))
    times = (replace(event, time=number * seconds) for number, event in enumerate(recorded.events))
    recorded.events[:] = list(times)
    result = examine_recording(recorded, [*selected_rows(()), *selected_rows(CLIENT_IDS)])
    return {one.requirement.id: one for one in result.judged if one.verdict is not Verdict.NOT_TESTED}


def broken(results):
    return [id_ for id_, result in results.items() if result.findings and id_ != "TIME-1"]  # it is noon in all of them


def test_a_server_that_serves_them_is_not_accused_and_the_cause_comes_first():
    results = judged(*SERVED)
    assert broken(results) == ["CLIENT-2"]
    assert next(iter(results)).startswith("CLIENT-")
    assert "--framing none" in results["CLIENT-2"].findings[0].expected
    for id_ in ("JOIN-1", "PUBLIC-1", "PRIVATE-1", "CONFIRM-1"):
        assert results[id_].verdict is Verdict.PASS


def test_what_it_does_wrong_is_still_found():
    assert "PUBLIC-1" in broken(judged(*SERVED[:11], ("c2", "server", SAID), *SERVED[11:]))
    unconfirmed = [*SERVED[:12], *SERVED[13:], ("c1", "client", bare(SAYS)), ("c1", "server", SAID)]
    assert "CONFIRM-1" in broken(judged(*unconfirmed, seconds=0.1))


def test_of_objects_that_it_may_have_read_at_once_nothing_certain_is_said():
    close = [*SERVED[:8], ("c1", "client", bare(SAYS)), ("c1", "client", bare(WHISPERS)), ("c1", "server", ERROR)]
    at_once = [*SERVED[:8], ("c1", "client", bare(SAYS) + bare(WHISPERS)), ("c1", "server", ERROR)]
    for events in (close, at_once):
        results = judged(*events)
        assert broken(results) == ["CLIENT-2"]
        reasons = {result.reason for result in results.values() if result.verdict is Verdict.INCONCLUSIVE}
        assert reasons == {"c1, c2 sent objects with no LF (CLIENT-2), so nobody can say what the server read"}


def test_a_server_that_waits_for_the_lf_owes_nothing():
    assert broken(judged(*SERVED[:2], ("c1", "client", bare(SAYS)))) == ["CLIENT-2"]


def test_a_client_that_ends_its_frames_is_judged_as_ever():
    mixed = [("c3", "open"), ("c3", "client", join("eve")), *SERVED[:3], ("c3", "server", SAID)]
    assert "JOIN-2" in broken(judged(*mixed)) or "JOIN-1" in broken(judged(*mixed))
