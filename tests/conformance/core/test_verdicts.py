"""How results become verdicts and exit codes."""

import pytest

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import CaseResult, Verdict, exit_code, judge_requirements

SEEN = Evidence(deliveries=1)


def result(*ids, case="case", evidence=SEEN, **more):
    return CaseResult(case, "sentence", ids, evidence=evidence, **more)


def finding(id_, case="case"):
    return Finding(id_, "this", "that", case=case)


def verdicts(*results, ids):
    return [judged.verdict for judged in judge_requirements(results, ids)]


def test_a_pass_rests_on_evidence():
    assert verdicts(result("PUBLIC-1"), ids=["PUBLIC-1"]) == [Verdict.PASS]
    assert verdicts(result("PUBLIC-1", evidence=Evidence()), ids=["PUBLIC-1"]) == [Verdict.INCONCLUSIVE]


def test_the_level_decides_between_failure_and_warning():
    broken = result("PUBLIC-1", "JOIN-3", findings=(finding("PUBLIC-1"), finding("JOIN-3")))
    assert verdicts(broken, ids=["PUBLIC-1", "JOIN-3"]) == [Verdict.FAIL, Verdict.WARNING]


def test_a_finding_counts_whatever_case_sees_it():
    broken = result("PUBLIC-1", findings=(finding("FRAME-1"),))
    assert verdicts(broken, result("FRAME-1", case="other"), ids=["FRAME-1", "PUBLIC-1"]) == [
        Verdict.FAIL,
        Verdict.PASS,
    ]


def test_causes_collapse():
    join = result("JOIN-1", findings=(finding("JOIN-1"),))
    blocked = result("PUBLIC-1", case="other", reason="nobody can join", blocked_by="JOIN-1")
    assert verdicts(join, blocked, ids=["JOIN-1", "PUBLIC-1"]) == [Verdict.FAIL, Verdict.BLOCKED]


def test_blocked_by_what_works_elsewhere_is_inconclusive():
    blocked = result("PUBLIC-1", case="other", reason="nobody can join", blocked_by="JOIN-1")
    assert verdicts(result("JOIN-1"), blocked, ids=["PUBLIC-1"]) == [Verdict.INCONCLUSIVE]


def test_ending_early_for_another_requirement_proves_nothing():
    early = result("PUBLIC-1", "PUBLIC-2", findings=(finding("PUBLIC-1"),))
    assert verdicts(early, ids=["PUBLIC-2"]) == [Verdict.INCONCLUSIVE]


def test_generated_traffic_adds_and_does_not_spoil():
    traffic = result("PUBLIC-1", "PUBLIC-2", case="traffic", traffic=True, findings=(finding("PUBLIC-1"),))
    assert verdicts(traffic, result("PUBLIC-2"), ids=["PUBLIC-1", "PUBLIC-2"]) == [Verdict.FAIL, Verdict.PASS]


def test_what_was_not_tested_says_why():
    untested = result("SERVER-1", reason="not told how", not_tested=True)
    (judged,) = judge_requirements([untested], ["SERVER-1"])
    assert (judged.verdict, judged.reason) == (Verdict.NOT_TESTED, "not told how")


@pytest.mark.parametrize(
    ("results", "strict", "code"),
    [
        ([result("PUBLIC-1")], False, 0),
        ([result("PUBLIC-1", findings=(finding("PUBLIC-1"),))], False, 1),
        ([result("JOIN-3", findings=(finding("JOIN-3"),))], False, 0),
        ([result("JOIN-3", findings=(finding("JOIN-3"),))], True, 1),
        ([result("PUBLIC-1", reason="a fence was lost")], False, 2),
        ([result("PUBLIC-1"), result("PUBLIC-2", reason="a fence was lost")], False, 2),
        ([result("PUBLIC-1"), result("SERVER-1", reason="not told how", not_tested=True)], False, 0),
        ([result("SERVER-1", reason="not told how", not_tested=True)], False, 2),
    ],
)
def test_exit_codes(results, strict, code):
    ids = [id_ for case in results for id_ in case.requirements]
    assert exit_code(judge_requirements(results, ids), strict=strict) == code


def test_an_intermittent_finding_says_so():
    assert Finding("JOIN-6", "one winner", "two", case="race", failures=1, attempts=3).intermittent
    assert not Finding("JOIN-6", "one winner", "two", case="race", failures=3, attempts=3).intermittent
