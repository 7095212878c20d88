"""What a tap tells others: its reports, and the baseline that it is held against."""

import json

import pytest

from chatproof_conformance.reporting.formats import html, junit, md
from chatproof_conformance.reporting.shape import read_report
from support.commands import chatproof, run_command, running
from support.made_reports import report_validator
from support.recordings import frame, join
from support.tapping import program, sends

KINDS = "json=r.json,html=r.html,junit=r.xml,md=r.md,sarif=r.sarif"
EMPTY = frame(type="message", content="")
WRONG = (join("ann"), EMPTY)


@pytest.fixture(scope="module")
def wordy():
    """The address of a server whose join notices read otherwise: it breaks a SHOULD."""
    with running("join-in-other-words") as place:
        yield place


def tapped(folder, server, *words, says=WRONG):
    with program(server, "--quiet", "--connections", 1, *words, folder=folder) as tap:
        sends(tap, *says)
        return tap.ended()


def findings(made):
    return {row["id"]: row["findings"] for row in made["requirements"] if row["findings"]}


def test_a_report_in_every_form_is_that_of_the_record(wordy, tmp_path):
    code, text = tapped(tmp_path, wordy, "--record", "run.ndjson", "--report", KINDS)
    assert code == 1, text
    made = read_report(str(tmp_path / "r.json"))
    report_validator().validate(made)
    assert made["checked"] == {"role": "recording", "name": f"what passed to {wordy}", "recording": "run.ndjson"}
    assert made["repeat"] == f"chatproof tap --to={wordy} --connections=1"
    assert made["headline"] == "What passed does not conform."
    assert set(findings(made)) == {"JOIN-3", "CLIENT-2"}
    assert made["totals"]["requirements"] > made["totals"]["not tested"] > 0
    for name, form in (("r.html", html), ("r.xml", junit), ("r.md", md)):
        assert (tmp_path / name).read_text("utf-8") == form.render(made)
    results = json.loads((tmp_path / "r.sarif").read_text("utf-8"))["runs"][0]["results"]
    places = [result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for result in results]
    assert set(places) == {"run.ndjson"}


def test_what_repeats_a_finding_finds_it_again(wordy, tmp_path):
    tapped(tmp_path, wordy, "--record", "a run.ndjson", "--report", "json=r.json", says=(EMPTY, b'{"type":"join"'))
    found = findings(read_report(str(tmp_path / "r.json")))
    assert set(found) == {"CLIENT-1", "CLIENT-2"}
    assert len(found["CLIENT-2"]) == 2
    assert [step["text"] for one in found["CLIENT-1"] for step in one["traffic"] if step["offending"]] == [
        '{"type": "message", "content": ""}'
    ]
    for id_, rows in found.items():
        assert {row["repeat"] for row in rows} == {f"chatproof check --transcript 'a run.ndjson' {id_}"}
        code, text = chatproof(
            "check", "--transcript", "a run.ndjson", id_, "--report", "json=again.json", folder=tmp_path
        )
        assert code == 1, text
        again = findings(read_report(str(tmp_path / "again.json")))
        assert again == {id_: rows}
    code, text = chatproof("validate", "a run.ndjson", folder=tmp_path)
    place = int(found["CLIENT-2"][0]["case"].removeprefix("event ")) + 1
    assert (code, f"a run.ndjson:{place}: /content: is empty" in text) == (1, True), text


def test_without_a_record_a_finding_says_what_would_keep_it(wordy, tmp_path):
    tapped(tmp_path, wordy, "--report", "json=r.json,sarif=r.sarif", "--judge", "client", "--framing", "lf")
    made = read_report(str(tmp_path / "r.json"))
    assert made["repeat"] == f"chatproof tap --to={wordy} --judge=client --connections=1"
    assert (made["checked"]["recording"], made["evidence"]["frames"]) == (None, 2)
    assert findings(made)["CLIENT-2"][0]["repeat"] == "give --record FILE, and what shows it is kept"
    (result,) = json.loads((tmp_path / "r.sarif").read_text("utf-8"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "SPEC.md"


def test_a_baseline_is_made_and_held_against_the_next_run(wordy, tmp_path):
    assert tapped(tmp_path, wordy, "--strict", "--write-baseline", "known.json")[0] == 1
    code, text = tapped(tmp_path, wordy, "--strict", "--baseline", "known.json")
    assert code == 0, text
    assert "KNOWN CLIENT-2" in text
    assert "What passed conforms, but for known failures." in text
    code, text = tapped(tmp_path, wordy, "--strict", "--baseline", "known.json", says=[join("ann")])
    assert code == 1, text
    assert "BASELINE CLIENT-2 it passes now" in text


def test_an_entry_for_a_case_says_nothing_of_a_tap(wordy, tmp_path):
    entry = {"requirement": "JOIN-1", "case": "everyone_is_told", "reason": "known", "expires": "9999-01-01"}
    (tmp_path / "known.json").write_text(json.dumps({"chatproof": "baseline", "version": 1, "known": [entry]}))
    code, text = tapped(tmp_path, wordy, "--baseline", "known.json", says=[join("ann")])
    assert code == 0, text


def test_standard_output_is_the_reports_alone(wordy, tmp_path):
    words = ("--to", wordy, "--report", "json=-", "--json", "--", "echo", "{}")
    done = run_command("tap", *words, folder=tmp_path)
    report_validator().validate(json.loads(done.stdout))
    assert [json.loads(line).get("event") for line in done.stderr.splitlines()] == ["listening", None, "verdict"]


def test_a_report_that_cannot_be_written_is_told_before_anything_passes(wordy, tmp_path):
    done = run_command("tap", "--to", wordy, "--report", "pdf=r.pdf", folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "chatproof tap: --report 'pdf=r.pdf': there is no kind 'pdf'" in done.stderr
