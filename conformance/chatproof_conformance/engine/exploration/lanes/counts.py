"""Large numbers of plain things: frames in one write, messages of one user, lives of one name, connections."""

from collections.abc import Callable, Iterator

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

_WRITES = (130, 700)
_MESSAGES = 1000
_PRIVATES = 20
_EACH = 300
"""More than a byte can count."""
_MOST_UNENDED = 30
_LIVES = 30
_PASSERS_BY = 300
_AT_ONCE = 10
_SECONDS = 1.5
"""How long lives may follow each other; a slow server gets fewer."""


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Count up each thing in a recording of its own, then show that all is right still."""
    for count in (_frames, _lives, _connections):
        scene = await Scene.open(instance, listeners=False)
        fenced = await count(scene)
        await workshop.examine(instance, scene.record(fenced=fenced))
        scene.close()


def _messages(scene: Scene, number: int) -> list[bytes]:
    room = scene.instance.room()
    # With no LF between objects each waits for the answer to the last.
    most = number if scene.instance.framing == "lf" else _MOST_UNENDED
    return [message(type="message", content=room.word()) for _ in range(min(number, most))]


async def _frames(scene: Scene) -> bool:
    """Send many frames in one write, of which some are private, and as many more one by one."""
    speaker, other = await scene.joined("speaker"), await scene.joined("other")
    fenced = True
    for number in _WRITES:
        await scene.write(speaker, _messages(scene, number))
        fenced = fenced and await scene.fence([speaker])
    room = scene.instance.room()
    for number in range(_PRIVATES):
        await scene.whisper(speaker, other.name if number % 2 else room.word(), room.word())
    same = room.word()
    words = [room.word(), room.word(), same, same, room.word()]
    for target in (other.name, room.word()):
        frames = (message(type="private_message", target=target or "", content=word) for word in words)
        await scene.write(speaker, list(frames))
    for frame in _messages(scene, _MESSAGES - sum(_WRITES)):
        await scene.write(speaker, [frame])
    return fenced and await scene.fence([speaker, other]) and await _each_kind(scene, speaker, other)


async def _each_kind(scene: Scene, speaker: WaveConnection, other: WaveConnection) -> bool:
    """Let one connection send many of each kind of frame that has an answer."""
    room = scene.instance.room()
    most = _EACH if scene.instance.framing == "lf" else _MOST_UNENDED
    absent = room.word()
    kinds: tuple[Callable[[], bytes], ...] = (
        lambda: message(type="private_message", target=other.name or "", content=room.word()),
        lambda: message(type="private_message", target=absent, content=room.word()),
        lambda: message(type="join", username=absent),
        lambda: message(type=absent),
    )
    for frame in kinds:
        await scene.write(speaker, [frame() for _ in range(most)])
        if not await scene.fence([speaker]):
            return False
    return await scene.fence([other])


async def _lives(scene: Scene) -> bool:
    """Let one name come and go again and again, each time in order."""
    resident = await scene.joined("resident")
    name = scene.instance.room().own
    for _ in _while_quick(scene, _LIVES):
        one = await scene.connect("again", name=name)
        if not await scene.join(one):
            return False
        await scene.say(one, scene.instance.room().word())
        if not await scene.fence([one]) or not await scene.depart([one]):
            return False
    return await scene.fence([resident])


async def _connections(scene: Scene) -> bool:
    """Let many connections follow each other, each of which joins, speaks and leaves; the last are judged."""
    resident = await scene.joined("resident")
    unjudged = Scene(scene.instance)
    for _ in _while_quick(unjudged, _PASSERS_BY // _AT_ONCE):
        if not await _pass_by(unjudged):
            break
    unjudged.close()
    scene.instance.recorder.events = scene.events
    return await scene.fence([resident]) and await _pass_by(scene)


async def _pass_by(scene: Scene) -> bool:
    some = await scene.crowd("passer-by", _AT_ONCE)
    return all(one.joined for one in some) and await scene.fence(some) and await scene.depart(some)


def _while_quick(scene: Scene, most: int) -> Iterator[int]:
    began = scene.instance.recorder.now
    for number in range(most):
        if number and scene.instance.recorder.now - began > _SECONDS:
            return
        yield number
