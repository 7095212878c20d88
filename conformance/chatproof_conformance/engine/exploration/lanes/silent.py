"""Connections that send nothing, part of a frame, or a byte now and then (LOAD-3)."""

import asyncio

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
    missing = await _beside_silent_ones(scene, resident, control.patience)
    if missing:
        expected = f"{missing} while {len(scene.connections) - 3} connections send nothing or part of a frame"
        workshop.report(scene.finding("LOAD-3", expected, f"nothing for {control.patience:.0f} s"))
    else:
        workshop.evidence["LOAD-3"] += 1
        await workshop.examine(instance, scene.record())
    scene.close()


async def _beside_silent_ones(scene: Scene, resident: WaveConnection, patience: float) -> str | None:
    await asyncio.gather(*(scene.connect("silent") for _ in range(_SILENT)))
    for number in range(_HALF):
        await scene.send_part(await scene.connect("half"), b'{"type":"join","username":"'[: 2 * number + 1])
    async with beside(_drip(scene, await scene.connect("slow"))):
        for _ in range(_JOINED):
            one = await scene.connect("joined half")
            if not await scene.join(one, patience=patience):
                return "a newcomer's join to succeed"
            await scene.send_part(one, HALF_FRAME)
        return (await exchange(scene, resident, patience)).missing


async def _drip(scene: Scene, one: WaveConnection) -> None:
    """Send a frame that never ends, byte by byte."""
    for byte in b'{"type":"message","content":"' + b"x" * 800:
        await scene.send_part(one, bytes([byte]))
        await asyncio.sleep(_BYTE_SECONDS)
