"""Connections that are silent for seconds, in every state, and pauses inside frames (LEAVE-7, JOIN-12, FRAME-2)."""

import asyncio
import contextlib
from dataclasses import dataclass

from chatproof_common.printable import quoted
from chatproof_conformance.core.options import DEFAULT_BUDGET, DEFAULT_TIME_LIMIT, Options
from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.endpoints.waves.audience import HALF_FRAME
from chatproof_conformance.endpoints.waves.beside import beside
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.exchange import PATIENCE, exchange
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

IDLE_SECONDS = 7.0
"""Longer than the tolerance of TIME-1, so that a clock that stands still shows, too."""
LONG_IDLE_SECONDS = 12.0
"""With a larger budget or time limit."""
_UNJOINED_SECONDS = 9.5
"""From 10 seconds on a server may end a connection that has not joined (JOIN-12)."""
_PAUSES = (0.05, 0.3, 1.5, 3.0)
_CUTS = (1, 20, -1)
"""Where a frame is cut: behind its first byte, inside a member, before its last byte."""
_KEEP_ALIVE_SECONDS = 0.3
_WAITING, _LONG, _ALLOWED_BYTES = 40, 900, 65_536
"""Messages and their characters: with all that a server adds, less than so many bytes wait for who does not read."""
_SMALL_BUFFER = 4096
_BEFORE_OTHERS = 0.2


@dataclass(frozen=True, slots=True)
class _Silent:
    """Who is silent, and what it sends at last; one does not read either, and its twin gets the same and reads it."""

    joined: tuple[WaveConnection, ...]
    unjoined: tuple[WaveConnection, ...]
    alive: tuple[WaveConnection, ...]
    paused: WaveConnection
    twin: WaveConnection

    @property
    def patient(self) -> list[WaveConnection]:
        """Those that have not joined, but for who has asked for a name in use, and may be ended for that."""
        return [one for one in self.unjoined if "refused" not in one.label]


def idle_seconds(options: Options) -> float:
    """Return how long connections are idle."""
    more = options.budget > DEFAULT_BUDGET or options.time_limit > DEFAULT_TIME_LIMIT
    return LONG_IDLE_SECONDS if more else IDLE_SECONDS


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Show that all is right at once; then let seconds pass, and show it again."""
    scene = await Scene.open(instance, listeners=False)
    resident = await scene.joined("resident")
    control = await exchange(scene, resident)
    if control.missing:
        why = f"{control.missing}: that failed without a pause, too"
        workshop.unknown.update(dict.fromkeys(("LEAVE-7", "JOIN-12"), why))
        await workshop.examine(instance, scene.record(fenced=False))
    else:
        again = scene.instance.room().word()
        await _say(scene, resident, again)
        heir = await _heir(scene)  # first of all: a leave may be told late
        silent = await _gather(scene)
        seconds = idle_seconds(workshop.options)
        pausing = [_pause(scene, pause, cut) for pause in _PAUSES for cut in _CUTS]
        joining = _join_after(workshop, scene, silent.unjoined, min(seconds, _UNJOINED_SECONDS))
        async with beside(_keep(scene, silent.alive)):
            await asyncio.gather(*pausing, joining, _speak_after(workshop, scene, resident, seconds))
        # From 10 seconds on, a server may end who has not joined, or has not ended a line.
        if all(one.ended is None for one in silent.patient):
            workshop.evidence["JOIN-12"] += len(silent.patient)
        await scene.send_part(silent.joined[1], b'them"}\n')
        rival = await scene.connect("late rival", name=heir.name)
        if heir.joined and heir.open and await scene.join(rival):
            expected = f"that {quoted(heir.name or '')} is in use, seconds after another user of that name had left"
            workshop.report(scene.finding("JOIN-4", expected, "a second join as that succeeds", rival))
        else:
            await scene.whisper(silent.joined[0], heir.name, scene.instance.room().word())
            await _say(scene, resident, again)
            await scene.whisper(resident, heir.name, scene.instance.room().word())
            await _announce(workshop, scene)
            await _judge(workshop, scene, silent, seconds)
    scene.close()


async def _gather(scene: Scene) -> _Silent:
    joined = [await scene.joined("idle") for _ in range(3)]
    await scene.send_part(joined[1], HALF_FRAME)
    unjoined = [await scene.connect(f"unjoined {label}") for label in ("silent", "erring", "refused", "half")]
    await scene.instance.say(unjoined[1], b"{}")
    await scene.instance.say(unjoined[2], message(type="join", username=joined[0].name or ""))
    await scene.send_part(unjoined[3], HALF_FRAME)
    alive = [await scene.joined("blank"), await scene.connect("unjoined blank")]
    return _Silent(tuple(joined), tuple(unjoined), tuple(alive), *await _paused(scene))


async def _paused(scene: Scene) -> tuple[WaveConnection, WaveConnection]:
    """Let somebody stop reading, and let a little wait for it: however long, it must get that (LOAD-5).

    Return it, and a twin that gets the same and reads it.
    """
    paused = await scene.joined("paused", receive_buffer=_SMALL_BUFFER)
    twin = await scene.joined("twin")
    paused.stop_reading()
    if scene.instance.framing == "lf":
        filler, word = await scene.joined("filler"), scene.instance.room().word
        for one in (paused, twin):
            contents = [word().ljust(_LONG, "x") for _ in range(_WAITING)]
            kind = {"type": "private_message", "target": one.name or ""}
            await scene.write(filler, [message(**kind, content=content) for content in contents])
    return paused, twin


async def _heir(scene: Scene) -> WaveConnection:
    """Let somebody take the name of a user who has just left: what a server tidies up later must not be theirs."""
    holder = await scene.joined("holder")
    await scene.depart([holder])
    heir = await scene.connect("heir", name=holder.name)
    await scene.join(heir)
    return heir


async def _announce(workshop: Workshop, scene: Scene) -> None:
    """Announce something after the silence: its time must be the moment's, too (TIME-1)."""
    if workshop.can_announce:
        text = scene.instance.room().word()
        with contextlib.suppress(NotTested):  # the lane of announcements says so
            await workshop.announce(scene.instance, text)
        await scene.until(lambda: all(text in one.announced for one in scene.connections if one.joined and one.open))


async def _let_pass(workshop: Workshop, seconds: float) -> None:
    """Let seconds pass, or half of them if the server is broken anyway: whoever mends it waits for the verdict."""
    await asyncio.sleep(seconds / 2)
    failed = asyncio.create_task(workshop.failed.wait())
    try:
        await asyncio.wait((failed,), timeout=seconds / 2)
    finally:
        failed.cancel()


async def _join_after(workshop: Workshop, scene: Scene, silent: tuple[WaveConnection, ...], seconds: float) -> None:
    await _let_pass(workshop, seconds)
    for one in silent:
        if one.open and "half" not in one.label:
            await scene.join(one)


async def _say(scene: Scene, one: WaveConnection, content: str) -> None:
    """Say something to all and to oneself; said again later, it has another time (TIME-1)."""
    await scene.say(one, content)
    await scene.whisper(one, one.name, content)


async def _speak_after(workshop: Workshop, scene: Scene, resident: WaveConnection, seconds: float) -> None:
    """Let the first thing that happens after a while be a message: its time must be the moment's (TIME-1)."""
    await _let_pass(workshop, seconds - _BEFORE_OTHERS)
    await scene.mark(resident)
    await asyncio.sleep(_BEFORE_OTHERS)


async def _keep(scene: Scene, alive: tuple[WaveConnection, ...]) -> None:
    while True:
        for one in alive:
            await scene.send_part(one, b"\n")
        await asyncio.sleep(_KEEP_ALIVE_SECONDS)


async def _pause(scene: Scene, pause: float, cut: int) -> None:
    """Pause inside a message of a joined connection, and behind a whole frame and a part of the next."""
    one = await scene.joined("pausing")
    room = scene.instance.room()
    before, frame = (message(type="message", content=room.word() + "é🙂") for _ in range(2))
    whole = before + b"\n" if cut > 1 else b""
    await scene.send_part(one, whole + frame[:cut])
    await asyncio.sleep(pause)
    await scene.send_part(one, frame[cut:] + b"\n")


async def _judge(workshop: Workshop, scene: Scene, silent: _Silent, seconds: float) -> None:
    silent.paused.read_on()
    newcomer = await scene.joined("newcomer")
    content = await scene.mark(newcomer)
    await scene.until(lambda: all(content in one.markers or not one.open for one in silent.joined), PATIENCE)
    expected = "that the connection goes on, however long it sends nothing"
    forgotten = [one for one in silent.joined if one.open and content not in one.markers]
    if forgotten and content in newcomer.markers:
        workshop.report(scene.finding("LEAVE-7", f"{expected}, and gets what others say", "nothing", forgotten[0]))
        return
    if all(one.ended is None for one in silent.joined):
        workshop.evidence["LEAVE-7"] += len(silent.joined)
        await scene.until(lambda: content in silent.paused.markers or not silent.paused.open, PATIENCE)
        if silent.paused.ended is not None and silent.twin.bytes < _ALLOWED_BYTES:
            little = f"that the connection goes on: only {silent.twin.bytes // 1000} KB wait, for {seconds:g} s"
            workshop.report(scene.finding("LOAD-5", little, "its end", silent.paused))
            return
    fenced = await scene.fence([one for one in scene.connections if one.joined])
    dropped = [one for one in (silent.paused,) if one.ended]  # others may talk as much as they like
    await workshop.examine(scene.instance, scene.record(fenced=fenced, without=dropped))
