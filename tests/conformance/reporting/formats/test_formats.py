"""Each form as its consumer reads it: the schemas of JUnit and SARIF, a Markdown renderer, shields' badge maker."""

import json
import re
import subprocess
from datetime import date
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from markdown_it import MarkdownIt

from chatproof_conformance.baseline.entries import Entry
from chatproof_conformance.reporting.formats import badge, github, html, junit, md, sarif
from chatproof_schemas import requirements, work_levels
from chatproof_schemas.transcript import Transcript, write_transcript
from support.made_reports import HOSTILE, STARTED, all_verdicts, finding, report, result, traffic
from support.paths import ROOT
from support.report_consumers import read_for_code_scanning, read_junit, read_sarif

KNOWN = Entry(requirement="PRIVATE-2", reason="a reason", expires=date(2999, 1, 1), link="https://example.org/1")
SPECIFICATION = (ROOT / "schemas" / "chatproof_schemas" / "SPEC.md").read_text("utf-8").splitlines()
STALE = Entry(requirement="PUBLIC-1", reason="an old reason", expires=date(2999, 1, 1))
EXPECTED = {
    "PUBLIC-1": None,
    "PRIVATE-2": "failure",
    "JOIN-3": None,
    "PRIVATE-1": "error",
    "ORDER-1": "error",
    "SERVER-1": "skipped",
}


def verdict_of(case):
    return next((child.tag for child in case if child.tag in ("failure", "error", "skipped")), None)


def rendered(text):
    return MarkdownIt("commonmark").enable("table").render(text)


def test_junit_has_a_test_for_each_requirement():
    (suite,) = read_junit(junit.render(all_verdicts()))
    cases = {case.get("name").split()[0]: case for case in suite.findall("testcase")}
    assert {id_: verdict_of(case) for id_, case in cases.items()} == EXPECTED
    assert cases["JOIN-3"].findtext("system-out").startswith("expected  ")
    assert "repeat    chatproof check localhost:12345 PRIVATE-2 --seed 7" in cases["PRIVATE-2"].findtext("failure")
    assert (suite.get("time"), suite.get("timestamp")) == ("2.500", "2026-01-31T14:30:25+00:00")


def test_junit_knows_strictness_baselines_and_an_early_end():
    (suite,) = read_junit(junit.render(all_verdicts(strict=True, entries=[KNOWN, STALE])))
    found = {case.get("name").split()[0]: verdict_of(case) for case in suite.findall("testcase")}
    assert found["JOIN-3"] == "failure"
    assert (found["PRIVATE-2"], found["PRIVATE-1"]) == ("skipped", "skipped")
    by_group = {case.get("classname"): case for case in suite.findall("testcase")}
    assert "it passes now" in by_group["chatproof.baseline"].find("failure").get("message")
    (suite,) = read_junit(junit.render(all_verdicts(gone="no connection")))
    assert suite.findall("testcase")[-1].find("error").get("message") == "no connection"


@pytest.mark.needs("npm")
def test_sarif_has_a_rule_for_each_requirement_and_a_result_for_each_finding(sarif_schema):
    run = read_sarif(sarif.render(all_verdicts(entries=[KNOWN, STALE])), sarif_schema)
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert rules == [*EXPECTED, "baseline"]
    leak, words, stale = run["results"]
    assert (leak["ruleId"], words["ruleId"], stale["ruleId"]) == ("PRIVATE-2", "JOIN-3", "baseline")
    assert leak["suppressions"] == [{"kind": "external", "justification": "until 2999-01-01: a reason"}]
    assert "suppressions" not in words
    (invocation,) = run["invocations"]
    assert invocation["exitCode"] == 1
    notes = [note["message"]["text"] for note in invocation["toolExecutionNotifications"]]
    assert notes[0] == "PRIVATE-1: blocked: needs PRIVATE-2, which is broken: nothing goes"


@pytest.mark.needs("npm")
def test_sarif_of_a_recording_names_the_file(sarif_schema):
    made = report(result("PRIVATE-2", findings=[finding()]), seeded=False, recording=Path("a b.ndjson"))
    (found,) = read_sarif(sarif.render(made), sarif_schema)["results"]
    assert found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "a%20b.ndjson"


def place_of(made):
    (found,) = read_for_code_scanning(sarif.render(made))["results"]
    place = found["locations"][0]["physicalLocation"]
    return place["artifactLocation"]["uri"], place["region"]["startLine"]


def test_a_result_of_a_recording_stands_at_the_line_of_its_event(tmp_path):
    recorded = Transcript("lf", STARTED, settled=True, events=traffic())
    write_transcript(recorded, tmp_path / "run.ndjson")
    found = finding(event=8)
    _, line = place_of(report(result("PRIVATE-2", findings=[found]), seeded=False, recording=tmp_path / "run.ndjson"))
    assert json.loads((tmp_path / "run.ndjson").read_text("utf-8").splitlines()[line - 1])["connection"] == "eve"
    assert "private_message" in (tmp_path / "run.ndjson").read_text("utf-8").splitlines()[line - 1]


def test_a_result_of_a_server_stands_at_its_program_or_else_at_the_requirement(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "chat server.py").touch()
    broken = result("PRIVATE-2", findings=[finding()])
    for command in ("python 'src/chat server.py' {port}", f"env A=1 '{tmp_path}/src/chat server.py'"):
        assert place_of(report(broken, described=command)) == ("src/chat%20server.py", 1)
    for elsewhere in ("localhost:12345", "the bundled server", "'no end", f"/bin/sh -c {'x' * 5000}", "\0"):
        uri, line = place_of(report(broken, described=elsewhere))
        assert (uri, SPECIFICATION[line - 1].split()[1]) == ("SPEC.md", "PRIVATE-2")


def test_rules_lead_to_the_specification():
    rules = read_for_code_scanning(sarif.render(all_verdicts(entries=[KNOWN, STALE])))["tool"]["driver"]["rules"]
    for rule in rules[:-1]:
        assert Path(unquote(urlsplit(rule["helpUri"]).path)).read_text("utf-8").splitlines() == SPECIFICATION


def test_annotations_are_a_line_for_each_broken_requirement():
    lines = github.render(all_verdicts()).splitlines()
    assert [re.match(r"::(\w+) title=(\S+)", line).groups() for line in lines] == [
        ("error", "PRIVATE-2"),
        ("warning", "JOIN-3"),
    ]
    assert not any("\x1b" in line and "\n" in line for line in lines)
    known = github.render(report(result("PRIVATE-2", findings=[finding()]), entries=[KNOWN, STALE]))
    assert known == ""
    assert (
        github.render(report(result("ORDER-1", reason="lost")))
        == "::error title=chatproof::Nothing certain can be said.\n"
    )


def test_github_shows_why_a_run_ended_before_it_has_too_many_annotations():
    ids = [id_ for id_ in requirements() if not id_.startswith("CLIENT")][:12]
    broken = [result(id_, findings=[finding(id_)]) for id_ in ids]
    lines = github.render(report(*broken, gone="it has ended")).splitlines()
    assert lines[0] == "::error title=chatproof::it has ended"
    assert sum(line.startswith("::error") for line in lines) == 10
    assert "more error" in lines[-1]


def test_markdown_shows_what_is_not_pass_and_draws_it():
    shown = rendered(md.render(all_verdicts()))
    assert re.findall(r"<strong>([A-Z]+-\d)</strong>", shown) == [id_ for id_ in EXPECTED if id_ != "PUBLIC-1"]
    assert shown.count('<code class="language-mermaid">sequenceDiagram') == 2
    counted = "1 passed, 1 warning, 1 failed, 1 blocked, 1 inconclusive, 1 not tested"
    assert f"<strong>{counted}</strong> of 6 requirements" in shown
    assert "server--&gt;&gt;c1: ✗ {" in shown


def test_nothing_that_a_peer_sends_is_markdown_or_html():
    text = md.render(all_verdicts(described=HOSTILE, gone=HOSTILE))
    shown = rendered(text)
    bare = re.sub(r"<code.*?</code>", "", shown, flags=re.DOTALL)
    assert HOSTILE[:20] not in bare
    own = {"h2", "p", "code", "strong", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "b", "pre"}
    assert set(re.findall(r"<(\w+)", shown)) <= own
    assert "\x1b" not in text
    cells = [line.count("</td>") for line in shown.split("</tr>") if "<td>" in line]
    assert set(cells) == {5}


@pytest.mark.parametrize("text", ["`", "``` x", "a|b", " ", "", "ends with `", "`` ` ``", "x" * 999])
def test_a_code_span_shows_its_text(text):
    shown = rendered(f"| a |\n|---|\n| {md.code(text)} |\n")
    (cell,) = re.findall(r"<td>(.*)</td>", shown)
    assert cell.startswith("<code>")
    assert cell.removeprefix("<code>").removesuffix("</code>").strip() == (
        text[:299] + "…" if len(text) > 300 else text.strip()
    )


def test_a_run_with_many_failures_keeps_its_summary_short():
    results = [result("PRIVATE-2", case="a", findings=[finding()])]
    results += [
        result(f"ERROR-{number}", case=f"c{number}", findings=[finding(f"ERROR-{number}", "c")])
        for number in range(1, 13)
    ]
    results += [
        result(f"JOIN-{number}", case=f"j{number}", findings=[finding(f"JOIN-{number}", "j")])
        for number in range(1, 12)
    ]
    text = md.render(report(*results))
    assert text.count("```mermaid") == 12
    assert "12 more are broken; `--report html=FILE` shows all of them." in text


@pytest.mark.parametrize(
    ("made", "message", "colour"),
    [
        (report(result("PUBLIC-1")), "1 of 1", "brightgreen"),
        (report(result("PUBLIC-1"), result("JOIN-3", findings=[finding("JOIN-3")])), "1 of 2, 1 warned", "green"),
        (report(result("PUBLIC-1"), result("SERVER-1", not_tested=True, reason="x")), "1 of 2", "green"),
        (report(result("PUBLIC-1"), result("PRIVATE-2", findings=[finding()])), "1 broken", "red"),
        (report(result("PRIVATE-2", findings=[finding()]), entries=[KNOWN]), "0 of 1, 1 known", "yellow"),
        (report(result("PUBLIC-1"), entries=[STALE]), "baseline outdated", "red"),
        (report(result("ORDER-1", reason="lost")), "0 of 1, the rest unknown", "lightgrey"),
    ],
)
def test_a_badge_has_the_colour_of_the_verdict(made, message, colour):
    assert json.loads(badge.render(made)) == {
        "schemaVersion": 1, "label": "chat server", "message": message, "color": colour,
    }  # fmt: skip


@pytest.mark.needs("node", "npm")
def test_shields_own_badge_maker_draws_it(tmp_path):
    (tmp_path / "badge.json").write_text(badge.render(all_verdicts()))
    words = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "badge-maker@4"]
    subprocess.run(words, cwd=tmp_path, check=True, capture_output=True, timeout=240)
    script = (
        "const { makeBadge } = require('badge-maker');"
        "const { schemaVersion, ...badge } = require('./badge.json'); console.log(makeBadge(badge));"
    )
    drawn = subprocess.run(["node", "-e", script], cwd=tmp_path, check=True, capture_output=True, text=True).stdout
    assert 'aria-label="chat server: 1 broken"' in drawn


def test_people_and_badges_learn_the_level_and_the_likely_cause():
    level = work_levels("server")[0]
    broken = [result("PRIVATE-2", case="leak", findings=[finding("PRIVATE-2", "leak")])]
    made = report(*(result(id_, case=id_) for id_ in level.ids), *broken)
    assert "Level 1 of 8: a user joins; next: frames however they arrive (FRAME-2, " in md.render(made)
    assert json.loads(badge.render(made))["message"] == "1 broken, level 1 of 8"
    assert "<dd>1 of 8: a user joins; next: frames however they arrive (FRAME-2, " in html.render(made)
    words = "our server sends to the wrong people; chatproof explain PRIVATE-2"
    for form in (md, html, junit):
        assert f"y{words}" in form.render(made)
