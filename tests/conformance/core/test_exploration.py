"""The verdicts that follow from what a check of a server saw."""

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.exploration import Exploration, run_result
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.mend_first import mend_first
from chatproof_conformance.core.situations import Situations
from chatproof_conformance.core.verdicts import Verdict

_JOIN = Finding("JOIN-1", "a join notice", "nothing")


def test_each_requirement_has_the_verdict_that_was_seen() -> None:
    exploration = Exploration(
        findings=(Finding("ERROR-1", "an error", "nothing"), Finding("ERROR-8", "an error", "nothing")),
        evidence={"ERROR-2": Evidence(deliveries=1)},
        blocked={"ERROR-3": ("ERROR-1", "no error came")},
        untested={"SERVER-1": "no way to announce"},
        unknown={"TIME-1": "the clock went backwards"},
        interrupted="the time was over before ORDER",
    )
    result = run_result(exploration, ["ERROR-1", "ERROR-2", "ERROR-3", "ERROR-8", "SERVER-1", "TIME-1", "ORDER-1"])
    assert {one.requirement.id: (one.verdict, one.reason) for one in result.judged} == {
        "ERROR-1": (Verdict.FAIL, ""),
        "ERROR-2": (Verdict.PASS, ""),
        "ERROR-3": (Verdict.BLOCKED, "needs ERROR-1, which is broken: no error came"),
        "ERROR-8": (Verdict.WARNING, ""),
        "SERVER-1": (Verdict.NOT_TESTED, "no way to announce"),
        "TIME-1": (Verdict.INCONCLUSIVE, "the clock went backwards"),
        "ORDER-1": (Verdict.INCONCLUSIVE, "the time was over before ORDER"),
    }


def test_only_what_was_selected_is_judged_and_what_stands_in_its_way() -> None:
    other = Finding("PUBLIC-1", "a message", "nothing")
    exploration = Exploration(findings=(other, _JOIN), blocked={"ERROR-1": ("JOIN-1", "nobody joins")})
    result = run_result(exploration, ["ERROR-1"])
    assert [one.requirement.id for one in result.judged] == ["JOIN-1", "ERROR-1"]
    assert result.mend_first == (_JOIN,)


def test_what_the_next_level_needs_is_mended_first() -> None:
    bad, lost, whisper = Finding("ERROR-1", "", "", hides=9), Finding("LEAVE-1", "", ""), Finding("PRIVATE-2", "", "")
    assert mend_first([whisper, bad, lost], {}) == (lost, whisper, bad)
    assert mend_first([whisper, bad, lost], {"JOIN-2": ("ERROR-1", "")}) == (bad, lost, whisper), "it stands in the way"
    hiding = Finding("ERROR-1", "", "", hides=1, hidden=("FRAME-2",))
    assert mend_first([lost, hiding], {}) == (hiding, lost), "what it hides is needed before"


def test_what_explains_most_of_a_level_is_mended_first() -> None:
    should, most = Finding("ERROR-8", "", "", hides=9), Finding("ERROR-3", "", "", hides=2)
    least, blocking = Finding("ERROR-2", "", ""), Finding("ERROR-1", "", "", hides=1)
    blocked = {"ERROR-4": ("ERROR-1", ""), "ERROR-5": ("ERROR-1", "")}
    assert mend_first([should, least, most, blocking, _JOIN], blocked) == (_JOIN, blocking, most, least, should)


def test_a_cell_is_reached_from_both_sides() -> None:
    planned = [("event", "message", "state", "joined"), ("event", "join", "state", "joined")]
    situations = Situations(planned)
    situations.add("state", "joined", "event", "message")
    situations.add("event", "message", "state", "joined")
    assert situations.unreached() == [planned[1]]
    assert situations.tables() == {("event", "state"): [("message", "joined", 2), ("join", "joined", 0)]}
