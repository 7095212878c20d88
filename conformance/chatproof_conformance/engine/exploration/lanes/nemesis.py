"""What may happen to one server on any day: it is killed, stands still for a moment, has few file descriptors left."""

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.endpoints.process.target import DYING_SECONDS
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message
from chatproof_schemas.transcript import Kind

_TALKERS = 3
_PAUSE_SECONDS = 1.5
_END_SECONDS = 3.0
_PATIENCE = 5.0
_FILES_LEFT, _CROWD = 12, 40
_KILLED, _PAUSED = "the server was killed (SIGKILL) and started again at once", "the server stood still for a moment"
_CANNOT_TALK = "people could not talk before that was done to the server"
_FEW_FILES = f"the server has room for {_FILES_LEFT} more file descriptors, and {_CROWD} clients come"
_There = tuple[ServerProcess, Scene, list[WaveConnection]]


async def killed(workshop: Workshop, instance: Instance) -> None:
    """Kill it while people talk: it must start on the same port at once, and know none of their names."""
    there = await _gather(workshop, instance, "STOP-3", "LEAVE-4")
    if there is None:
        return
    process, scene, people = there
    with contextlib.closing(scene):
        await _speak(scene, people)
        _note(scene, "the server is killed (SIGKILL)")
        await asyncio.to_thread(process.kill)
        await scene.until(lambda: not any(one.open for one in people), _END_SECONDS, _END_SECONDS)
        workshop.evidence["STOP-3"] += 1
        _note(scene, "the server is started again")
        try:
            await asyncio.to_thread(process.start_once_more)
        except TargetGone as gone:
            expected = "that a server that was killed can be started again on the same port"
            _report(workshop, scene, scene.finding("STOP-3", expected, str(gone)), _KILLED)
            return
        heirs = [await scene.connect("heir", name=one.name) for one in people]
        await asyncio.gather(*(scene.join(one, patience=_PATIENCE) for one in heirs))
        workshop.evidence["LEAVE-4"] += len(heirs)
        for one in heirs:
            if not one.joined:
                expected = f'that the name "{one.name}" is free: the server of its user was killed'
                _report(workshop, scene, scene.finding("LEAVE-4", expected, "an error, or no answer", one), _KILLED)
                break


async def paused(workshop: Workshop, instance: Instance) -> None:
    """Let it stand still while people talk and somebody comes: nothing is lost, and the order is kept."""
    there = await _gather(workshop, instance, "PUBLIC-1", "ORDER-1")
    if there is None:
        return
    process, scene, people = there
    with contextlib.closing(scene):
        _note(scene, "the server is paused (SIGSTOP)")
        if not await asyncio.to_thread(process.pause):
            return
        for _ in range(3):
            await _speak(scene, people)
            await asyncio.sleep(_PAUSE_SECONDS / 3)
        newcomer = await scene.connect("newcomer")
        await scene.write(newcomer, [message(type="join", username=newcomer.name or "")])
        _note(scene, "the server goes on (SIGCONT)")
        await asyncio.to_thread(process.resume)
        await scene.until(lambda: newcomer.joined or not newcomer.open, _PATIENCE)
        fenced = await scene.fence([*people, newcomer], _PATIENCE)
        await workshop.examine(instance, scene.record(fenced=fenced), _PAUSED)


async def few_files(workshop: Workshop, instance: Instance) -> None:
    """Let more clients come than it has file descriptors: who is there is served, and who comes later, when they go."""
    there = await _gather(workshop, instance, "LOAD-3")
    if there is None:
        return
    process, scene, people = there
    with contextlib.closing(scene):
        if not await asyncio.to_thread(process.restrict_files, _FILES_LEFT):
            return
        _note(scene, f"the server may open {_FILES_LEFT} more files")
        crowd = await asyncio.gather(*(scene.connect("crowd") for _ in range(_CROWD)))
        await _speak(scene, people)
        served = await scene.fence(people, _PATIENCE)
        died = await asyncio.to_thread(process.exit_reason, DYING_SECONDS)
        workshop.evidence["LOAD-3"] += 1
        if died is not None:
            expected = "that the server goes on serving those who are there"
            _report(workshop, scene, scene.finding("LEAVE-7", expected, died, people[0]), _FEW_FILES)
            return
        if not served:
            expected = "that those who are there get what they say, while others cannot come in"
            _report(workshop, scene, scene.finding("LOAD-3", expected, "not all of it", people[0]), _FEW_FILES)
        for one in crowd:
            one.close()
        await _come_in(workshop, scene)


async def _gather(workshop: Workshop, instance: Instance, *ids: str) -> _There | None:
    """Let people come and talk; if they cannot, nothing is known of these requirements, and None is returned."""
    process = workshop.target(instance)
    if not isinstance(process, ServerProcess):
        return None
    scene = await Scene.open(instance, listeners=False)
    people = await scene.crowd("talker", _TALKERS)
    if all(one.joined for one in people) and await scene.fence(people):
        return process, scene, people
    workshop.unknown.update(dict.fromkeys(ids, _CANNOT_TALK))
    scene.close()
    return None


async def _come_in(workshop: Workshop, scene: Scene) -> None:
    """Let somebody join now that there is room again, as soon as that works."""
    began, newcomer = scene.instance.recorder.now, None
    while newcomer is None or not newcomer.joined:
        if scene.instance.recorder.now - began > _PATIENCE:
            expected = "that somebody can join again when the crowd has gone"
            finding = scene.finding("JOIN-1", expected, "no connection, or no answer", newcomer)
            _report(workshop, scene, finding, _FEW_FILES)
            return
        newcomer = await scene.connect("newcomer")
        if not newcomer.open or not await scene.join(newcomer, patience=1.0):
            await asyncio.sleep(0.1)


async def _speak(scene: Scene, people: Sequence[WaveConnection]) -> None:
    """Let each say something, and write to the next."""
    for one, other in zip(people, (*people[1:], people[0]), strict=True):
        await scene.say(one, scene.instance.room().word())
        await scene.whisper(one, other.name, scene.instance.room().word())


def _note(scene: Scene, what: str) -> None:
    scene.instance.recorder.append("", Kind.NOTE, what.encode())


def _report(workshop: Workshop, scene: Scene, finding: Finding, situation: str) -> None:
    words = workshop.target(scene.instance).last_words()
    workshop.report(replace(finding, situation=situation, last_words=words))
