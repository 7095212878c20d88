"""A short talk with everyone at one address of a server, then at several: what fails only then is CLUSTER-1."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene, told_of
from chatproof_conformance.engine.exploration.workshop import Workshop
from chatproof_conformance.judges.server import judge
from chatproof_conformance.space.script import message

_TALKERS = 4
_ROUNDS = 3
_BURST, _LONG = 150, 900
_BAD = b"no JSON"


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Let them talk at each address alone, and at all of them; report what is wrong only if they are apart."""
    nodes = [1 + place % len(instance.placement.addresses) for place in range(_TALKERS)]
    apart = await _talk(instance, nodes)
    workshop.evidence["CLUSTER-1"] += 1
    if not apart:
        return
    alone = [one for node in sorted(set(nodes)) for one in await _talk(instance, [node] * _TALKERS)]
    known = {one.requirement for one in alone}
    wrong = [one for one in apart if one.requirement not in known]
    if not wrong:
        workshop.unknown["CLUSTER-1"] = f"with all clients at one address, {apart[0].requirement} is broken, too"
        workshop.hold_uncertain(replace(apart[0], situation="a talk of people at several addresses, or at one"))
    for finding in wrong[:1]:
        expected = f"with clients at several addresses ({finding.requirement}): {finding.expected}"
        shown = replace(finding, requirement="CLUSTER-1", expected=expected, cause=None)
        workshop.report(replace(shown, situation="a talk of people at several addresses; right at one address"))


async def _talk(instance: Instance, nodes: Sequence[int]) -> list[Finding]:
    """Let people join at these nodes, speak, whisper, err, leave, and come back; return what is wrong."""
    scene = await Scene.open(instance, listeners=False)
    people = [await scene.joined("talker", node=node) for node in nodes]
    first, last = people[0], people[-1]
    rival = await scene.connect("rival", name=first.name, node=nodes[-1])
    await scene.join(rival)
    await _race(scene, nodes)
    for _ in range(_ROUNDS):
        await asyncio.gather(*(_speak(scene, one, people) for one in people))
    fenced = await scene.fence(people)
    await _burst(scene, last)
    passer_by = await scene.joined("passer-by", node=nodes[0])
    told = told_of([str(passer_by.name)], people)
    passer_by.reset()
    await scene.hear(told)
    await scene.depart([first])
    heir = await scene.connect("heir", name=first.name, node=nodes[-1])
    await scene.join(heir)
    await scene.whisper(last, passer_by.name, scene.instance.room().word())
    people = [*people[1:], heir]
    await asyncio.gather(*(_speak(scene, one, people) for one in people))
    fenced = await scene.fence([one for one in people if one.joined]) and fenced
    record = scene.record(fenced=fenced)
    events, framing = tuple(record.events), instance.framing
    found = judge(events, framing=framing, settled=True).findings
    scene.close()
    return [replace(one, events=events, started=instance.recorder.started) for one in found]


async def _race(scene: Scene, nodes: Sequence[int]) -> None:
    """Let one at each node ask for one name at the same time."""
    name = scene.instance.room().own
    racers = [await scene.connect("racer", name=name, node=node) for node in dict.fromkeys(nodes)]
    await asyncio.gather(*(scene.join(one) for one in racers))


async def _burst(scene: Scene, one: WaveConnection) -> None:
    """Send many messages at once, the first of them as long as can be."""
    longest = message(type="message", content=scene.instance.room().word().ljust(_LONG, "x"))
    others = [message(type="message", content=scene.instance.room().word()) for _ in range(_BURST)]
    await scene.write(one, [longest, *others])


async def _speak(scene: Scene, one: WaveConnection, people: Sequence[WaveConnection]) -> None:
    """Send a public message, what is refused, a message, a whisper to each, and one to nobody: in one write."""
    room = scene.instance.room()
    whispers = [message(type="private_message", target=other.name or "", content=room.word()) for other in people]
    nobody = message(type="private_message", target=room.word(), content=room.word())
    words = [message(type="message", content=room.word()) for _ in range(2)]
    await scene.write(one, [words[0], _BAD, *whispers, words[1], nobody])
