"""``--report`` as its user meets it: on a server, a client and a recording; and what is refused before a run begins."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatproof_common.command_line.files import require_separate
from chatproof_common.command_line.values import CommandError
from chatproof_conformance.reporting.formats import badge, html, junit, md
from chatproof_conformance.reporting.reports import Destination, read_destinations
from chatproof_conformance.reporting.shape import read_report
from chatproof_schemas.transcript import write_transcript
from support.commands import run_command, server_command
from support.made_reports import report_validator, traffic
from support.paths import RUN_CLIENT
from support.recordings import recording

CLIENT = f"{sys.executable} {RUN_CLIENT} client-speaks-first"
LEAK = (*server_command("private-to-everyone"), "PRIVATE-2", "--seed", "1")


def test_a_real_failure_in_every_form(run_check, tmp_path):
    kinds = "json=out/r.json,html=out/r.html,junit=out/r.xml"
    done = run_check(
        *LEAK, "--report", kinds, "--report", "sarif=out/r.sarif,md=out/r.md,badge=out/b.json,github=out/g.txt"
    )
    assert done.returncode == 1
    assert "FAIL PRIVATE-2" in done.stdout
    out = tmp_path / "out"
    made = read_report(str(out / "r.json"))
    report_validator().validate(made)
    found, *_ = made["requirements"][0]["findings"]
    assert [step["connection"] for step in found["traffic"] if step["offending"]] == [found["connection"]]
    assert (set(made["mend_first"]), found["case"]) == ({"PRIVATE-2"}, found["situation"])
    for name, form in (("r.html", html), ("r.xml", junit), ("r.md", md), ("b.json", badge)):
        assert (out / name).read_text("utf-8") == form.render(made)
    assert json.loads((out / "r.sarif").read_text("utf-8"))["runs"][0]["results"][0]["ruleId"] == "PRIVATE-2"
    assert (out / "g.txt").read_text("utf-8").startswith("::error title=PRIVATE-2")


def test_standard_output_is_the_reports_alone(run_check):
    done = run_check(*LEAK, "--report", "json=-")
    report_validator().validate(json.loads(done.stdout))
    assert "The server does not conform." in done.stderr


def test_a_client_is_reported_too(run_check_client, tmp_path):
    done = run_check_client("--command", CLIENT, "--report", "json=r.json,html=r.html")
    assert done.returncode == 1
    made = read_report(str(tmp_path / "r.json"))
    report_validator().validate(made)
    assert made["checked"] == {"role": "client", "name": CLIENT, "recording": None}
    assert made["requirements"][0]["id"] == "CLIENT-1"
    assert made["requirements"][0]["findings"][0]["traffic"]
    drawn = 'aria-label="Sequence diagram of CLIENT-1 in '
    assert drawn in (tmp_path / "r.html").read_text("utf-8")


def test_a_recording_is_reported_and_held_against_a_baseline(tmp_path, run_check):
    events = traffic()
    write_transcript(recording(*((one.connection, one.kind, one.data) for one in events)), tmp_path / "a.ndjson")
    words = ("--transcript", "a.ndjson", "PRIVATE-2", "--report", "json=r.json")
    assert run_check(*words, "--write-baseline", "known.json").returncode == 1
    made = read_report(str(tmp_path / "r.json"))
    report_validator().validate(made)
    assert made["checked"] == {"role": "recording", "name": "a.ndjson", "recording": "a.ndjson"}
    assert made["seed"] is None
    found, *_ = made["requirements"][0]["findings"]
    assert found["traffic"][-1]["offending"]
    again = run_check(*words, "--baseline", "known.json")
    assert again.returncode == 0
    assert "What was recorded conforms, but for known failures." in again.stdout


def test_a_job_of_github_gets_its_summary_by_itself(tmp_path):
    (summary := tmp_path / "summary.md").write_text("what another step wrote\n")
    environment = {**os.environ, "GITHUB_STEP_SUMMARY": str(summary)}
    run_command("check", "--level", "1", folder=tmp_path, environment=environment)
    text = summary.read_text("utf-8")
    assert text.startswith("what another step wrote\n## ✅ The server conforms.")
    away = {**environment, "GITHUB_STEP_SUMMARY": str(tmp_path)}
    done = run_command("check", "--level", "1", folder=tmp_path, environment=away)
    assert (done.returncode, done.stderr.count("\n")) == (0, 1)
    assert done.stderr.startswith("chatproof: no summary of this job: GITHUB_STEP_SUMMARY=")


def test_reports_are_written_though_nobody_reads_the_terminal(tmp_path):
    chatproof = Path(sys.executable).with_name("chatproof")
    words = [chatproof, "check", "--level", "1", "--report", "badge=b.json"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout.readline().startswith(b"Checking")
        process.stdout.close()
        assert process.stderr.read() == b""
    assert json.loads((tmp_path / "b.json").read_text())["color"] == "brightgreen"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (
            ["pdf=x"],
            "--report 'pdf=x': there is no kind 'pdf'; the kinds are html, json, junit, sarif, md, badge, github",
        ),
        (["html"], "--report 'html': names no file; write html=FILE"),
        (["html="], "names no file; write html=FILE"),
        (["html=a,json"], "--report html=a,json"),
        (["html=a,md=a"], "a is given twice"),
        (["html=-", "json=-"], "- is given twice"),
        (["html=."], "--report html=.: cannot be written: Is a directory"),
        (["html=/dev/null/a/b"], "--report html=/dev/null/a/b: no folder can be made there"),
    ],
)
def test_what_cannot_be_reported_is_refused(words, complaint, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    if words == ["html=a,json"]:
        assert read_destinations(words) == (Destination("html", "a,json"),), "a comma may be part of a name"
        return
    with pytest.raises(CommandError) as refused:
        require_separate((), [one.file for one in read_destinations(words)])
    assert complaint in str(refused.value)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("option", [["--report", "html=."], ["--baseline", "none.json"], ["--write-baseline", "."]])
def test_it_is_refused_before_the_run(run_check, run_check_client, option):
    for run, name in ((run_check, "check"), (run_check_client, "check-client")):
        done = run(*option)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.startswith(f"chatproof {name}: ")
        assert len(done.stderr.splitlines()) == 1


def test_reports_cost_nothing_where_none_is_asked_for():
    script = (
        "import sys; from chatproof_conformance.engine import checking;"
        "print([name for name in sys.modules if name.split('.')[-1] in ('formats', 'html', 'document', 'baseline')"
        " and name.startswith('chatproof')])"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert done.stdout == "[]\n"
