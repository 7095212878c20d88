"""A verdict is better or worse than the one before it."""

from chatproof_conformance.apps.watch.score import Change, Score
from chatproof_conformance.core.verdicts import Verdict


def test_each_verdict_is_compared_with_the_last():
    score = Score()
    verdicts = [Verdict.FAIL, Verdict.FAIL, Verdict.PASS, Verdict.PASS, Verdict.WARNING]
    changes = [score.learn("JOIN-4", verdict) for verdict in verdicts]
    assert changes == [Change.NEW, Change.STILL, Change.BETTER, Change.NONE, Change.WORSE]


def test_what_is_blocked_or_unknown_changes_nothing():
    score = Score()
    score.learn("JOIN-4", Verdict.FAIL)
    assert score.learn("JOIN-4", Verdict.BLOCKED) is Change.NONE
    assert score.learn("JOIN-4", Verdict.INCONCLUSIVE) is Change.NONE
    assert score.learn("JOIN-4", Verdict.PASS) is Change.BETTER


def test_the_order_is_that_in_which_to_mend_each_once():
    score = Score()
    for id_ in ("JOIN-4", "PRIVATE-2", "STOP-1"):
        score.learn(id_, Verdict.FAIL)
    score.put_in_order(["PRIVATE-2", "PRIVATE-2", "JOIN-4", "LOAD-1"])
    assert score.order == ["PRIVATE-2", "JOIN-4", "STOP-1"]
    score.learn("JOIN-4", Verdict.PASS)
    assert score.order == ["PRIVATE-2", "STOP-1"]
