"""What all else needs: a server tells frames apart that come in parts, together, or with CR LF (FRAME-2, -3, -6)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chatproof_conformance.endpoints.process.target import DYING_SECONDS
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Kind

_PATIENCE = 3.0
_LEAST_PATIENCE, _FACTOR = 0.5, 5
"""A server that is slow with whole lines is given more time for others."""
_PAUSE_SECONDS = 0.05
Pieces = Sequence[bytes]


def _whole(lines: Sequence[bytes]) -> Pieces:
    return lines


def _cut(lines: Sequence[bytes]) -> Pieces:
    return [piece for line in lines for piece in (line[: len(line) // 2], line[len(line) // 2 :])]


def _together(lines: Sequence[bytes]) -> Pieces:
    return [b"".join(lines)]


def _with_cr(lines: Sequence[bytes]) -> Pieces:
    return [line.replace(b"\n", b"\r\n") for line in lines]


_FORMS: Mapping[str, tuple[Callable[[Sequence[bytes]], Pieces], str]] = {
    "FRAME-2": (_cut, "each sent in two parts"),
    "FRAME-3": (_together, "sent in one segment"),
    "FRAME-6": (_with_cr, "each ended by CR LF"),
}


async def try_framing(workshop: Workshop, instance: Instance) -> tuple[Instance, list[str]]:
    """Let newcomers join and speak in each form; report what fails although whole lines are handled.

    Return the instance that is left, and what fails. What has ended the process is tried on one of its own.

    Raises:
        TargetGone: if the server cannot be started again.
    """
    scene = await Scene.open(instance, listeners=False)
    began = instance.recorder.now
    if not await _is_heard(scene, _whole, _PATIENCE):
        scene.close()
        return instance, []
    patience = max(_LEAST_PATIENCE, _FACTOR * (instance.recorder.now - began))
    heard = await asyncio.gather(*(_is_heard(scene, form, patience) for form, _ in _FORMS.values()))
    broken = []
    for (requirement, (form, described)), is_heard in zip(_FORMS.items(), heard, strict=True):
        workshop.evidence[requirement] += 1
        if is_heard:
            continue
        if workshop.target(instance).how_ended(DYING_SECONDS) is not None:
            scene.close()
            instance = await workshop.restart(instance)
            scene = await Scene.open(instance, listeners=False)
        if not await _is_heard(scene, form, patience):
            expected = f"that a join and a message are handled, {described}"
            actual = "only whole lines, one at a time, are handled"
            end = workshop.target(instance).how_ended(DYING_SECONDS)
            finding = scene.finding(requirement, expected, end or actual, scene.connections[-1])
            workshop.report(replace(finding, last_words=workshop.target(instance).last_words()) if end else finding)
            broken.append(requirement)
    scene.close()
    return instance, broken


async def _is_heard(scene: Scene, form: Callable[[Sequence[bytes]], Pieces], patience: float) -> bool:
    """Whether somebody who joins and speaks in a form hears itself; after so many seconds of silence it does not."""
    one, content = await scene.connect("newcomer"), scene.instance.marker()
    scene.instance.recorder.append("", Kind.NOTE, marker_note(content))
    frames = (message(type="join", username=one.name or ""), message(type="message", content=content))
    for number, piece in enumerate(form([frame + b"\n" for frame in frames])):
        await asyncio.sleep(_PAUSE_SECONDS if number else 0)
        await one.send(piece)
    await scene.until(lambda: content in one.markers or not one.open, patience)
    return content in one.markers
