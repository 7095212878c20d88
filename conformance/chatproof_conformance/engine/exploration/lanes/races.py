"""What several clients do at once: joins under one name, leaves and joins, talk to all and to each other."""

import asyncio
from itertools import cycle

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene, told_of
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.space.script import message

_RIVALS = 8
_NAME_ROUNDS = 12
_HEIR_ROUNDS = 6
_SECONDS = 2.0
"""After this time no other round of a race begins: the server is slow."""
_SPEAKERS = 8
_WRITES = 12
"""Two if nothing ends an object: then each frame waits for the answer to the last."""
_FRAMES = 4
_TALK_ROUNDS = 3
_AGREEING = 3


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Run each race in a recording of its own; of names the winners are counted, all else is for the judge."""
    for race, rounds, subject in _RACES:
        began = instance.recorder.now
        for number in range(rounds):
            scene = await Scene.open(instance)
            fenced = await race(workshop, scene, number)
            if fenced is not None:
                await workshop.examine(instance, scene.record(fenced=fenced), subject=subject, stops=not fenced)
            scene.close()
            if not fenced or instance.recorder.now - began > _SECONDS:
                break


async def _names(workshop: Workshop, scene: Scene, number: int) -> bool | None:
    """Let many ask for one name, or for two, at once; return None if not one of them gets it."""
    names = [scene.instance.room().own for _ in range(1 + number % 2)]
    rivals = await asyncio.gather(*(scene.connect("rival", name=name) for name, _ in zip(cycle(names), range(_RIVALS))))
    await asyncio.gather(*(scene.join(one) for one in rivals))
    workshop.evidence["JOIN-6"] += len(names)
    winners = [one for one in rivals if one.joined]
    if not winners and workshop.is_broken("FRAME-8", "JOIN-1"):
        return None  # who has joined cannot be told
    if sorted(one.name or "" for one in winners) != sorted(names) and all(one.answers for one in rivals):
        expected = f"that of {_RIVALS} joins at the same time one succeeds for each of the names {', '.join(names)}"
        workshop.report(scene.finding("JOIN-6", expected, f"{len(winners)} have joined"))
        return None
    return await scene.fence(winners) and await scene.depart(winners)


async def _heirs(_: Workshop, scene: Scene, number: int) -> bool:
    """Let somebody ask for a name at the first notice that it is free again, and somebody else just before."""
    holder = await scene.joined("holder")
    if not await scene.fence([holder]):
        return False
    told = [told_of([holder.name or ""], [one]) for one in scene.observers]
    if number % 2:
        holder.reset()
    else:
        holder.half_close()
    early = await scene.connect("early", name=holder.name)
    await scene.join(early)
    await scene.hear(lambda: any(one() for one in told))
    heirs = [early] if early.joined else [await scene.connect("heir", name=holder.name)]
    if not early.joined:
        await scene.join(heirs[0])
    in_time = await scene.hear(lambda: all(one() for one in told))
    holder.close()
    return in_time and await scene.depart(heirs)


async def _talk(_: Workshop, scene: Scene, number: int) -> bool:  # noqa: ARG001  every round is alike
    """Let many talk at once, while others come, speak and go."""
    speakers = await scene.crowd("speaker", _SPEAKERS)
    if not await scene.fence(speakers):
        return False
    comings = (_come_and_go(scene) for _ in range(2))
    await asyncio.gather(*(_speak(scene, one) for one in speakers), *comings)
    return await scene.fence(speakers)


async def _speak(scene: Scene, one: WaveConnection) -> None:
    room = scene.instance.room()
    for _ in range(_WRITES if scene.instance.framing == "lf" else 2):
        await scene.write(one, [message(type="message", content=room.word()) for _ in range(_FRAMES)])
        await asyncio.sleep(0)


async def _come_and_go(scene: Scene) -> None:
    guest = await scene.joined("guest")
    await scene.say(guest, scene.instance.room().word())
    await scene.depart([guest])


async def _whisper(_: Workshop, scene: Scene, number: int) -> bool:  # noqa: ARG001  every round is alike
    """Let pairs write to each other at once, and to themselves."""
    speakers = await scene.crowd("whisperer", _SPEAKERS)
    if not await scene.fence(speakers):
        return False
    partners = zip(speakers, [*speakers[1::-1], *speakers[3:1:-1], *speakers[5:3:-1], *speakers[:5:-1]], strict=True)
    await asyncio.gather(*(_whisper_to(scene, one, other) for one, other in partners))
    return await scene.fence(speakers)


async def _whisper_to(scene: Scene, one: WaveConnection, other: WaveConnection) -> None:
    room = scene.instance.room()
    for target in [other.name or ""] * (_WRITES if scene.instance.framing == "lf" else 2) + [one.name or ""]:
        frames = [message(type="private_message", target=target, content=room.word()) for _ in range(_FRAMES)]
        await scene.write(one, frames)
        await asyncio.sleep(0)


async def _agree(_: Workshop, scene: Scene, number: int) -> bool:  # noqa: ARG001  every round is alike
    """Let several say the same within a moment, to all and to one of them."""
    speakers = await scene.crowd("agreeing", _AGREEING)
    if not await scene.fence(speakers):
        return False
    word = scene.instance.room().word()
    for one in speakers:
        await scene.say(one, word)
        await scene.whisper(one, speakers[0].name, word)
    return await scene.fence(speakers)


_RACES = (
    (_names, _NAME_ROUNDS, "JOIN-6"),
    (_heirs, _HEIR_ROUNDS, "LEAVE-4"),
    (_talk, _TALK_ROUNDS, "ORDER-3"),
    (_whisper, _TALK_ROUNDS, "PRIVATE-1"),
    (_agree, 1, "PUBLIC-2"),
)
"""Each with how often it is run, and what it is about."""
