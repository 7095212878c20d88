"""What the tests of reports share: runs made by hand, with texts that no form may take for its own marks."""

from dataclasses import replace
from datetime import datetime, timezone

import jsonschema
import jsonschema_rs
from referencing import Registry, Resource

from chatproof_conformance.baseline.applying import apply_baseline
from chatproof_conformance.baseline.entries import Baseline
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.json_files import Form
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.verdicts import CaseResult, RunResult, exit_code, judge_requirements
from chatproof_conformance.reporting.document import document_of
from chatproof_conformance.reporting.shape import FORM
from chatproof_conformance.reporting.summary import RunRequest, Summary
from chatproof_conformance.wire.markers import marker_note
from support.recordings import frame, join, notice, recording

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
        ("", "note", marker_note("marker 1 of ann")),
        ("ann", "client", frame(type="message", content="marker 1 of ann")),
        ("ann", "server", frame(type="message", username="ann", content="marker 1 of ann", timestamp="12:00:00")),
        ("eve", "server", frame(type="message", username="ann", content="marker 1 of ann", timestamp="12:00:00")),
        ("ann", "reset"),
        ("eve", "half_close"),
        ("eve", "server_close"),
    ).events
    return [replace(event, time=number / 100) for number, event in enumerate(events)]


def whispered(events):
    """The frame that is not meant for eve, in that traffic."""
    return events[8].data.rstrip(b"\n")


def finding(id_="PRIVATE-2", case="nobody_else", *, text="hi", **more):
    actual, events = f'private_message "{text}" from "ann"', traffic(text)
    given = {"case": case, "connection": "eve", "frames": (whispered(events),), "events": events}
    return Finding(id_, "nothing of a private message", actual, **given | more)


def result(*ids, case="nobody_else", findings=(), evidence=SEEN, **more):
    return CaseResult(case, "What it shows.", ids, tuple(findings), evidence=evidence, seconds=0.25, **more)


def hostile_finding():
    """A finding in which every text that a peer can choose is hostile, and the traffic too."""
    events = traffic(HOSTILE)
    told = {"case": "nobody_else", "failures": 1, "attempts": 3, "frames": (whispered(events),), "events": events}
    return Finding("PRIVATE-2", f"nothing like {HOSTILE}", f"this: {HOSTILE}", **told)


def summary(results, *, entries=(), strict=False, gone=None, **request):
    """A finished run of these results."""
    ids = list(dict.fromkeys(id_ for one in results for id_ in one.requirements))
    judged = judge_requirements(results, ids)
    found = RunResult(tuple(judged), tuple(results), gone=gone)
    applied = apply_baseline(Baseline("known.json", tuple(entries)), found) if entries else None
    code = exit_code(judged, strict=strict, accepted=applied.accepted if applied else ())
    asked = {"target_words": " localhost:12345", "described": "localhost:12345", "options": Options(seed=7)}
    return Summary(
        request=RunRequest(**asked | request),
        result=found,
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


def closed(schema):
    """The schema, with no member allowed that it does not describe."""
    if isinstance(schema, dict):
        closed_here = {"additionalProperties": False} if "properties" in schema else {}
        return {name: closed(value) for name, value in schema.items()} | closed_here
    return [closed(value) for value in schema] if isinstance(schema, list) else schema


def report_validator():
    """Judge of reports by their schema, which refuses members that it does not describe."""
    return jsonschema_rs.Draft202012Validator(closed(FORM.schema()), validate_formats=True)


def events_validator():
    """Judge of the events of ``--format json-lines`` by their schema, which refers to that of reports."""
    events = Form("events", 1, "reporting", "").schema()
    jsonschema.Draft202012Validator.check_schema(events)
    resources = [(one["$id"], Resource.from_contents(one)) for one in (events, FORM.schema())]
    return jsonschema.Draft202012Validator(events, registry=Registry().with_resources(resources))
