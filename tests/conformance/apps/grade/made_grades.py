"""Schemes and grades made by hand."""

from chatproof_conformance.apps.grade.outcome import Graded, Outcome
from chatproof_conformance.apps.grade.reading import read_scheme
from chatproof_conformance.apps.grade.scoring import score
from support.made_reports import HOSTILE, finding, report, result

TEXT = """\
title = "Chat"
start = "./server {port}"
hidden = ["PRIVATE-2", "ORDER-1"]
[[part]]
name = "Talking"
points = 8
requirements = ["PUBLIC-1", "PRIVATE-1", "PRIVATE-2"]
[[part]]
name = "Joining"
points = 4
requirements = ["JOIN-3", "JOIN-1"]
[[part]]
name = "Order, all or nothing"
points = 3
requirements = ["ORDER-1", "ORDER-2"]
partial = false
"""


def scheme(folder, text=TEXT):
    (folder / "grading.toml").write_text(text)
    return read_scheme(str(folder / "grading.toml"))


def checked(*results, **facts):
    """A submission that was checked, by default with a hostile failure of a hidden requirement, and one of another."""
    results = results or (
        result("PUBLIC-1", case="once"),
        result("PRIVATE-2", case="leaks", findings=[finding("PRIVATE-2", "leaks", text=HOSTILE)]),
        result("PRIVATE-1", case="arrives", reason="nothing goes", blocked_by="PRIVATE-2"),
        result("JOIN-3", case="words", findings=[finding("JOIN-3", "words", text="seen by all", hidden=("ORDER-1",))]),
        result("JOIN-1", case="joined"),
        result("ORDER-1", case="order"),
        result("ORDER-2", case="order"),
    )
    return graded(Outcome.CHECKED, report=report(*results), **facts)


def graded(outcome, name="ann", **facts):
    return Graded(name=name, slug=name.replace(" ", "_"), key="k", outcome=outcome, seed=7, seconds=9.5, **facts)


def grades(folder):
    """One of each kind, by name."""
    plan = scheme(folder)
    all_ = {
        "checked": checked(),
        "full": checked(
            *(result(id_, case=id_) for id_ in ("PUBLIC-1", "PRIVATE-1", "PRIVATE-2", "JOIN-1", "JOIN-3")),
            *(result(id_, case=id_) for id_ in ("ORDER-1", "ORDER-2")),
        ),
        "no build": graded(Outcome.NO_BUILD, reason="make: exit status 2", printed=f"error: {HOSTILE}"),
        "no start": graded(Outcome.NO_START, name=f"b {HOSTILE[:20]}", reason="it ended", notes=("it used too much",)),
        "lost": graded(Outcome.UNKNOWN, reason="its grader ended with signal SIGKILL"),
    }
    return plan, {name: score(one, plan) for name, one in all_.items()}
