"""What the operator announces (SERVER-1)."""

from collections import Counter

from chatproof_conformance.core.outcomes import NotTested
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.scene import Scene
from chatproof_conformance.engine.exploration.workshop import Workshop

TEXTS = (
    "{}",
    "{} again, word for word",
    "{} again, word for word",
    "{}  two   spaces \t and a tab",
    "{} é ß \U0001f642 \u4f60\u597d \u202eright to left",
    "{} \"quoted\" 'twice' \\n \\u0041 back\\slash %s %d {{0}} $& <b>&amp;</b>",
    '{{"type":"error","message":"{} is no frame"}}',
    "{} " + "x" * 700,
    "{} left the chat",
)
"""``{}`` stands for a word that nothing else holds."""
_NOTHING = ""
"""What is no message, and easily typed: a server need not send it, but what it sends must be one."""
_PATIENCE = 4.0


async def lane(workshop: Workshop, instance: Instance) -> None:
    """Announce before anyone has joined, to clients in every state, and after many have come and gone."""
    if not workshop.can_announce:
        workshop.untested["SERVER-1"] = "the harness was not told how to announce; give --announce"
        return
    try:
        await _announce_all(workshop, instance)
    except NotTested as reason:
        workshop.untested["SERVER-1"] = str(reason)


async def _announce_all(workshop: Workshop, instance: Instance) -> None:
    scene = await Scene.open(instance, listeners=False)
    await workshop.announce(instance, f"{instance.room().word()} before anyone")
    await instance.gather()
    opening = instance.audience.opening
    scene.events += opening
    instance.recorder.events = scene.events
    silent = await scene.joined("silent")
    word = instance.room().word()
    for text in TEXTS:
        await workshop.announce(instance, text.format(word))
    await _await(scene, [text.format(word) for text in TEXTS], [silent])
    await scene.depart([await scene.joined("passer-by") for _ in range(3)])
    leaving = await scene.joined("leaving")
    await workshop.announce(instance, f"{word} to who leaves next")
    await _await(scene, [f"{word} to who leaves next"], [silent, leaving])
    await scene.depart([leaving])
    newest = await scene.joined("newest")  # so many are there as before, but not the same
    texts = [f"{word} after some have left", f"{word} at the same time"]
    await workshop.announce(instance, *texts)
    if await _await(scene, texts, [silent, newest]):  # else another line might bring what is kept back
        await workshop.announce(instance, _NOTHING, is_owed=False)
    if await scene.fence([silent]):
        await workshop.examine(instance, scene.record(), subject="SERVER-1")
    scene.close()


async def _await(scene: Scene, texts: list[str], others: list[WaveConnection]) -> bool:
    """Wait until everyone who has joined has got what was announced; return False if nothing more comes before."""
    due = Counter(texts)
    everyone = [*scene.observers, *others]
    patience = _PATIENCE if scene.instance.recorder.now < _PATIENCE else None
    return await scene.until(lambda: all(due <= one.announced or not one.open for one in everyone), patience)
