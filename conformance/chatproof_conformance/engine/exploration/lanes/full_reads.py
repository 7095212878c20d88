"""Writes that end exactly where a read's buffer does: nothing more comes, and all of it must be handled (FRAME-3)."""

from collections.abc import Callable

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

_SIZES = (256, 512, 1000, 1024, 1460, 1500, 2048, 4096, 8192, 16_384, 32_768, 65_536)
"""The buffers that programs read with, in bytes."""
_LINE = 256
"""Each line has so many bytes, but for the last, which has at most twice as many."""


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Write what fills a buffer, wait, and see that it is not more bytes that bring it."""
    if instance.framing != "lf":
        return
    scene = await Scene.open(instance, listeners=False)
    for size in _SIZES:
        one = await scene.joined(f"writes {size} bytes")
        came = _comes(one, await _fill(scene, one, size))
        workshop.evidence["FRAME-3"] += 1
        if not await scene.until(came):
            await one.send(b"\n")
            if await scene.until(came) and one.open:
                expected = f"that all frames are handled that came in one write of {size} bytes"
                actual = "the last of them, only when another byte came"
                workshop.report(scene.finding("FRAME-3", expected, actual, one))
                break
    await workshop.examine(instance, scene.record(fenced=await scene.fence(scene.connections)))
    scene.close()


def _comes(one: WaveConnection, marker: str) -> Callable[[], bool]:
    return lambda: marker in one.markers or not one.open


async def _fill(scene: Scene, one: WaveConnection, size: int) -> str:
    """Send lines of so many bytes in all; return the content of the last one.

    White space stands behind each object, so that it is not the content that fills the line.
    """
    room, last = scene.instance.room(), scene.instance.marker()
    contents = [*(room.word() for _ in range(size // _LINE - 1)), last]
    frames = [message(type="message", content=content) for content in contents]
    lines = [frame.ljust(_LINE - 1) + b"\n" for frame in frames[:-1]]
    lines.append(frames[-1].ljust(size - _LINE * len(lines) - 1) + b"\n")
    await one.send(b"".join(lines))
    return last
