"""What people and programs read of a check of a server, driven by events and an exploration made by hand."""

import io
import json
import re
from dataclasses import replace
from datetime import date

import pytest

from chatproof_conformance.baseline.entries import Baseline, Entry
from chatproof_conformance.core.exploration import Exploration, run_result
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.situations import Situations
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.document import document_of
from chatproof_conformance.reporting.formats import github, html, junit, md
from chatproof_conformance.reporting.json_lines import JsonLines
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_conformance.reporting.shape import read_report
from chatproof_conformance.reporting.summary import RunRequest
from support.made_reports import HOSTILE, SEEN, events_validator, finding, report_validator

WORDS = "starting\n" + "\n".join(f"line {number}" for number in range(8)) + "\nKeyError: 'nobody'\n"
LEAK = finding(
    case="", situation="private_message.target: absent; joined", hides=2, hidden=("PRIVATE-1",), last_words=WORDS
)
ORDER = finding("ORDER-3", "", situation="two talk at once")
IDS = ["PRIVATE-1", "PRIVATE-2", "PUBLIC-1", "PUBLIC-2", "ORDER-1", "ORDER-2", "ORDER-3", "SERVER-1"]


def request(**more):
    return RunRequest(described="a server", target_words=" localhost:1", options=Options(seed=7), **more)


def exploration(**more):
    situations = Situations([("event", "message", "state", "joined"), ("event", "join", "state", "joined")])
    situations.add("event", "message", "state", "joined")
    given = {
        "findings": (ORDER, LEAK),
        "evidence": dict.fromkeys(["PUBLIC-1", "PUBLIC-2"], SEEN),
        "blocked": dict.fromkeys(["PRIVATE-1", "ORDER-1"], ("PRIVATE-2", "a target gets what is not its own")),
        "untested": {"SERVER-1": "not told how to announce"},
        "unknown": {"ORDER-2": "nobody left"},
        "situations": situations,
    }
    return Exploration(**given | more)


def conclude(console, found, **policy):
    return Run(console.conclude, request()).conclude(run_result(found, IDS), VerdictPolicy(**policy))


def test_a_finding_is_printed_with_all_that_helps_the_moment_it_is_known(capsys):
    console = Console(request())
    console.begin()
    console.finding(LEAK)
    printed = capsys.readouterr().out
    for part in (
        "Checking a server (seed 7)",
        "FAIL PRIVATE-2 (MUST) ",
        "  expected  nothing of a private message at eve\n",
        "  situation private_message.target: absent; joined\n",
        '"content": "hi", "timestamp": "12:00:00"}   <- wrong\n',
        "  printed   the server printed:\n            line 1\n",
        "            KeyError: 'nobody'\n",
        "  repeat    chatproof check localhost:1 PRIVATE-2 --seed 7\n",
    ):
        assert part in printed
    assert "line 0" not in printed
    conclude(console, exploration())
    assert "FAIL PRIVATE-2" not in capsys.readouterr().out, "it was printed already"


def test_what_was_not_asked_for_is_not_printed_unless_it_stands_in_the_way(capsys):
    asked = RunRequest(described="a server", target_words="", options=Options(("PRIVATE-1",), seed=7))
    console = Console(asked)
    console.finding(LEAK)
    console.finding(ORDER)
    assert not capsys.readouterr().out
    found = run_result(exploration(), ["PRIVATE-1"])
    assert Run(console.conclude, asked).conclude(found, VerdictPolicy()) == 1
    printed = capsys.readouterr().out
    assert "FAIL PRIVATE-2" in printed
    assert "ORDER-3" not in printed
    assert "1 failed, 1 blocked of 2 requirements" in printed


def test_the_end_says_what_to_mend_first_and_counts_what_was_asked(capsys):
    assert conclude(Console(request(), situations=True), exploration()) == 1
    printed = capsys.readouterr().out
    first, second = printed.index("   1. PRIVATE-2  expected nothing"), printed.index("   2. ORDER-3 ")
    assert printed.index("Mend first") < first < second
    assert "2 others look like this (PRIVATE-1); 2 requirements cannot be tested before: ORDER-1, PRIVATE-1" in printed
    assert "  ✓ PUBLIC-1   PUBLIC-2\n" in printed
    assert "      blocked: needs PRIVATE-2, which is broken: a target gets" in printed
    assert "  event x state: 1 of 2 reached\n      not reached: join, joined\n" in printed
    assert "2 passed, 1 warning, 1 failed, 2 blocked, 1 inconclusive, 1 not tested of 8 requirements" in printed


def test_a_narrowed_finding_names_the_one_that_it_replaces(capsys):
    console = Console(request())
    console.finding(ORDER)
    capsys.readouterr()
    console.narrowed(LEAK, ORDER)
    printed = capsys.readouterr().out
    assert "FAIL PRIVATE-2" in printed
    assert "instead   of ORDER-3 above: nothing of a private message at eve" in printed


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (exploration(interrupted="the time was over: LOAD was not tried"), 1),
        (exploration(findings=(), blocked={}, interrupted="the time was over: LOAD was not tried"), 2),
        (exploration(interrupted="Ctrl+C: LOAD was not tried", by_user=True), 130),
        (exploration(findings=(), blocked={}, unknown={}, evidence=dict.fromkeys(IDS, SEEN)), 0),
    ],
)
def test_a_run_that_ends_early_says_what_was_not_tried(capsys, found, code):
    assert conclude(Console(request()), found) == code
    printed = capsys.readouterr().out
    assert ("The run ended early: " + (found.interrupted or "?") in printed) == bool(found.interrupted)
    assert ("The server does not conform." in printed) == bool(found.findings)


def test_who_was_asked_to_stop_is_said_if_the_server_is_behind_a_wrapper(capsys):
    asked = "SIGTERM was sent to sh (pid 1); 1 s later to server (pid 2), which listened behind it"
    found, console, kept = exploration(stop_request=asked), Console(request()), []
    Run(kept.append, request()).conclude(run_result(found, IDS), VerdictPolicy())
    console.conclude(kept[0])
    assert f"To stop it: {asked}." in " ".join(capsys.readouterr().out.split())
    document = document_of(kept[0])
    assert document["stop_request"] == asked
    report_validator().validate(document)
    assert f"To stop it: {asked}." in html.render(document)


def test_what_a_baseline_knows_is_no_failure_while_it_runs_either(capsys):
    entry = Entry(requirement="PRIVATE-2", reason="a reason", expires=date(2999, 1, 1))
    baseline = Baseline("known.json", (entry,))
    console = Console(request(), baseline)
    console.finding(LEAK)
    assert "FAIL" not in capsys.readouterr().out
    assert conclude(console, exploration(findings=(LEAK,), unknown={}), baseline=baseline) == 2
    printed = capsys.readouterr().out
    assert "KNOWN PRIVATE-2 until 2999-01-01: a reason" in printed
    assert "FAIL" not in printed


def test_programs_read_events_as_lines(capsys):
    console = JsonLines(request(), aside=True)
    console.begin()
    console.finding(ORDER)
    console.narrowed(LEAK, ORDER)
    conclude(console, exploration(findings=(LEAK,)))
    out, aside = capsys.readouterr()
    planned, found, narrowed, done = map(json.loads, out.splitlines())
    for event in (planned, found, narrowed, done):
        events_validator().validate(event)
        assert not events_validator().is_valid(event | {"event": "other"})
    assert done["verdicts"]["PRIVATE-2"] == "fail"
    assert [one["event"] for one in (planned, found, narrowed, done)] == ["planned", "finding", "narrowed", "done"]
    assert "PRIVATE-2" in planned["requirements"]
    assert (found["finding"]["requirement"], found["finding"]["level"]) == ("ORDER-3", "SHOULD")
    assert (narrowed["finding"]["requirement"], narrowed["replaces"]["requirement"]) == ("PRIVATE-2", "ORDER-3")
    assert narrowed["finding"]["last_words"] == WORDS
    assert (done["exit_code"], done["mend_first"], done["totals"]["fail"]) == (1, ["PRIVATE-2"], 1)
    assert "FAIL PRIVATE-2" in aside


@pytest.fixture
def report(tmp_path):
    """The report of an exploration with hostile texts, written and read again."""
    hostile = replace(LEAK, last_words=HOSTILE, situation=HOSTILE)
    found = exploration(findings=(ORDER, hostile), interrupted=HOSTILE)
    kept = []
    Run(kept.append, request()).conclude(run_result(found, IDS), VerdictPolicy())
    (file := tmp_path / "r.json").write_text(json.dumps(document_of(kept[0])))
    return read_report(str(file))


def test_the_report_has_all_of_it(report):
    report_validator().validate(report)
    assert report["mend_first"] == ["PRIVATE-2", "ORDER-3"]
    assert report["interrupted"] == HOSTILE
    assert report["situations"][0]["cells"][1] == {"values": ["join", "joined"], "reached": 0}
    (found,) = next(row for row in report["requirements"] if row["id"] == "PRIVATE-2")["findings"]
    assert (found["hides"], found["hidden"], found["last_words"]) == (2, ["PRIVATE-1"], HOSTILE)


def test_every_format_shows_what_to_mend_first_and_the_last_words(report):
    lines = github.render(report).splitlines()
    assert [line.split("::")[1][:21] for line in lines[:2]] == ["error title=chatproof", "error title=PRIVATE-2"]
    page = html.render(report)
    assert page.index('id="failure-PRIVATE-2"') < page.index('id="failure-ORDER-3"')
    for text in ("The server printed:", "2 others look like this (PRIVATE-1)", "event x state: 1 of 2 reached"):
        assert text in page
    assert "<script>" not in page
    assert "2 others look like this" in junit.render(report)
    assert md.render(report).index("<b>PRIVATE-2</b>") < md.render(report).index("<b>ORDER-3</b>")


def test_the_progress_line_says_what_is_waited_for(monkeypatch):
    console = Console(request())
    shown = []
    monkeypatch.setattr(console._progress, "update", lambda _, **more: shown.append(more["description"].strip()))  # noqa: SLF001
    console.waiting(["the server's stop"])
    assert shown == [], "the bar says how far the traffic is"
    console.progress(66, 67, "traffic")
    console.progress(67, 67, "drawn traffic")
    console.waiting(["the server's stop", "clients that do not read"])
    console.waiting([])
    assert shown == ["traffic", "drawn traffic", "waiting for the server's stop (and 1 more)"]
    assert all(len(text) <= 50 for text in shown), "beside the bar in 80 columns"


class Screen(io.StringIO):
    """A terminal of 80 columns."""

    def isatty(self):
        return True


def test_on_80_columns_nothing_is_broken_inside_a_word(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setattr("sys.stdout", screen := Screen())
    console = Console(request())
    console.begin()
    console.finding(LEAK)
    frames = replace(LEAK, situation="another; joined; " + "one frame a write, " * 5, events=LEAK.events * 3)
    console.finding(frames)
    conclude(console, exploration(findings=(ORDER, LEAK, frames), interrupted="the time limit was reached " * 4))
    lines = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen.getvalue()).splitlines()
    wide = [line for line in lines if len(line) > 80]
    assert [line for line in wide if not line.startswith("  repeat ")] == [], "what is copied stands on one line"


def test_the_sentence_of_a_requirement_is_printed_once_above_its_failures(capsys):
    console = Console(request())
    for number in range(3):
        console.finding(replace(LEAK, situation=f"{number}"))
    printed = capsys.readouterr().out
    assert printed.count("FAIL PRIVATE-2 (MUST) Nobody but its target") == 1
    assert printed.count("FAIL PRIVATE-2 (MUST) as above\n") == 2
