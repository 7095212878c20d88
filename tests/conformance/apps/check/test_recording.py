"""``chatproof check --transcript``: a recording is judged with no server there."""

import gzip

import pytest

from chatproof_conformance.apps.check import recording as checking
from chatproof_conformance.core.options import Options
from chatproof_conformance.reporting.run import VerdictPolicy
from chatproof_schemas.transcript import write_transcript
from support.commands import chatproof, command, save
from support.recordings import frame, join, notice, recording
from support.told import save_told

JOINED = [
    ("ann", "open"),
    ("ann", "client", join("ann")),
    ("ann", "server", notice("ann")),
    ("ann", "client", frame(type="message", content="hi")),
]
HEARD = frame(type="message", username="ann", content="hi", timestamp="12:00:00")


def check(folder, *events, words=(), **facts):
    write_transcript(recording(*events, **facts), folder / "recording.ndjson")
    return chatproof("check", "--transcript", "recording.ndjson", *words, folder=folder)


def test_a_recording_that_keeps_the_protocol(tmp_path):
    code, output = check(tmp_path, *JOINED, ("ann", "server", HEARD), words=["PUBLIC", "JOIN-1"])
    assert code == 0, output
    assert "What was recorded conforms." in output
    assert "2 deliveries seen" in output


def test_a_recording_compressed_by_gzip(tmp_path):
    check(tmp_path, *JOINED, ("ann", "server", HEARD * 2))
    whole = gzip.compress((tmp_path / "recording.ndjson").read_bytes())
    (tmp_path / "recording.ndjson.gz").write_bytes(whole)
    (tmp_path / "cut.ndjson.gz").write_bytes(whole[:-20])
    for words in (["check", "--transcript", "recording.ndjson.gz"], ["replay", "recording.ndjson.gz"]):
        code, output = chatproof(*words, folder=tmp_path)
        assert code == (1 if words[0] == "check" else 0), output
    code, output = chatproof("check", "--transcript", "cut.ndjson.gz", folder=tmp_path)
    assert (code, "cut.ndjson.gz: ends in the middle of its compressed data" in output) == (2, True), output


def test_a_broken_must_is_a_failure_with_its_event(tmp_path):
    code, output = check(tmp_path, *JOINED, ("ann", "server", HEARD * 2))
    assert code == 1
    assert "FAIL PUBLIC-1 (MUST)" in output
    assert "event 5" in output
    assert "chatproof check --transcript recording.ndjson PUBLIC-1" in output


def test_a_broken_should_is_a_warning_unless_strict(tmp_path):
    events = [*JOINED[:2], ("ann", "server", frame(type="system", message="welcome ann", timestamp="12:00:00"))]
    code, output = check(tmp_path, *events, words=["JOIN"])
    assert code == 0, output
    assert "WARNING JOIN-3 (SHOULD)" in output
    assert check(tmp_path, *events, words=["JOIN", "--strict"])[0] == 1


def test_what_may_still_be_on_its_way_is_not_missing(tmp_path):
    assert check(tmp_path, *JOINED, words=["PUBLIC"])[0] == 1
    transcript = recording(*JOINED)
    transcript.settled = False
    write_transcript(transcript, tmp_path / "cut.ndjson")
    code, output = chatproof("check", "--transcript", tmp_path / "cut.ndjson", "PUBLIC")
    assert code == 2, output
    assert "only what it proves to be lost counts as missing" in output


def test_a_saved_failure_is_judged_by_itself(tmp_path):
    path = save(tmp_path, "private-to-everyone", "PRIVATE-2")["PRIVATE-2"]
    code, output = chatproof("check", "--transcript", path)
    assert code == 1
    assert "FAIL PRIVATE-2 (MUST)" in output


def test_what_only_a_case_could_see_is_no_pass(tmp_path):
    # A system message of the server's own making is allowed; only who was there knows that it tells of a refused join.
    code, output = chatproof("check", "--transcript", save_told(tmp_path), "JOIN-4")
    assert code == 2, output
    assert "it was seen broken live (" in output


def test_of_clients_what_the_wire_shows_is_judged_where_it_is_asked_for(tmp_path):
    sent = frame(type="message", content="x" * 1000) + b"{"
    events = [("ann", "open"), ("ann", "client", sent), ("ann", "half_close")]
    code, output = check(tmp_path, *events)
    assert "CLIENT-" not in output
    code, output = check(tmp_path, *events, words=["CLIENT"])
    assert code == 1
    assert output.count("FAIL CLIENT-1") == 1
    assert output.count("FAIL CLIENT-2") == 2
    assert "at most 1024 bytes" in output
    assert "an LF after every frame at ann" in output
    code, output = check(tmp_path, ("ann", "open"), ("ann", "client", join("ann")), words=["CLIENT-2"])
    assert code == 0, output
    assert "1 frames checked" in output


def test_a_client_that_ends_no_frame_is_told(tmp_path):
    events = [("ann", "open"), ("ann", "client", join("ann").strip()), ("ann", "half_close")]
    code, output = check(tmp_path, *events, words=["CLIENT"])
    assert code == 1
    assert "FAIL CLIENT-2" in output
    assert "not tested: no client has sent a whole frame" in output


def test_frames_that_end_with_something_else_are_none(tmp_path):
    ending = [("ann", "half_close"), ("ann", "server_close")]
    for end, expected in ((b"\0", 1), (b"", 1), (b"{", 1), (b"\n", 0)):
        came = (notice("ann").strip() + end) * 2
        code, output = check(tmp_path, *JOINED[:2], ("ann", "server", came), *ending, words=["FRAME-1"])
        assert code == expected, output
    cut_off = ("ann", "server", notice("ann") + b'{"type":')
    code, output = check(tmp_path, *JOINED[:2], cut_off, *ending, words=["FRAME-1"])
    assert code == 0, output


def test_options_that_do_not_fit_are_refused(tmp_path):
    write_transcript(recording(*JOINED), tmp_path / "good.ndjson")
    for words, said in [
        (["missing"], "missing: cannot be read"),
        (["good.ndjson", "localhost:1"], "--transcript or a server, not both"),
        (["good.ndjson", "--command", command("baseline")], "--transcript or a server, not both"),
        (["good.ndjson", "--list"], "none of --save, --list, --failed, --level, --watch and --repeat"),
        (["good.ndjson", "NOTHING-1"], "none is called NOTHING-1"),
        (["good.ndjson", "CLIENT-4"], "a client's screen shows CLIENT-3, CLIENT-4"),
    ]:
        code, output = chatproof("check", "--transcript", *words, folder=tmp_path)
        assert code == 2
        assert said in output
        assert "Traceback" not in output


def test_an_error_of_the_judge_is_not_taken_for_one_of_the_recording(tmp_path, monkeypatch):
    def fail(*_):
        raise ValueError("our own mistake")

    write_transcript(recording(*JOINED), tmp_path / "good.ndjson")
    monkeypatch.setattr(checking, "examine_recording", fail)
    with pytest.raises(ValueError, match="our own mistake"):
        checking.check_recording(tmp_path / "good.ndjson", Options(), VerdictPolicy())
