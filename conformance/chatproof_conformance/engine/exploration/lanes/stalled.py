"""Clients that stop reading while megabytes wait for them (LOAD-2, LOAD-4)."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chatproof_common.printable import quoted
from chatproof_conformance.endpoints.waves.beside import beside
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.exchange import PATIENCE, exchange
from chatproof_conformance.engine.exploration.lanes.scene import Scene, told_of
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

_IDS = ("LOAD-2", "LOAD-4")
_MEGABYTE = 1_048_576
_CONTENT = "x" * 900
_BATCHES = (150, 40)
"""So many messages are sent at once; fewer to a server that gives up who has more than 64 KiB waiting (LOAD-5)."""
_SLOW_BATCH_SECONDS, _MOST_AT_ONCE = 0.15, 1200
"""A server that writes only now and then gets more at once, so that there is an end."""
_SMALL_BUFFER = 4096
_TINY_BUFFER = 1024
_LARGE_BUFFER = 1_048_576
_FRAMES_AT_ONCE, _SLOW_SECONDS = 20, 0.3
_SIZES = (150_000, 300_000, 450_000, 600_000, 900_000, 1_200_000)
"""How much waits for one who reads again; a server may drop it for that."""
_ENOUGH_BYTES = 6 * _MEGABYTE
"""More than the buffers of two kernels between a server and a client that stopped reading."""
_BOUNDED_BYTES = 17 * _MEGABYTE
_SHOWN_BYTES = 200
_STALLED = 6
"""More than a small pool of writers has; one of them floods, too."""
_SECONDS = 3.0
"""How long the flood beside others may take; a slow server is asked less."""
_POUR_SECONDS = 6.0
"""How long it may take to show that nothing bounds what is kept."""


@dataclass(slots=True)
class _Flood:
    """A flood.

    Attributes:
        speaker: who floods.
        resident: who must not be delayed by it.
        patience: seconds of silence after which it is.
        stalled: those who do not read it.
        witness: who has joined just behind the first of these, and reads all, if it goes to everyone.
        is_told: of each of these, whether the resident has been told that it has left.
        in_private: whether it goes to the stalled alone.
        bytes: how many at least wait for each of them.
        batches: how many have been sent.
        first: a marker of the speaker that came to everyone before the stalled ones stopped reading; or empty.
        batch: how many messages are sent at once.
        usual: how many seconds a newcomer took to join and talk, with no flood.
    """

    scene: Scene
    speaker: WaveConnection
    resident: WaveConnection
    patience: float
    stalled: list[WaveConnection]
    witness: WaveConnection | None = None
    is_told: Sequence[Callable[[], bool]] = ()
    in_private: bool = False
    bytes: int = 0
    batches: int = 0
    first: str = ""
    batch: int = _BATCHES[0]
    usual: float = 0.0

    def has_dropped(self) -> bool:
        """Whether the server has told that all who do not read have left."""
        return bool(self.is_told) and all(told() for told in self.is_told)

    async def pour(self) -> bool:
        """Send a batch; return whether it has come where somebody reads."""
        frames = [message(type="private_message", target=one.name or "", content=_CONTENT) for one in self.stalled]
        if self.in_private:
            frames *= self.batch
        else:
            room = self.scene.instance.room()
            words = (room.word() for _ in range(self.batch))
            frames += [message(type="message", content=word.ljust(len(_CONTENT), "x")) for word in words]
        await self.scene.write(self.speaker, frames, self.patience)
        self.batches += 1
        self.bytes += self.batch * len(_CONTENT)
        return await self.scene.fence([self.speaker], self.patience)

    def another(self) -> "_Flood":
        """Return one for others who do not read, to whom alone it goes."""
        return _Flood(self.scene, self.speaker, self.resident, self.patience, [], in_private=True, batch=self.batch)

    async def stall(self, count: int, receive_buffer: int = _SMALL_BUFFER) -> None:
        """Let so many join who read nothing from then on."""
        self.stalled = []
        for _ in range(count):
            self.stalled.append(await self.scene.joined("stalled", receive_buffer=receive_buffer))
            if not self.in_private and self.witness is None:
                self.witness = await self.scene.joined("witness")
        first = await self.scene.mark(self.speaker)
        readers = [self.resident, *self.stalled, *([self.witness] if self.witness else [])]
        if await self.scene.until(lambda: all(first in one.markers or not one.open for one in readers), self.patience):
            self.first = first
        self.is_told = [told_of([one.name or ""], [self.resident]) for one in self.stalled]
        for one in self.stalled:
            one.stop_reading()


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Flood a room in which all read, then one in which some do not; meanwhile others come and talk."""
    if instance.framing != "lf":
        workshop.untested.update(dict.fromkeys(_IDS, "one object at a time fills no buffers"))
        return
    for batch in _BATCHES:
        scene = await Scene.open(instance, listeners=False)
        speaker, resident = await scene.joined("speaker"), await scene.joined("resident")
        control = await exchange(scene, resident)
        flood = _Flood(scene, speaker, resident, control.patience, [], batch=batch, usual=control.seconds)
        if control.missing or not await flood.pour():
            stuck = "a flood that all read got stuck"
        else:
            stuck = await _stall(workshop, flood)
        scene.close()
        if not stuck:
            break
        workshop.unknown.update(dict.fromkeys(_IDS, stuck))


async def _stall(workshop: Workshop, flood: _Flood) -> str:
    """Flood some who do not read, and judge it; return what fails if all read, too: then it says nothing."""
    scene = flood.scene
    for id_ in _IDS:
        workshop.unknown.pop(id_, None)
    missing = await _flood_beside(flood)
    if missing and await _gets_stuck(workshop, flood.batch, all_read=flood.batches):
        return f"{missing}: that failed if all read, too"
    if missing and not await _gets_stuck(workshop, flood.batch):
        workshop.unknown.update(dict.fromkeys(_IDS, f"{missing}: that was late in 1 of 2 attempts"))
    elif missing:
        expected = f"{missing} although {_STALLED} clients do not read"
        workshop.report(scene.finding("LOAD-2", expected, f"nothing for {flood.patience:.0f} s"))
    else:
        workshop.evidence["LOAD-2"] += 1
        dropped = [one for one in scene.connections if one.ended]  # we may not have read fast enough ourselves
        await workshop.examine(scene.instance, scene.record(without=[flood.speaker, *flood.stalled, *dropped]))
        await _read_late(workshop, flood)
        await _pour_on(workshop, flood)
        if flood.has_dropped():
            private = flood.another()
            await private.stall(1)
            await _pour_on(workshop, private)
    return ""


async def _gets_stuck(workshop: Workshop, batch: int, all_read: int | None = None) -> bool:
    """Whether a flood gets stuck on a fresh instance, too: if some do not read, or of so many batches if all do."""
    instance = await workshop.instance()
    try:
        scene = await Scene.open(instance, listeners=False)
        speaker, resident = await scene.joined("speaker"), await scene.joined("resident")
        flood = _Flood(scene, speaker, resident, PATIENCE, [], batch=batch)
        stuck = await _flood_beside(flood) is not None if all_read is None else not await _pours(flood, all_read)
        scene.close()
        return stuck
    finally:
        await workshop.release(instance)


async def _pours(flood: _Flood, batches: int) -> bool:
    for _ in range(batches):
        if not await flood.pour():
            return False
    return (await exchange(flood.scene, flood.resident)).missing is None


async def _flood_oneself(one: WaveConnection, pause: float) -> None:
    """Send, and read nothing of it, a frame each so many seconds; a server may stop reading that."""
    frame = message(type="message", content=_CONTENT) + b"\n"
    for _ in range(_MEGABYTE // len(frame)):
        if not await one.send(frame):
            return
        await asyncio.sleep(pause)


async def _flood_beside(flood: _Flood) -> str | None:
    """Flood some who do not read, one of whom floods, too, and let somebody come and talk; return what was missing."""
    await flood.stall(_STALLED)
    # A server that is slow in itself has as little waiting for those who read as a quick one.
    pause = flood.usual / _FRAMES_AT_ONCE if flood.usual > _SLOW_SECONDS else 0.0
    async with beside(_flood_oneself(flood.stalled[1], pause)):
        return await _flood_and_talk(flood)


async def _flood_and_talk(flood: _Flood) -> str | None:
    scene = flood.scene
    began, next_talk = scene.instance.recorder.now, 0
    while flood.bytes < _ENOUGH_BYTES and scene.instance.recorder.now - began < _SECONDS:
        if flood.bytes >= next_talk:
            missing = (await exchange(scene, flood.resident, flood.patience)).missing
            if missing:
                return missing
            next_talk += _ENOUGH_BYTES // 3
        if not await flood.pour():
            return "public messages to arrive"
        if flood.has_dropped():
            break
    return (await exchange(scene, flood.resident, flood.patience)).missing


async def _read_late(workshop: Workshop, flood: _Flood) -> None:
    """Let somebody read again just when the kernels can take no more: a write then takes only a part (FRAME-1).

    How much they take depends on the server and on chance, so there are several tries, each with more.
    """
    for size in _SIZES:
        if not await _read_after(workshop, flood, size):
            break


async def _read_after(workshop: Workshop, flood: _Flood, size: int) -> bool:
    """Let so many bytes wait for somebody, who then reads; return whether the server has kept all and sent all."""
    late = flood.another()
    await late.stall(1, _TINY_BUFFER)
    one = late.stalled[0]
    while late.bytes < size and not late.has_dropped():
        if not await late.pour():
            return False
        flood.scene.instance.recorder.events.clear()
    last = await flood.scene.mark(flood.speaker)
    await flood.scene.fence([flood.resident], late.patience)
    one.read_on(receive_buffer=_LARGE_BUFFER)
    came = await flood.scene.until(lambda: not one.open or last in one.markers or one.broken is not None, late.patience)
    after = await _judge_gaps(workshop, late, one)
    if not came and after in one.markers and one.open:
        expected = "that all that waits for a client comes as it reads, although nobody says anything more"
        actual = "the rest of it only when somebody said something"
        workshop.report(flood.scene.finding("PUBLIC-1", expected, actual, one))
        return False
    is_whole = one.open and one.broken is None
    one.close()  # it reads slowly
    return is_whole


async def _pour_on(workshop: Workshop, flood: _Flood) -> None:
    """Go on until the server ends the connection, or has provably kept more than is bounded."""
    scene, one = flood.scene, flood.stalled[0]
    began = scene.instance.recorder.now
    while (
        not flood.has_dropped() and flood.bytes < _BOUNDED_BYTES and scene.instance.recorder.now - began < _POUR_SECONDS
    ):
        poured_at = scene.instance.recorder.now
        if not await flood.pour():
            break
        if scene.instance.recorder.now - poured_at > _SLOW_BATCH_SECONDS and flood.batch >= _BATCHES[0]:
            flood.batch = min(2 * flood.batch, _MOST_AT_ONCE)
        scene.instance.recorder.events.clear()
    if flood.has_dropped():
        workshop.evidence["LOAD-4"] += 1
        if flood.witness is not None and flood.witness.open:
            await _judge_gaps(workshop, flood, flood.witness)
        return
    sent = flood.bytes
    one.read_on(receive_buffer=_LARGE_BUFFER)
    await scene.until(lambda: not one.open or one.bytes >= sent, flood.patience)
    await _judge_gaps(workshop, flood, one)
    if one.ended is not None:
        workshop.evidence["LOAD-4"] += 1
        if not await scene.hear(flood.is_told[0]):
            expected = f"the notice that {quoted(one.name or '')} left, whose connection the server ended"
            workshop.report(scene.finding("LEAVE-1", expected, "nothing of it", flood.resident))
    elif one.bytes >= _BOUNDED_BYTES:
        expected = "that a client that does not read is disconnected in the end"
        actual = f"{one.bytes // _MEGABYTE} MiB were kept for it"
        workshop.report(scene.finding("LOAD-4", expected, actual, one))
    else:
        workshop.unknown["LOAD-4"] = f"only {sent // _MEGABYTE} MiB passed in {_POUR_SECONDS:g} s"


async def _judge_gaps(workshop: Workshop, flood: _Flood, one: WaveConnection) -> str:
    """Whoever is still connected, and reads, gets everything: a server may drop it, but no single message.

    Nor may it get parts of frames, because a write took less than it was given. Return the marker that was said last.
    """
    scene, readers = flood.scene, (one, flood.resident)
    last = await scene.mark(flood.speaker)
    await scene.until(lambda: not one.open or last in one.markers or one.broken is not None, flood.patience)
    await scene.until(lambda: last in flood.resident.markers or not flood.resident.open, flood.patience)
    if one.broken is not None:
        text = quoted(one.broken[:_SHOWN_BYTES].decode("utf-8", "replace"))
        expected = "whole frames, also after a while in which nothing was read"
        workshop.report(scene.finding("FRAME-1", expected, f"a line that is no JSON object: {text}", one))
    elif all({flood.first, last} <= reader.markers for reader in readers):
        got, due = (reader.counted[last] - reader.counted[flood.first] for reader in readers)
        if got < due:
            behind = (
                "it did not read for a while" if one is not flood.witness else "the server ends another's connection"
            )
            expected = f"every public message, or the end of the connection, although {behind}"
            actual = f"a later message, but not {due - got} earlier ones that others got"
            workshop.report(scene.finding("PUBLIC-1", expected, actual, one))
    return last
