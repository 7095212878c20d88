"""Fifty joined clients at once, beside some that have not joined (LOAD-1)."""

import asyncio
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server import judge
from chatproof_schemas import USERNAME_CODE_POINTS

_CROWD = 50
_UNJOINED = 16
_UNJOINED_LABEL = "unjoined"
_FEW, _GONE = 6, 16
_PATIENCE = 2.0
_SERVING = frozenset({"JOIN-1", "JOIN-2", "LEAVE-7", "PUBLIC-1", "PRIVATE-1", "CONFIRM-1", "CONFIRM-2", "ORDER-1"})
"""What a server breaks that does not serve everyone."""


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let fifty join, the oldest, the tenth and the newest speak: what fails, unless few fail too, is LOAD-1."""
    await _come_and_go(instance)
    scene = await _gather(instance, _CROWD)
    found = _unserved(scene)
    if not found:
        workshop.evidence["LOAD-1"] += 1
        await workshop.examine(instance, scene.record())
    elif await _fails_with_few(workshop, found[0].requirement):
        workshop.unknown["LOAD-1"] = f"{_FEW} clients are not served either: {found[0].expected_there}"
    else:
        expected = f"with {_CROWD} clients joined, {_UNJOINED} not: {found[0].expected_there}"
        workshop.report(replace(found[0], requirement="LOAD-1", expected=expected, connection=None, cause=None))
    scene.close()


async def _come_and_go(instance: Instance) -> None:
    """Let some end in each way: what a server does not count down has no room for a crowd afterwards."""
    scene = await Scene.open(instance, listeners=False)
    guests = await asyncio.gather(*(scene.connect("guest") for _ in range(_GONE)))
    joined = await scene.crowd("passer-by", 2 * _GONE)
    for one in (*guests, *joined[:_GONE]):
        one.reset()
    await scene.depart(joined[_GONE:])
    scene.close()


async def _fails_with_few(workshop: Workshop, requirement: str) -> bool:
    """Whether as many joins and messages break the same, if only few are there at once."""
    instance = await workshop.instance()
    try:
        for _ in range(_CROWD // _FEW):
            scene = await _gather(instance, _FEW)
            scene.close()
            if any(one.requirement == requirement for one in _unserved(scene)):
                return True
        return False
    finally:
        await workshop.release(instance)


async def _gather(instance: Instance, size: int) -> Scene:
    scene = await Scene.open(instance, listeners=False)
    if size == _CROWD:
        await asyncio.gather(*(scene.connect(_UNJOINED_LABEL) for _ in range(_UNJOINED)))
    oldest = await scene.joined("oldest")
    members = await asyncio.gather(*(_come(scene) for _ in range(size - 2)))
    await _talk(scene, [oldest, *members, await scene.joined("newest")])
    return scene


async def _come(scene: Scene) -> WaveConnection:
    """Let somebody join whose name is as long as can be, also in escapes: a list of all may not fit into a frame."""
    own = scene.instance.room().own
    one = await scene.connect("member", name=own + "\U0001f642" * (USERNAME_CODE_POINTS - len(own)))
    await scene.join(one)
    return one


async def _talk(scene: Scene, crowd: list[WaveConnection]) -> None:
    newest = crowd[-1]
    speakers = list(dict.fromkeys((crowd[0], crowd[len(crowd) // 5], crowd[len(crowd) // 2], newest)))
    for speaker in speakers:
        await scene.whisper(speaker, newest.name, scene.instance.room().word())
        await scene.whisper(newest, speaker.name, scene.instance.room().word())
    await scene.fence(speakers, _PATIENCE)


def _unserved(scene: Scene) -> list[Finding]:
    """Return what shows that somebody is not served."""
    instance, events = scene.instance, tuple(scene.events)
    thrown_out = [
        scene.finding("LEAVE-7", "that the connection goes on", "its end", one)
        for one in scene.connections
        if one.joined and one.ended is not None
    ]
    refused = [
        scene.finding("JOIN-1", "that everyone's join succeeds", "an error, or no answer", one)
        for one in scene.connections
        if not one.joined and _UNJOINED_LABEL not in one.label
    ]
    judged = judge(events, framing=instance.framing, settled=True)
    return (
        thrown_out
        + refused
        + [
            replace(one, events=events, started=instance.recorder.started)
            for one in judged.findings
            if one.requirement in _SERVING
        ]
    )
