"""Clients that leave while much waits for them: that is told as ever, and who has their name next inherits nothing."""

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.exchange import exchange
from chatproof_conformance.engine.exploration.lanes.scene import Scene, told_of
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

_SMALL_BUFFER = 4096
_FRAMES, _LONG = 50, 900
"""Less than 65,536 bytes, however they are written: nobody is dropped for that (LOAD-5)."""


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let two clients stop reading, much wait for them, and both leave: in order, and by a reset; others follow."""
    if instance.framing != "lf":
        return
    scene = await Scene.open(instance, listeners=False)
    speaker, resident = await scene.joined("speaker"), await scene.joined("resident")
    if (await exchange(scene, resident)).missing is None:
        for is_reset in (False, True):
            absent = await scene.joined("absent", receive_buffer=_SMALL_BUFFER)
            absent.stop_reading()
            if await _fill(scene, speaker, absent):
                await _follow(scene, resident, absent, is_reset=is_reset)
        await workshop.examine(instance, scene.record(fenced=await scene.fence([speaker])))
    scene.close()


async def _fill(scene: Scene, speaker: WaveConnection, absent: WaveConnection) -> bool:
    room = scene.instance.room()
    contents = [room.word().ljust(_LONG, "x") for _ in range(_FRAMES)]
    frames = [message(type="private_message", target=absent.name or "", content=one) for one in contents]
    return await scene.write(speaker, frames) and await scene.fence([speaker])


async def _follow(scene: Scene, resident: WaveConnection, absent: WaveConnection, *, is_reset: bool) -> None:
    """Let a client leave, and another one join under its name."""
    told = told_of([absent.name or ""], [resident])
    if is_reset:
        absent.reset()
    else:
        absent.half_close()
    await scene.hear(told)
    heir = await scene.connect("heir", name=absent.name)
    await scene.join(heir)
    await scene.fence([heir])
