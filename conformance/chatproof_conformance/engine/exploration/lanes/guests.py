"""Guests, who connect and never join: nobody is told of their end, under whatever name (LEAVE-5)."""

from chatproof_conformance.endpoints.waves.audience import HALF_FRAME
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_conformance.space.script import message
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas.transcript import Kind

_NOTICE_SECONDS = 0.5


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let guests in several states end while somebody listens; on our own server, every name that leaves is ours."""
    if not workshop.owns_server:
        return
    scene = await Scene.open(instance, listeners=False)
    resident = await scene.joined("resident")
    guests = [await scene.connect(f"guest {number}") for number in range(8)]
    for one in guests[:2]:
        await instance.say(one, b"{}")
    for one in guests[2:4]:
        await instance.say(one, message(type="join", username=resident.name or ""))
    for one in guests[4:6]:
        await scene.send_part(one, HALF_FRAME)
    await scene.fence([resident])
    for number, one in enumerate(guests):
        if number % 2:
            one.reset()
        else:
            one.close()
    await scene.until(lambda: bool(_strangers(scene, resident)), _NOTICE_SECONDS)
    strangers = _strangers(scene, resident)
    workshop.evidence["LEAVE-5"] += len(guests)
    if strangers:
        expected = "no notice when a connection ends that never joined"
        actual = f"notices that {', '.join(map(repr, dict.fromkeys(strangers)))} left"
        workshop.report(scene.finding("LEAVE-5", expected, actual, resident))
    else:
        await workshop.examine(instance, scene.record(fenced=await scene.fence([resident])))
    scene.close()


def _strangers(scene: Scene, one: WaveConnection) -> list[str]:
    """Return the names that have left, as a connection was told, but for those that we have used at some time."""
    own = [event for event in scene.events if event.connection == one.label and event.kind is Kind.SERVER_DATA]
    lines = frame_splitter(scene.instance.framing).feed(b"".join(event.data for event in own))
    left = [frame.name for frame in map(read_server_frame, lines) if frame.kind is MessageKind.LEFT]
    return [name for name in left if not name.startswith(scene.instance.token)]
