"""Connections that send nothing, part of a frame, or a byte now and then (LOAD-3)."""

import asyncio
from dataclasses import dataclass

from chatproof_conformance.endpoints.waves.audience import HALF_FRAME
from chatproof_conformance.endpoints.waves.beside import beside
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.exchange import exchange
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop

_SILENT = 20
_HALF = 10
_JOINED = 5
_BYTE_SECONDS = 0.02
_NOTICEABLE_SECONDS, _FACTOR = 1.0, 10
"""So much longer than without silent connections is a delay."""


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let a newcomer join and talk, then the same beside connections that send nothing, or half a frame."""
    scene = await Scene.open(instance, listeners=False)
    resident = await scene.joined("resident")
    control = await exchange(scene, resident)
    if control.missing:
        workshop.unknown["LOAD-3"] = f"{control.missing}: that failed without silent connections, too"
        await workshop.examine(instance, scene.record(fenced=False))
        scene.close()
        return
    seen = await _beside_silent_ones(scene, resident, control.patience)
    usual = max(_NOTICEABLE_SECONDS, _FACTOR * control.seconds)
    if not seen.missing and seen.slowest > usual:  # a busy machine may have been slow
        seen = await _beside_silent_ones(scene, resident, control.patience)
    others = f"while {len(scene.connections) - 3} connections send nothing or part of a frame"
    if seen.missing:
        actual = f"nothing for {control.patience:.0f} s"
        workshop.report(scene.finding("LOAD-3", f"{seen.missing} {others}", actual))
    elif seen.slowest > usual:
        actual = f"it took {seen.slowest:.1f} s, twice; {control.seconds:.2f} s without them"
        workshop.report(scene.finding("LOAD-3", f"no delay {others}", actual))
    else:
        workshop.evidence["LOAD-3"] += 1
        await workshop.examine(instance, scene.record())
    scene.close()


@dataclass(frozen=True, slots=True)
class _Beside:
    """What was missing beside silent connections, None if nothing was; and the seconds of what took longest."""

    missing: str | None
    slowest: float


async def _beside_silent_ones(scene: Scene, resident: WaveConnection, patience: float) -> _Beside:
    await asyncio.gather(*(scene.connect("silent") for _ in range(_SILENT)))
    for number in range(_HALF):
        await scene.send_part(await scene.connect("half"), b'{"type":"join","username":"'[: 2 * number + 1])
    async with beside(_drip(scene, await scene.connect("slow"))):
        slowest = 0.0
        for _ in range(_JOINED):
            one, began = await scene.connect("joined half"), scene.instance.recorder.now
            if not await scene.join(one, patience=patience):
                return _Beside("a newcomer's join to succeed", patience)
            slowest = max(slowest, scene.instance.recorder.now - began)
            await scene.send_part(one, HALF_FRAME)
        last = await exchange(scene, resident, patience)
        return _Beside(last.missing, max(slowest, last.seconds))


async def _drip(scene: Scene, one: WaveConnection) -> None:
    """Send a frame that never ends, byte by byte."""
    for byte in b'{"type":"message","content":"' + b"x" * 800:
        await scene.send_part(one, bytes([byte]))
        await asyncio.sleep(_BYTE_SECONDS)
