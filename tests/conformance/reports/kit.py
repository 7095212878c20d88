"""What the tests of reports share: runs made by hand, with texts that no form may take for its own marks."""

from dataclasses import replace
from datetime import datetime, timezone

from chatproof_conformance.baseline.applying import apply_baseline
from chatproof_conformance.baseline.entries import Baseline
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.verdicts import CaseResult, RunResult, exit_code, judge_requirements
from chatproof_conformance.reporting.document import document_of
from chatproof_conformance.reporting.summary import RunRequest, Summary
from conformance.replay_kit import frame, join, notice, recording

STARTED = datetime(2026, 1, 31, 14, 30, 25, tzinfo=timezone.utc)
SEEN = Evidence(deliveries=3, silences=2, frames=9)
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>`|*[a](http://evil.example)&\"']]>%0A::error::\x1b[31m\u202e"
)


def traffic(text="hi"):
    """Traffic of two clients, one of which is told what is not meant for it."""
    whisper = frame(type="private_message", sender="ann", content=text, timestamp="12:00:00")
    events = recording(
        ("ann", "open"),
        ("ann", "client", join("ann")),
        ("ann", "server", notice("ann")),
        ("eve", "open"),
        ("eve", "client", join("eve")[:9]),
        ("eve", "client", join("eve")[9:]),
        ("eve", "server", notice("eve")),
        ("ann", "client", frame(type="private_message", target="bob", content=text)),
        ("eve", "server", whisper),
        ("ann", "client", frame(type="message", content="marker 1 of ann")),
        ("ann", "server", frame(type="message", username="ann", content="marker 1 of ann", timestamp="12:00:00")),
        ("eve", "server", frame(type="message", username="ann", content="marker 1 of ann", timestamp="12:00:00")),
        ("ann", "reset"),
        ("eve", "half_close"),
        ("eve", "server_close"),
    ).events
    return [replace(event, time=number / 100) for number, event in enumerate(events)]


def finding(id_="PRIVATE-2", case="nobody_else", *, text="hi", **more):
    actual = f'private_message "{text}" from "ann"'
    return Finding(id_, case, "nothing of a private message at eve", actual, events=traffic(text), **more)


def result(*ids, case="nobody_else", findings=(), evidence=SEEN, **more):
    return CaseResult(case, "What it shows.", ids, tuple(findings), evidence=evidence, seconds=0.25, **more)


def hostile_finding():
    """A finding in which every text that a peer can choose is hostile, and the traffic too."""
    events = traffic(HOSTILE)
    return Finding("PRIVATE-2", "nobody_else", f"nothing like {HOSTILE}", f"this: {HOSTILE}", 1, 3, events)


def summary(results, *, entries=(), strict=False, gone=None, **request):
    """A finished run of these results."""
    ids = list(dict.fromkeys(id_ for one in results for id_ in one.requirements))
    judged = judge_requirements(results, ids)
    applied = apply_baseline(Baseline("known.json", tuple(entries)), judged, results, whole=False) if entries else None
    code = exit_code(judged, strict=strict, accepted=applied.accepted if applied else ())
    asked = {"target_words": " localhost:12345", "described": "localhost:12345", "options": Options(seed=7)}
    return Summary(
        request=RunRequest(**asked | request),
        result=RunResult(tuple(judged), tuple(results), len(results), gone),
        started=STARTED,
        seconds=2.5,
        exit_code=1 if applied and applied.unfounded else code,
        strict=strict,
        baseline=applied,
    )


def report(*results, **facts):
    """The data of a finished run of these results."""
    return document_of(summary(results, **facts))


def all_verdicts(**facts):
    """A run that has one requirement of each verdict."""
    return report(
        result("PUBLIC-1", case="once"),
        result("PRIVATE-2", findings=[hostile_finding()]),
        result("JOIN-3", case="words", findings=[finding("JOIN-3", "words")]),
        result("PRIVATE-1", case="arrives", reason="nothing goes", blocked_by="PRIVATE-2"),
        result("ORDER-1", case="order", reason=f"a fence was lost: {HOSTILE}"),
        result("SERVER-1", case="told", reason="not told how to announce", not_tested=True),
        **facts,
    )
