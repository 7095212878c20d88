"""A client that pauses while less than 64 KiB wait for it (LOAD-5)."""

import asyncio

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

_PAUSE_SECONDS = 0.5
_BYTES = 54_000
_SAMPLE = 10
_SMALL_BUFFER = 4096
_SIZES = (900, 1)
"""Characters of a content: few large messages, many small ones."""


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let clients pause while bursts of 50 KB wait for them; then they must still be there."""
    scene = await Scene.open(instance, listeners=False)
    speaker = await scene.joined("speaker")
    for _ in _SIZES:
        await scene.joined("reader")
    if not await scene.fence([speaker], 3.0):
        workshop.unknown["LOAD-5"] = "messages do not arrive at those who read, either"
    else:
        for size in _SIZES if instance.framing == "lf" else _SIZES[:1]:
            if not await _burst(workshop, scene, speaker, size):
                break
        else:
            await workshop.examine(instance, scene.record())
    scene.close()


async def _burst(workshop: Workshop, scene: Scene, speaker: WaveConnection, size: int) -> bool:
    """Learn how many bytes the server makes of a message, then send as many as fit, while somebody pauses.

    Return whether that went well, so that all else can be judged.
    """
    before = speaker.bytes
    workshop.unknown["LOAD-5"] = "bursts do not arrive at those who read, either"
    arrived = await _send(scene, speaker, size, _SAMPLE)
    took = speaker.bytes - before
    if not arrived or took < _SAMPLE * size:
        return False
    count = _BYTES * (_SAMPLE + 1) // took
    paused = await scene.joined("paused", receive_buffer=_SMALL_BUFFER)
    if not await scene.fence([speaker]):
        return False
    paused.stop_reading()
    arrived = await _send(scene, speaker, size, count)
    await asyncio.sleep(_PAUSE_SECONDS)
    paused.read_on()
    await scene.until(lambda: not paused.open or paused.bytes > 0.9 * _BYTES)
    if arrived:
        await scene.fence([speaker], 3.0)
    if paused.ended is not None:
        expected = f"that the connection goes on: only {_BYTES // 1000} KB wait, for {_PAUSE_SECONDS:g} s"
        workshop.report(scene.finding("LOAD-5", expected, "its end", paused))
    if arrived:
        workshop.evidence["LOAD-5"] += 1
        del workshop.unknown["LOAD-5"]
    return arrived and paused.ended is None


async def _send(scene: Scene, speaker: WaveConnection, size: int, count: int) -> bool:
    room = scene.instance.room()
    await scene.write(speaker, [message(type="message", content=room.word().ljust(size, "x")) for _ in range(count)])
    return await scene.fence([speaker])
