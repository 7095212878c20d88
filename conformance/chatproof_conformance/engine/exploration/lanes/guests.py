"""Guests, who connect and never join: nobody hears of their end or of what they try, in any words (LEAVE-5, JOIN-4)."""

import asyncio
import re

from chatproof_common.printable import quoted
from chatproof_conformance.endpoints.waves.audience import HALF_FRAME
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene, answered
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server.server_frames import MessageKind, read_server_frame
from chatproof_conformance.space.script import message
from chatproof_conformance.wire.framing import frame_splitter
from chatproof_schemas.transcript import Kind

_NOTICE_SECONDS = 0.5
_ROUNDS, _MOMENT = 3, 0.03
_ATTEMPTS = 12
_NUMBER = re.compile("[0-9]+")


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let guests in several states end while somebody listens; on our own server, every name that leaves is ours."""
    if not workshop.owns_server:
        return
    scene = await Scene.open(instance, listeners=False)
    resident = await scene.joined("resident")
    await _talk_alone(scene, resident)
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
    elif await workshop.examine(instance, scene.record(fenced=await scene.fence([resident]))):
        quiet = await Scene.open(instance, listeners=False)
        await _end_unheard(workshop, quiet)
        await _try_unheard(workshop, quiet)
        await _err_unheard(workshop, quiet)
        quiet.close()
    scene.close()


async def _end_unheard(workshop: Workshop, scene: Scene) -> None:
    """Let guests end, one after the other, and report what is said each time, and at no other time."""
    resident = await scene.joined("resident")
    usual = {text for _ in range(_ROUNDS) for text in await _hear(workshop, scene, resident)}
    for is_reset in (False, True):
        heard = []
        for _ in range(_ROUNDS):
            guest = await scene.connect("guest")
            await scene.join_as(guest, resident.name or "")
            since = len(scene.events)
            if is_reset:
                guest.reset()
            else:
                guest.close()
            heard.append(await _hear(workshop, scene, resident, since))
        if said := set.intersection(*heard) - usual:
            expected = f"nothing when {_ROUNDS} connections that never joined {'are reset' if is_reset else 'end'}"
            workshop.report(scene.finding("LEAVE-5", expected, f"each time {quoted(min(said))}", resident))
            return


async def _try_unheard(workshop: Workshop, scene: Scene) -> None:
    """Let guests ask again and again for names in use; report what each of these users hears then, and no other."""
    resident = await scene.joined("resident")
    heard = []
    others: set[str] = set()
    for _ in range(_ROUNDS - 1):
        holder = await scene.joined("holder")
        since = len(scene.events)
        guest = await scene.connect("guest")
        for _ in range(_ATTEMPTS):
            guest = guest if guest.open else await scene.connect("guest")
            await scene.join_as(guest, holder.name or "")
        heard.append(await _hear(workshop, scene, holder, since))
        others |= await _hear(workshop, scene, resident, since)
        guest.close()
    workshop.evidence["JOIN-4"] += len(heard)
    if said := set.intersection(*heard) - others:
        expected = f"that the holder of a name hears of no attempt, after {_ATTEMPTS} of them"
        workshop.report(scene.finding("JOIN-4", expected, quoted(min(said)), holder))


async def _err_unheard(workshop: Workshop, scene: Scene) -> None:
    """Let users send nothing but bad frames; report what others hear each time, and at no other time."""
    resident = await scene.joined("resident")
    usual, heard = await _hear(workshop, scene, resident), []
    for _ in range(_ROUNDS - 1):
        one = await scene.joined("erring")
        since = len(scene.events)
        for _ in range(_ATTEMPTS):
            done = answered(one, one.answers + 1)
            await scene.instance.say(one, b"{}")
            await scene.until(done)
        said = await _hear(workshop, scene, resident, since)
        heard.append({text.replace(one.name or "", "@") for text in said})
    workshop.evidence["ERROR-11"] += len(heard)
    if told := set.intersection(*heard) - usual:
        expected = f"that nobody else hears of {_ATTEMPTS} bad frames"
        workshop.report(scene.finding("ERROR-11", expected, quoted(min(told)), resident))


async def _talk_alone(scene: Scene, one: WaveConnection) -> None:
    """Let somebody talk, to oneself too, while nobody else is there."""
    word = scene.instance.room().word
    await scene.say(one, word())
    for target in (one.name, word()):
        await scene.whisper(one, target, word())
    await scene.instance.say(one, b"{}")
    await scene.fence([one])


async def _hear(workshop: Workshop, scene: Scene, one: WaveConnection, since: int | None = None) -> set[str]:
    """Return the notices of other wordings than joins and leaves have that come until a moment later.

    Names and numbers are left out of them: these differ each time. So is what the server says unasked.
    """
    since = len(scene.events) if since is None else since
    await asyncio.sleep(_MOMENT)
    await scene.fence([one])
    said = (frame for frame in scene.received(one, since) if frame.kind is MessageKind.SYSTEM)
    texts = (frame.text for frame in said if not workshop.judging.is_said_unasked(frame.data))
    return {_NUMBER.sub("0", text.replace(one.name or "", "@")) for text in texts}


def _strangers(scene: Scene, one: WaveConnection) -> list[str]:
    """Return the names that have left, as a connection was told, but for those that we have used at some time."""
    own = [event for event in scene.events if event.connection == one.label and event.kind is Kind.SERVER_DATA]
    lines = frame_splitter(scene.instance.framing).feed(b"".join(event.data for event in own))
    left = [frame.name for frame in map(read_server_frame, lines) if frame.kind is MessageKind.LEFT]
    return [name for name in left if not name.startswith(scene.instance.token)]
