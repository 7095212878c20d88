"""Known failures: what an entry covers, when it does not hold, and what a run then says."""

import json
import sys
from datetime import date, timedelta

import pytest

from chatproof_conformance.baseline.applying import apply_baseline
from chatproof_conformance.baseline.entries import FORM, Baseline, Entry, read_baseline, write_baseline
from chatproof_conformance.baseline.making import DAYS, make_entries
from chatproof_conformance.core.exploration import Exploration, run_result
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.verdicts import RunResult, exit_code, judge_requirements
from support.made_reports import SEEN, finding, report, result

TODAY = date(2026, 1, 31)
LATER, EARLIER = TODAY + timedelta(1), TODAY - timedelta(1)
STALE = "it passes now"


def entry(id_="PRIVATE-2", expires=LATER, **more):
    return Entry(requirement=id_, reason="a reason", expires=expires, **more)


def broken(id_="PRIVATE-2", case="nobody_else", **more):
    return result(id_, case=case, findings=[finding(id_, case, **more)])


def meet(*results, entries, strict=False):
    """Hold entries against results; return the problems, the ids accepted, and the exit code."""
    judged = judge_requirements(results, list(dict.fromkeys(id_ for one in results for id_ in one.requirements)))
    found = RunResult(tuple(judged), tuple(results))
    applied = apply_baseline(Baseline("b", tuple(entries)), found, today=TODAY)
    problems = list(applied.unfounded.values())
    code = 1 if problems else exit_code(judged, strict=strict, accepted=applied.accepted)
    return problems, set(applied.accepted), code


def test_a_known_failure_does_not_fail_the_run():
    assert meet(broken(), result("PUBLIC-1"), entries=[entry()]) == ([], {"PRIVATE-2"}, 0)
    assert meet(broken(), entries=[entry()])[2] == 0


def test_another_failure_does():
    assert meet(broken(), broken("PUBLIC-1", "once"), entries=[entry()]) == ([], {"PRIVATE-2"}, 1)


def test_it_holds_on_its_last_day_and_not_after():
    assert meet(broken(), entries=[entry(expires=TODAY)])[2] == 0
    problems, accepted, code = meet(broken(), entries=[entry(expires=EARLIER)])
    assert problems == [f"expired on {EARLIER}: mend the failure, or find a new date and reason"]
    assert (accepted, code) == (set(), 1)


def test_what_passes_is_stale():
    problems, _, code = meet(result("PRIVATE-2"), entries=[entry()])
    assert problems[0].startswith(STALE)
    assert code == 1


def test_an_intermittent_failure_may_pass_until_it_expires():
    assert meet(result("PRIVATE-2"), entries=[entry(intermittent=True)]) == ([], set(), 0)
    assert meet(result("PRIVATE-2"), entries=[entry(intermittent=True, expires=EARLIER)])[2] == 1


def test_an_older_entry_that_names_a_case_holds_for_the_requirement():
    assert meet(broken("CLIENT-8"), entries=[entry("CLIENT-8", case="gone")]) == ([], {"CLIENT-8"}, 0)
    assert meet(broken(), entries=[entry(case="gone")]) == ([], {"PRIVATE-2"}, 0)
    assert meet(broken(), entries=[entry(case="gone"), entry(case="other")]) == ([], {"PRIVATE-2"}, 0)


def explored(*findings, **more):
    exploration = Exploration(findings=findings, **{"evidence": {"PUBLIC-1": SEEN}} | more)
    return run_result(exploration, ["PRIVATE-1", "PRIVATE-2", "PUBLIC-1"])


def test_a_baseline_of_a_server_holds_whatever_of_it_shows_with_another_seed():
    first = explored(finding("PRIVATE-2", "", situation="joined", hidden=("PRIVATE-1",)))
    written = Baseline("b", tuple(make_entries(first.judged, None, strict=False, today=TODAY)))
    elsewhere = finding("PRIVATE-2", "", situation="joined; chunks")
    for found in (
        explored(elsewhere, blocked={"PRIVATE-1": ("PRIVATE-2", "it leaks")}),
        explored(elsewhere, finding("PRIVATE-1", "", situation="alone")),
        explored(elsewhere, evidence={"PRIVATE-1": SEEN, "PUBLIC-1": SEEN}),
    ):
        applied = apply_baseline(written, found, today=TODAY)
        assert not applied.unfounded
        assert exit_code(found.judged, strict=False, accepted=applied.accepted) == 0


def test_nothing_is_stale_in_a_run_that_ended_early():
    found = explored(evidence={"PRIVATE-2": SEEN}, interrupted="the time was over")
    assert not apply_baseline(Baseline("b", (entry(),)), found, today=TODAY).unfounded
    whole = explored(evidence={"PRIVATE-2": SEEN})
    assert apply_baseline(Baseline("b", (entry(),)), whole, today=TODAY).unfounded


@pytest.mark.parametrize("expires", [LATER, EARLIER])
def test_nothing_is_said_of_what_was_not_selected(expires):
    assert meet(result("PUBLIC-1"), entries=[entry(expires=expires)]) == ([], set(), 0)


@pytest.mark.parametrize("facts", [{"reason": "lost"}, {"reason": "not told how", "not_tested": True}])
def test_what_could_not_be_tried_is_not_stale(facts):
    code = 0 if "not_tested" in facts else 2
    assert meet(result("PRIVATE-2", **facts), result("PUBLIC-1"), entries=[entry()]) == ([], set(), code)


def test_what_known_failures_hold_up_is_accepted_and_nothing_else():
    blocked = result("PUBLIC-1", case="once", reason="nobody can join", blocked_by="PRIVATE-2")
    assert meet(broken(), blocked, entries=[entry()]) == ([], {"PRIVATE-2", "PUBLIC-1"}, 0)
    lost = result("PUBLIC-1", case="more", reason="a fence was lost")
    assert meet(broken(), blocked, lost, entries=[entry()])[2] == 2
    early = result("PRIVATE-2", "PRIVATE-1", findings=[finding()])
    assert meet(early, entries=[entry()]) == ([], {"PRIVATE-2", "PRIVATE-1"}, 0)


def test_a_known_warning_does_not_fail_a_strict_run():
    words = broken("JOIN-3", "words")
    assert meet(words, entries=[entry("JOIN-3")], strict=True) == ([], {"JOIN-3"}, 0)
    assert meet(result("JOIN-3"), entries=[entry("JOIN-3")])[0][0].startswith(STALE)


def made(*results, strict=False, entries=()):
    ids = [id_ for one in results for id_ in one.requirements]
    judged = judge_requirements(results, ids)
    found = RunResult(tuple(judged), tuple(results))
    applied = apply_baseline(Baseline("b", tuple(entries)), found, today=TODAY)
    return make_entries(judged, applied if entries else None, strict=strict, today=TODAY)


def test_a_new_baseline_knows_what_fails_the_run():
    results = [broken("PUBLIC-1", "once"), broken("JOIN-3", "words"), result("JOIN-1", case="joins")]
    assert [(one.requirement, one.case, one.expires) for one in made(*results)] == [
        ("PUBLIC-1", None, TODAY + timedelta(DAYS))
    ]
    assert [one.requirement for one in made(*results, strict=True)] == ["PUBLIC-1", "JOIN-3"]
    assert meet(*results, entries=made(*results, strict=True), strict=True)[2] == 0


def test_what_shows_by_chance_is_intermittent_in_it():
    assert [one.intermittent for one in made(broken(drawn=True))] == [True]
    assert [one.intermittent for one in made(broken(failures=1, attempts=3))] == [True]
    assert [one.intermittent for one in made(broken())] == [False]


def test_a_baseline_is_renewed():
    kept, stale = entry(link="https://example.org/1"), entry("JOIN-1")
    renewed = made(result("JOIN-1", case="joins"), broken(), broken("PUBLIC-1", "once"), entries=[kept, stale])
    assert [one.requirement for one in renewed] == ["PRIVATE-2", "PUBLIC-1"]
    assert renewed[0] == kept


def test_it_is_written_and_read(tmp_path):
    entries = [entry(), entry("JOIN-3", case="words", link="https://example.org/1", intermittent=True)]
    write_baseline(entries, tmp_path / "known.json")
    assert read_baseline(str(tmp_path / "known.json")).entries == tuple(entries)


ENTRY = {"requirement": "JOIN-9", "reason": "x", "expires": "2027-02-20"}


@pytest.mark.parametrize(
    ("known", "complaint"),
    [
        ([ENTRY | {"requirement": "JOIN-99"}], '/known/0/requirement: "JOIN-99" is no requirement; `chatproof check'),
        ([ENTRY | {"reason": " "}], '/known/0/reason: is " "; expected why it is accepted for now'),
        ([ENTRY | {"expires": "soon"}], '/known/0/expires: is "soon"; expected the last day on which'),
        ([ENTRY | {"expires": "2027-02-30"}], "/known/0/expires: 2027-02-30 is no day of the calendar"),
        ([ENTRY | {"link": "javascript:x"}], '/known/0/link: is "javascript:x"; expected where it is dealt with'),
        ([ENTRY | {"due": 1}], "/known/0: Additional properties are not allowed ('due' was unexpected)"),
        ([{"requirement": "JOIN-9", "reason": "x"}], "/known/0: 'expires' is a required property"),
        ([ENTRY, ENTRY], "/known/1: says JOIN-9 again, as /known/0 does; expected once"),
        ([7], "/known/0: is 7; expected an object with requirement, reason and expires"),
        ({}, "/known: is {}; expected a list of known failures"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_place(tmp_path, known, complaint):
    (file := tmp_path / "known.json").write_text(json.dumps({"chatproof": "baseline", "version": 1, "known": known}))
    with pytest.raises(DocumentError) as refused:
        read_baseline(str(file))
    assert str(refused.value).startswith(f"{file}: {complaint}")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32-be"])
def test_another_encoding_is_named(tmp_path, encoding):
    (file := tmp_path / "known.json").write_bytes('{"chatproof": "baseline"}'.encode(encoding))
    with pytest.raises(DocumentError, match=r"known.json: looks like UTF-(16|16LE|32BE), not UTF-8 "):
        read_baseline(str(file))


@pytest.mark.skipif(sys.platform != "linux", reason="reads a device of Linux")
def test_a_device_without_an_end_is_given_up():
    with pytest.raises(DocumentError, match=r"^/dev/zero: is longer than 67108864 bytes"):
        read_baseline("/dev/zero")


def test_its_schema_may_be_named_in_it(tmp_path):
    text = json.dumps({"$schema": FORM.schema()["$id"], "chatproof": "baseline", "version": 1, "known": []})
    (tmp_path / "known.json").write_text(text)
    assert read_baseline(str(tmp_path / "known.json")).entries == ()


def test_a_report_tells_what_is_known_and_what_does_not_hold():
    told = report(
        broken(), result("PUBLIC-1", case="once"), entries=[entry(expires=date(2999, 1, 1)), entry("PUBLIC-1")]
    )
    leak, public = told["requirements"]
    assert (leak["known"], public["known"], told["totals"]["known"]) == (True, False, 1)
    assert leak["findings"][0]["known"] == {"reason": "a reason", "link": None, "expires": "2999-01-01"}
    assert [(one["requirement"], one["problem"][: len(STALE)]) for one in told["baseline"]["broken"]] == [
        ("PUBLIC-1", STALE)
    ]
    assert told["headline"] == "The baseline does not hold."


def test_the_command_makes_a_baseline_keeps_to_it_and_refuses_a_stale_one(check_server, tmp_path):
    words = ("--level", "1", "--strict")
    assert check_server("join-in-other-words", *words, "--write-baseline", "known.json").returncode == 1
    known = check_server("join-in-other-words", *words, "--baseline", "known.json")
    assert (known.returncode, known.stderr) == (0, "")
    assert "\nKNOWN JOIN-3 until " in known.stdout
    assert "The server conforms, but for known failures." in known.stdout
    assert "WARNING" not in known.stdout
    mended = check_server("baseline", *words, "--baseline", "known.json")
    assert mended.returncode == 1
    assert f"\nBASELINE JOIN-3 {STALE}: remove the entry" in mended.stdout
    assert "The baseline does not hold." in mended.stdout
    other = check_server("baseline", "PRIVATE-2", "--baseline", "known.json")
    assert other.returncode == 0, "of what was not selected nothing is said"


def test_an_entry_with_a_text_covers_what_says_so_and_nothing_else():
    known = entry(text='got private_message "hi" from')
    assert meet(broken(), entries=[known]) == ([], {"PRIVATE-2"}, 0)
    assert meet(broken(text="psst"), entries=[known])[1:] == (set(), 1)
    assert meet(broken(text="psst"), entries=[known, entry(text="psst")])[1:] == ({"PRIVATE-2"}, 0)
    assert meet(result("PRIVATE-2"), entries=[known])[0][0].startswith(STALE)


def test_a_text_is_read_and_written(tmp_path):
    file = tmp_path / "b.json"
    write_baseline([entry(text="a"), entry(text="b"), entry()], file)
    assert [one.text for one in read_baseline(str(file)).entries] == ["a", "b", None]
    assert str(read_baseline(str(file)).entries[0]) == 'PRIVATE-2 ("a")'
    write_baseline([entry(text="a"), entry(text="a")], file)
    with pytest.raises(DocumentError, match=r"/known/1: says PRIVATE-2 \(.*\) again, as /known/0 does"):
        read_baseline(str(file))
