"""The plainest life of a newcomer: whether a server serves at all, and how fast."""

from dataclasses import dataclass

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.engine.exploration.lanes.scene import Scene, answered

PATIENCE = 3.0
"""Seconds of silence before anything is known of a server's speed."""
_LEAST = 2.0
_FACTOR = 10


@dataclass(frozen=True, slots=True)
class Exchanged:
    """How an exchange went.

    Attributes:
        missing: what did not come; None if all did.
        seconds: how long it took.
        newcomer: who joined for it.
    """

    missing: str | None
    seconds: float
    newcomer: WaveConnection

    @property
    def patience(self) -> float:
        """Seconds of silence after which a server that took this long is blamed."""
        return max(_LEAST, _FACTOR * self.seconds)


async def exchange(scene: Scene, resident: WaveConnection, patience: float = PATIENCE) -> Exchanged:
    """Let a newcomer join, and both speak in public and in private."""
    began = scene.instance.recorder.now
    newcomer = await scene.connect("newcomer")
    missing = await _missing(scene, resident, newcomer, patience)
    return Exchanged(missing, scene.instance.recorder.now - began, newcomer)


async def _missing(scene: Scene, resident: WaveConnection, newcomer: WaveConnection, patience: float) -> str | None:
    if not newcomer.opened:
        return "a newcomer's connection to be accepted"
    if not await scene.join(newcomer, patience=patience):
        return "a newcomer's join to succeed"
    confirmed = [answered(one, one.answers + 1) for one in (resident, newcomer)]
    await scene.whisper(resident, newcomer.name, scene.instance.room().word())
    await scene.whisper(newcomer, resident.name, scene.instance.room().word())
    if not await scene.until(lambda: all(one() for one in confirmed), patience):
        return "private messages to be confirmed"
    if not await scene.fence([resident, newcomer], patience):
        return "public messages to arrive"
    return None if resident.open and newcomer.open else "the connections to go on"
