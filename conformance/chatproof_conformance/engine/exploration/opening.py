"""How the listeners come to an instance, and what is wrong with a server at which nobody can."""

from collections.abc import Sequence
from dataclasses import replace

from chatproof_common.printable import quoted
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.client_frames import read_client_frame
from chatproof_schemas.transcript import Event, Kind

_CODES, _UNREADABLE = "ERROR-12", "FRAME-1"
_CAN_JOIN, _GOES_ON = "that a client can join", "that the server goes on serving everyone"


async def gather_listeners(workshop: Workshop, instance: Instance) -> Instance:
    """Let the listeners come; return where they are.

    If what came before them has ended the process, they come to a fresh one: what ends that has to do with them.

    Raises:
        TargetGone: if it accepts no connection, or cannot be started again.
    """
    try:
        await instance.gather()
    except TargetGone:
        if await workshop.end_of(instance) is None:
            raise
    else:
        if await workshop.end_of(instance) is None:
            return instance
    instance = await workshop.restart(instance)
    await instance.gather()
    return instance


async def judge_opening(workshop: Workshop, instance: Instance) -> bool:
    """Judge how the listeners came; report what is wrong with it; return whether anything else can be tried."""
    record = Record(list(instance.audience.opening), {}, fenced=True)
    said = [event.data for event in record.events if event.kind is Kind.SERVER_DATA]
    workshop.ends_lines = bool(said) and all(data.endswith(b"\n") for data in said)
    has_joined, end = any(one.joined for one in instance.audience.observers), await workshop.end_of(instance)
    found = [_endless(one) for one in instance.audience.observers if one.endless and not one.joined]
    findings = (await workshop.judge(instance, record, counts=has_joined and end is not None)).findings
    # A frame that cannot be read, or has no end, explains what is missing; a code explains nothing.
    found += sorted(findings, key=lambda one: (one.requirement == _CODES, one.requirement != _UNREADABLE))
    if end is not None:
        found = [_ended(end, record.events)]
    elif not found and not has_joined:
        found = [Finding("JOIN-1", _CAN_JOIN, "every connection ended first")]
    for finding in found[:1]:
        shown = workshop.shown(instance, record, _hinted(finding), "a client joins")
        workshop.report(replace(shown, last_words=workshop.target(instance).last_words()) if end else shown)
    return has_joined and end is None


def _endless(one: WaveConnection) -> Finding:
    """Return what is to be said of a server that sends for ever, and nothing that was asked for."""
    actual = f"{one.bytes} bytes of other things, and no end"
    return Finding("JOIN-1", f"a system message that names {quoted(one.name)}", actual, connection=one.label)


def _ended(end: str, events: Sequence[Event]) -> Finding:
    """Return what is to be said of a server whose process has ended while the listeners came."""
    ends = (at for at, event in enumerate(events) if event.kind in (Kind.SERVER_CLOSE, Kind.SERVER_RESET))
    before = range(next(ends, len(events)))
    at = max((at for at in before if events[at].kind is Kind.CLIENT_DATA), default=None)
    if at is None or read_client_frame(events[at].data.rstrip(b"\n")).type != "message":
        return Finding("JOIN-1", _CAN_JOIN, end, event=at)
    return Finding("PUBLIC-1", _GOES_ON, end, event=at)


def _hinted(finding: Finding) -> Finding:
    """Return a finding with what may be the reason of a server that sends no LF."""
    if "no LF" not in finding.actual:
        return finding
    hint = "a server of the original kind sends no LF: check it with --framing none"
    return replace(finding, actual=f"{finding.actual} ({hint})")
