"""How a server stops: its connections, its last words, its process and its port (STOP-1 to STOP-3)."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from chatproof_common.printable import quoted
from chatproof_conformance.core.outcomes import NotTested, TargetGone
from chatproof_conformance.endpoints.waves.audience import HALF_FRAME
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.exchange import PATIENCE, exchange
from chatproof_conformance.engine.exploration.lanes.scene import Scene, answered
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.server_frames import MessageKind, ServerFrame
from chatproof_conformance.space.script import message
from chatproof_schemas.transcript import Kind

STOP_SECONDS = 5.0
_SCHEDULING_SECONDS = 1.0
"""What a busy machine may add to them before it is the server's fault."""
_EXIT_SECONDS = 10.0
_LEFT_SECONDS = 2.0
"""How long a process may listen on after the one that started it has ended."""
_TALKERS = 5
_TALK_SECONDS = 0.05
_UNANSWERED = 120
"""Frames that a talker sends ahead: more would be a flood."""
_SMALL_BUFFER = 4096
_FILLINGS, _FILLING, _LONG = 4, 100, 900
"""About 360 KB: more than the system takes off a server's hands, less than what must end a connection (LOAD-4)."""
_PASSERS_BY = 20
_FRAMES = "frames that are one JSON object in UTF-8 each, ended by LF, at most 8192 bytes"
_VALID = "messages that are valid against the schema of their type"
_NOT_OURS = "the harness did not start this server; give --command to have it started and stopped"


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Stop a server with clients in every state; start it again, let many come and go, stop it with nobody there."""
    if not workshop.owns_server:
        workshop.untested.update(dict.fromkeys(("STOP-1", "STOP-2", "STOP-3"), _NOT_OURS))
        return
    scene = await Scene.open(instance)
    control = await exchange(scene, scene.observers[0]) if scene.observers else None
    if control is None or control.missing:
        why = "nobody could join and talk before the stop"
        workshop.unknown.update(dict.fromkeys(("STOP-1", "STOP-2", "STOP-3"), why))
        scene.close()
        return
    if (reason := await _stop_with_clients(workshop, scene)) is not None:
        workshop.untested.update(dict.fromkeys(("STOP-1", "STOP-2", "STOP-3"), reason))
        scene.close()
        return
    again = await _start_again(workshop, scene)
    if again is not None:
        await _stop_after_clients(workshop, again)


async def _stop_with_clients(workshop: Workshop, scene: Scene) -> str | None:
    """Stop it, and judge how it ends; return why it could not be asked to, None if it was asked."""
    await scene.joined("idle")
    _, half, closed = [await scene.connect(label) for label in ("stranger", "half", "half-closed")]
    await scene.send_part(half, b'{"type":"join","user')
    joined_half = await scene.joined("joined half")
    await scene.send_part(joined_half, HALF_FRAME)
    await scene.join(closed)
    closed.half_close()
    stalled = await scene.joined("stalled", receive_buffer=_SMALL_BUFFER)
    stalled.stop_reading()
    await _fill(scene, stalled)
    talkers = [await scene.joined("talker") for _ in range(_TALKERS)]
    talking = [asyncio.create_task(_talk(scene, one)) for one in talkers]
    await asyncio.sleep(_TALK_SECONDS)
    serves = await scene.fence(scene.observers[:1], PATIENCE)
    asked = len(scene.events)
    there = [one for one in (*scene.instance.audience, *scene.connections) if one is not stalled and one.ended is None]
    try:
        await workshop.ask_to_stop(scene.instance)
        await _end(scene, there)
        unread = await _stays(scene, stalled, since=scene.events[asked - 1].time)
    except NotTested as reason:
        return str(reason)
    finally:
        stalled.reset()
        await asyncio.gather(*talking)
    unheeded = await workshop.unheeded_stop(scene.instance, ended=not any(one.open for one in there))
    if unheeded is not None:
        return unheeded
    if not serves:
        workshop.unknown.update(dict.fromkeys(("STOP-1", "STOP-2"), "it served nobody just before the stop"))
        return None
    _judge_ends(workshop, scene, there, talkers)
    if unread and not workshop.is_broken("STOP-1"):
        expected = f"the end of every connection within {STOP_SECONDS:g} s of being asked to stop"
        actual = "that of a client that does not read goes on"
        workshop.report(scene.finding("STOP-1", expected, actual, stalled))
    readers = [one for one in there if one.joined and one.ended is Kind.SERVER_CLOSE and one is not closed]
    _judge_last_words(workshop, scene, readers, asked)
    _judge_strangers(workshop, scene, [one for one in there if not one.joined and one is not closed], asked)
    return None


async def _fill(scene: Scene, stalled: WaveConnection) -> None:
    """Send so much to one who does not read that something waits for it at the server when that stops."""
    filler = await scene.joined("filler")
    words = scene.instance.room()
    if scene.instance.framing == "lf":
        for _ in range(_FILLINGS):
            contents = [words.word().ljust(_LONG, "x") for _ in range(_FILLING)]
            frames = [message(type="private_message", target=stalled.name or "", content=one) for one in contents]
            await scene.write(filler, frames)
            await scene.fence([filler])


async def _talk(scene: Scene, one: WaveConnection) -> None:
    """Talk, always a few frames ahead, until the end of the stream has come."""
    nobody = scene.instance.room().word()
    frames = [message(type="private_message", target=nobody, content="x" * 800)] * 20
    until = scene.instance.recorder.now + STOP_SECONDS + _SCHEDULING_SECONDS
    sent = one.answers
    while one.open and scene.instance.recorder.now < until:
        if sent - one.answers < _UNANSWERED:
            sent += len(frames)
            if not await scene.write(one, frames, STOP_SECONDS):
                return
        await scene.until(answered(one, sent - _UNANSWERED + 1), 1.0)


async def _end(scene: Scene, there: Iterable[WaveConnection]) -> None:
    """Wait for the end of all; each closes when it sees the end of the stream, as a client does."""
    patience = STOP_SECONDS + _SCHEDULING_SECONDS
    await scene.until(lambda: not any(one.open for one in there), patience, most=patience)


async def _stays(scene: Scene, stalled: WaveConnection, since: float) -> bool:
    """Whether the connection of one who does not read goes on when it must have ended, as far as the system says."""
    until = since + STOP_SECONDS + _SCHEDULING_SECONDS
    seconds = max(0.0, until - scene.instance.recorder.now)
    return not await scene.until(lambda: not stalled.goes_on_at_server(), seconds, most=seconds)


def _judge_ends(
    workshop: Workshop, scene: Scene, there: Iterable[WaveConnection], talkers: list[WaveConnection]
) -> None:
    asked = workshop.asked_to_stop(scene.instance)
    for one in there:
        workshop.evidence["STOP-1"] += 1
        expected = f"the end of the stream within {STOP_SECONDS:g} s of being asked to stop"
        if one.ended is Kind.SERVER_RESET:
            while_talking = ", which talks until then" if one in talkers else ""
            workshop.report(scene.finding("STOP-1", expected + while_talking, f"a reset; {asked}", one))
        elif one.opened and one.ended is None:
            workshop.report(scene.finding("STOP-1", expected, f"the connection is still open; {asked}", one))
        else:
            continue
        return


def _judge_last_words(workshop: Workshop, scene: Scene, readers: Iterable[WaveConnection], asked: int) -> None:
    for one in readers:
        workshop.evidence["STOP-2"] += 1
        said = scene.received(one, asked)
        unreadable = next((frame for frame in said if frame.unreadable or frame.invalid), None)
        if unreadable is not None:
            requirement, expected = ("FRAME-1", _FRAMES) if unreadable.unreadable else ("FRAME-8", _VALID)
            actual = f"{unreadable.unreadable or unreadable.invalid} in its last words: {quoted(_text(unreadable))}"
            finding = scene.finding(requirement, expected, actual, one)
            workshop.report(replace(finding, frames=(unreadable.data,)))
            return
        if not any(frame.kind is MessageKind.SYSTEM for frame in said):
            expected = "a system message before the end, when the server stops"
            actual = f"none after it was asked to stop; {workshop.asked_to_stop(scene.instance)}"
            workshop.report(scene.finding("STOP-2", expected, actual, one))
            return


def _judge_strangers(workshop: Workshop, scene: Scene, strangers: Iterable[WaveConnection], asked: int) -> None:
    for one in strangers:
        workshop.evidence["JOIN-11"] += 1
        if said := [frame for frame in scene.received(one, asked) if frame.kind is not MessageKind.ERROR]:
            expected = "nothing but the end, when the server stops: the connection has not joined"
            finding = scene.finding("JOIN-11", expected, quoted(_text(said[0])), one)
            workshop.report(replace(finding, frames=(said[0].data,)))
            return


def _text(frame: ServerFrame) -> str:
    return frame.data.decode("utf-8", "replace")


async def _stop_after_clients(workshop: Workshop, instance: Instance) -> None:
    """Let many come, talk and go; stop when nobody is there, and start once more."""
    scene = await Scene.open(instance, listeners=False)
    for _ in range(2):
        passers_by = await scene.crowd("passer-by", _PASSERS_BY // 2)
        await scene.fence(passers_by[:2])
        for one in passers_by:
            one.close()
    await workshop.ask_to_stop(instance)
    again = await _start_again(workshop, scene)
    if again is not None:
        await workshop.release(again)


async def _start_again(workshop: Workshop, scene: Scene) -> Instance | None:
    """Close what is left, wait for the process, and start another at the same address: STOP-3."""
    instance = scene.instance
    if any(one.open for one in scene.connections):
        workshop.unknown["STOP-3"] = "it has not stopped"
        return None
    finding = scene.finding("STOP-3", "that a server that has stopped can be started again on the same port", "")
    # The server has ended first: then it is its port that the system keeps for a while.
    scene.close()
    instance.close()
    workshop.evidence["STOP-3"] += 1
    if (left := await _left_listening(workshop, instance)) is not None:
        actual = f"its process has ended, but {left} still listens {_LEFT_SECONDS:g} s later"
        workshop.report(replace(finding, actual=actual))
        return None
    if not await workshop.has_exited(instance, _EXIT_SECONDS - _LEFT_SECONDS):
        actual = f"its process still runs {_EXIT_SECONDS:g} s after its connections have ended"
        workshop.report(replace(finding, actual=f"{actual}; {workshop.asked_to_stop(instance)}"))
        return None
    try:
        return await workshop.start_again(instance)
    except TargetGone as gone:
        workshop.report(replace(finding, actual=str(gone)))
        return None


async def _left_listening(workshop: Workshop, instance: Instance) -> str | None:
    """Return who listens at two moments, so many seconds apart, although the process that started it has ended."""
    left = None
    for _ in range(2):
        if await workshop.has_exited(instance, _LEFT_SECONDS):
            return None
        if (left := await workshop.left_listening(instance)) is None:
            return None
    return left
