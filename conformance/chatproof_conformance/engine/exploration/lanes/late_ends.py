"""Lines whose LF comes later than all before it, in a read of its own (FRAME-2, FRAME-4, FRAME-5)."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.endpoints.waves.wave import Record
from chatproof_conformance.engine.exploration.context import is_own_cause
from chatproof_conformance.engine.exploration.lanes.scene import Scene, answered
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.server_frames import MessageKind
from chatproof_conformance.space.room import Room
from chatproof_conformance.space.script import message
from chatproof_schemas import CLIENT_FRAME_BYTES

_PAUSE_SECONDS = 0.3
_SPLIT = "FRAME-2"
_VALUES = ((b"12", b"3"), (b'"a"', b",1"), (b"[1]", b" 2"), (b"true", b"x"), (b"null", b" {}"))
"""A whole value, and what makes it part of something else."""
_LONG = (CLIENT_FRAME_BYTES + 1, 3000)
_EXCESS = (b"\r", b" ", b"\t" * 100)
"""White space that makes a frame too long which is not without it."""


@dataclass(frozen=True, slots=True)
class _Late:
    """A line in two parts, the second of which is sent later, and what is broken if only that makes the difference."""

    requirement: str
    first: bytes
    rest: bytes


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let lines wait for their ends; then let white space behind an object make frames too long.

    That a server may take an object before its LF (SPEC.md, section 17) is seen at the first of the lines.
    """
    if instance.framing != "lf":
        return
    scene = await Scene.open(instance, listeners=False)
    whole = await scene.joined("whole lines")
    late = [(await scene.joined("late end"), line) for line in _lines(instance.room())]
    for _, line in late:
        answer = answered(whole, whole.answers + 1)
        await scene.send_part(whole, line.first + line.rest)
        await scene.until(answer)
    early, *_ = await asyncio.gather(*(_send_late(scene, one, line) for one, line in late))
    record = scene.record(fenced=await scene.fence(scene.connections))
    await _examine(workshop, scene, {one.label: line for one, line in late}, record)
    if not early:
        await _exceed(workshop, scene, whole)
    scene.close()


def _lines(room: Room) -> Iterator[_Late]:
    yield _Late(_SPLIT, message(type="message", content=room.word()), b"\n")
    yield from (_Late(_SPLIT, value, rest + b"\n") for value, rest in _VALUES)
    yield from (_Late("FRAME-5", _sized(room.word(), size), b"\n") for size in _LONG)
    whole = _sized(room.word(), CLIENT_FRAME_BYTES)
    yield _Late("FRAME-4", whole, b"\n")
    yield _Late("FRAME-4", whole[:-1], whole[-1:] + b"\n")


def _sized(word: str, size: int) -> bytes:
    return message(type="message", content=word + "x" * (size - len(message(type="message", content=word))))


async def _send_late(scene: Scene, one: WaveConnection, line: _Late) -> bool:
    """Send the rest of a line later; return whether what stands before it was answered before that came."""
    before = one.answers
    await scene.send_part(one, line.first)
    await asyncio.sleep(_PAUSE_SECONDS)
    early = await scene.until(lambda: one.answers > before) if line.first.endswith(b"}") else one.answers > before
    done = answered(one, one.answers + (not early))
    await scene.send_part(one, line.rest)
    await scene.until(done)
    return early


async def _examine(workshop: Workshop, scene: Scene, late: Mapping[str, _Late], record: Record) -> None:
    """Report what is wrong with late ends; if whole lines are handled wrongly, too, they say nothing of it."""
    findings = (await workshop.judge_again(scene.instance, record)).findings
    if not findings:
        await workshop.examine(scene.instance, record)
    elif all(_speaker(one) in late for one in findings):
        # A server that joins no parts fails at all of them, whatever they are.
        split = [one for one in findings if late[_speaker(one)].requirement == _SPLIT]
        for one in split or findings:
            requirement = one.requirement if is_own_cause(one.requirement) else late[_speaker(one)].requirement
            finding = replace(one, requirement=requirement)
            workshop.report(workshop.shown(scene.instance, record, finding, "the end of a line comes late"))


def _speaker(finding: Finding) -> str:
    """Return whose line a finding is about: who got what must not have come, or who sent what is missing."""
    return (finding.cause.connection if finding.cause and not finding.frames else finding.connection) or ""


async def _exceed(workshop: Workshop, scene: Scene, one: WaveConnection) -> None:
    """Send frames that white space behind the object makes too long, to a server that waits for the LF."""
    scene.instance.recorder.events = scene.events
    for excess in _EXCESS:
        word = scene.instance.room().word()
        answer = answered(one, one.answers + 1)
        await scene.send_part(one, _sized(word, CLIENT_FRAME_BYTES) + excess + b"\n")
        await scene.until(answer)
        workshop.evidence["FRAME-5"] += 1
        said = (frame.text for frame in scene.received(one) if frame.kind is MessageKind.PUBLIC)
        if any(text.startswith(word) for text in said):
            expected = f"one error for {CLIENT_FRAME_BYTES} bytes and {excess[:1]!r}: this server takes no object early"
            workshop.report(scene.finding("FRAME-5", expected, "the message was delivered", one))
            return
