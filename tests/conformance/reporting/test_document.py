"""The data of a report: valid by its schema, the same each time, and true to the run."""

import copy
import json
import tracemalloc

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.explanations.reading import causes
from chatproof_conformance.reporting.document import document_of
from chatproof_conformance.reporting.formats.json import render
from chatproof_conformance.reporting.last_frames import last_frames
from chatproof_conformance.reporting.shape import read_report
from chatproof_conformance.reporting.traffic_steps import steps_of
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas import work_levels
from support.made_reports import all_verdicts, finding, report, report_validator, result, summary, traffic
from support.recordings import frame, recording


def test_a_report_of_every_verdict_is_valid_and_described_to_the_last_member():
    made = all_verdicts()
    assert {row["verdict"] for row in made["requirements"]} == {verdict.value for verdict in Verdict}
    report_validator().validate(made)
    assert not report_validator().is_valid(made | {"more": 1})
    assert not report_validator().is_valid({name: value for name, value in made.items() if name != "seed"})


def test_it_is_the_same_each_time_and_reads_back(tmp_path):
    (file := tmp_path / "report.json").write_text(render(all_verdicts()), "utf-8")
    assert render(read_report(str(file))) == render(all_verdicts())


def test_totals_and_evidence_add_up():
    made = all_verdicts()
    counted = dict.fromkeys((verdict.value for verdict in Verdict), 1)
    assert made["totals"] == {"requirements": 6, "known": 0} | counted
    assert made["evidence"] == {"deliveries": 18, "silences": 12, "frames": 54}
    assert (made["cases"], made["exit_code"], made["headline"]) == (6, 1, "The server does not conform.")


def test_a_finding_says_how_often_it_showed_and_how_to_repeat_it():
    (row,) = report(result("PRIVATE-2", findings=[finding(failures=1, attempts=3)]))["requirements"]
    (found,) = row["findings"]
    assert (found["failures"], found["attempts"]) == (1, 3)
    assert found["repeat"] == "chatproof check localhost:12345 PRIVATE-2 --seed 7"


def test_the_lines_that_repeat_name_what_the_run_was_told():
    told = {"options": Options(("PRIVATE",), "none", 7, 2.5), "strict": True}
    made = report(result("PRIVATE-2", findings=[finding()]), **told)
    assert made["repeat"] == "chatproof check localhost:12345 PRIVATE --framing none --seed 7 --budget 2.5 --strict"
    again = made["requirements"][0]["findings"][0]["repeat"]
    assert again == "chatproof check localhost:12345 PRIVATE-2 --framing none --seed 7"
    assert report(result("PUBLIC-1"), seeded=False)["repeat"] == "chatproof check localhost:12345"


def wrong_of(found, *how):
    """The places of what is marked among the steps of a finding's traffic."""
    return [place for place, step in enumerate(steps_of(found, *how)) if step.offending]


def test_the_wrong_frame_is_marked_and_markers_are_one_step():
    steps = steps_of(finding())
    wrong = [step for step in steps if step.offending]
    assert [(step.event, step.connection) for step in wrong] == [("server", "eve")]
    assert [step.count for step in steps if step.event == "markers"] == [3]
    assert [step.event for step in steps[-3:]] == ["reset", "half_close", "server_close"]
    assert any(step.text.endswith("(no LF yet)") for step in steps)


@pytest.mark.parametrize("noted", ["marker 1", None])
def test_only_what_a_recording_notes_is_a_marker(noted):
    said = ("marker pens", "marker 1", "Marker 1", "marker 1 of 2")
    frames = [frame(type="message", username="ann", content=content, timestamp="12:00:00") for content in said]
    notes = [("", "note", marker_note(noted))] if noted else []
    events = recording(*notes, *[("ann", "server", data) for data in frames]).events
    shown = [step.text for step in steps_of(Finding("PUBLIC-1", "x", "y", events=events)) if step.event == "server"]
    kept = [data.decode().strip() for content, data in zip(said, frames, strict=True) if content != noted]
    assert shown == kept
    assert last_frames(events, 9) == [f"ann ← {text}" for text in kept]


def test_a_note_of_whoever_wrote_the_recording_need_not_be_utf_8():
    events = recording(("", "note", marker_note("") + b"\xff"), ("ann", "server", b'{"content":"hi"}\n')).events
    assert last_frames(events, 9) == ['ann ← {"content":"hi"}']


def test_of_what_a_client_shows_twice_the_second_is_wrong():
    shown = b'{"event": "shown", "kind": "message", "username": "ann", "content": "hi"}'
    events = recording(("", "told", shown), ("", "told", shown.replace(b"hi", b"ho")), ("", "told", shown)).events
    found = Finding("CLIENT-8", "each once", "once more", connection="c1", frames=(shown,), events=events)
    assert wrong_of(found, "lf", "client") == [2]


def test_a_frame_at_another_connection_is_not_the_wrong_one():
    assert wrong_of(finding(connection="ann")) == []
    assert wrong_of(finding(connection=None)) == wrong_of(finding()) == [8]


def test_where_the_event_is_known_the_same_frame_elsewhere_is_not_the_wrong_one():
    twice = traffic()[8]
    events = [*traffic()[:9], twice, *traffic()[9:]]
    assert wrong_of(finding(events=events)) == [8, 9]
    assert wrong_of(finding(events=events, event=9)) == [9]
    assert wrong_of(finding(events=events, event=9, frames=())) == []


def test_a_frame_that_came_in_pieces_is_marked_where_it_ends():
    events = recording(("c1", "client", b'{"type":'), ("c1", "client", b'"x"}\n{}\n')).events
    found = Finding("CLIENT-2", "a valid message", "x", event=1, frames=(b'{"type":"x"}',), events=events)
    assert wrong_of(found, "lf", "client") == [1]


def test_a_frame_with_no_end_is_marked_at_its_last_piece_and_not_kept_once_more_for_each_piece():
    pieces = [b"[" * 1000] * 400
    events = recording(*[("c1", "client", piece) for piece in pieces], ("c1", "close")).events
    found = Finding("CLIENT-2", "an LF", "x", connection="c1", frames=(b"".join(pieces),), events=events)
    tracemalloc.start()
    try:
        (wrong,) = wrong_of(found, "lf", "client")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    steps = steps_of(found, "lf", "client")
    assert steps[wrong + 1].event == "close"
    assert most < 20 * len(b"".join(pieces))  # each piece with all before it: two hundred times as much


def test_the_wrong_frame_is_never_left_out():
    noise = [("ann", "client", b'{"n":%d}\n' % number) for number in range(200)]
    late = b'{"type":"message","username":"ann","content":"late"}'
    events = recording(("ann", "open"), *noise, ("eve", "server", late + b"\n"), *noise).events
    steps = steps_of(Finding("PUBLIC-1", "nothing more", "late", connection="eve", frames=(late,), events=events))
    assert len(steps) < 80
    assert sum(step.offending for step in steps) == 1
    assert sum(step.count for step in steps) == 402


def test_a_report_says_where_it_is_wrong_and_what_must_not_have_come():
    (row,) = report(result("PRIVATE-2", findings=[finding(event=8)]))["requirements"]
    (found,) = row["findings"]
    assert found["expected"] == "nothing of a private message at eve"
    assert (found["connection"], found["event"]) == ("eve", 8)
    assert found["frames"] == [step["text"] for step in found["traffic"] if step["offending"]]


def test_traffic_is_drawn_for_a_few_cases_of_a_requirement():
    found = [finding(case=f"case_{number}") for number in range(9)]
    (row,) = report(result("PRIVATE-2", findings=found))["requirements"]
    assert [bool(one["traffic"]) for one in row["findings"]] == [True] * 3 + [False] * 6


def test_a_recording_and_a_client_are_told_apart():
    assert document_of(summary([result("PUBLIC-1")], seeded=False))["checked"]["role"] == "recording"
    client = document_of(summary([result("CLIENT-1")], role=Role.CLIENT))
    assert (client["checked"]["role"], client["headline"]) == ("client", "The client conforms.")
    assert client["repeat"].startswith("chatproof check-client localhost:12345")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", ":1:2: is not JSON"),
        ("[]", 'is no report: it lacks "chatproof": "report"; `chatproof check --report json=FILE` writes one'),
        ('{"chatproof": "selftest", "version": 1}', "is no report"),
        ('{"chatproof": "report", "version": 2}', "/version: is 2; this chatproof reads version 1"),
        ('{"chatproof": "report", "version": true}', "/version: is true"),
        ('{"chatproof": "report", "version": 1}', "is a required property"),
        ("[" * 100_000, "is nested too deeply"),
        (b"\xff", "is not UTF-8 at byte 1"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_what_is_no_report_is_refused_with_the_place(tmp_path, text, complaint):
    file = tmp_path / "report.json"
    if text is not None:
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(DocumentError) as refused:
        read_report(str(file))
    assert complaint in str(refused.value)
    assert str(refused.value).startswith(str(file))


def test_a_wrong_value_deep_inside_is_named(tmp_path):
    made = copy.deepcopy(all_verdicts())
    made["requirements"][2]["verdict"] = "perhaps"
    (file := tmp_path / "report.json").write_text(json.dumps(made))
    with pytest.raises(DocumentError, match="/requirements/2/verdict: 'perhaps' is not one of"):
        read_report(str(file))


def test_members_of_a_later_release_are_ignored(tmp_path):
    (file := tmp_path / "report.json").write_text(json.dumps(all_verdicts() | {"later": {}}))
    assert read_report(str(file))["exit_code"] == 1


def test_it_says_which_level_is_reached_and_is_repeated_by_it():
    first, second, *_ = work_levels("server")
    made = report(*(result(id_, case=id_) for id_ in first.ids), options=Options(selection=first.ids, seed=7, level=1))
    assert made["level"] == {
        "reached": 1,
        "subject": first.subject,
        "of": 8,
        "next": {"level": 2, "subject": second.subject, "open": list(second.musts)},
    }
    assert made["repeat"] == "chatproof check localhost:12345 --level 1 --seed 7"
    report_validator().validate(made)
    assert all_verdicts()["level"] is None


def test_a_finding_names_its_likely_cause_and_what_explains_more():
    found = next(row for row in all_verdicts()["requirements"] if row["id"] == "PRIVATE-2")["findings"][0]
    assert found["cause"] == {"name": "wrong-recipients", "title": causes()["wrong-recipients"].title}
    assert found["explain"] == "chatproof explain PRIVATE-2"
