"""Nodes that are lost while people talk: killed, paused for a moment, paused for long (CLUSTER-2, -3, -5)."""

import asyncio

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.party import AFTER_SECONDS, Party
from chatproof_conformance.engine.exploration.workshop import Workshop

IDS = ("CLUSTER-2", "CLUSTER-3", "CLUSTER-5")


async def killed(workshop: Workshop, instance: Instance) -> None:
    """Kill a node: its users leave once, their names are free; start it again: it serves."""
    party = await Party.gather(workshop, instance, "a node is killed while people talk", IDS)
    if party is None:
        return
    async with party.talking():
        party.at = party.note(f"{party.what} is killed (SIGKILL)")
        await asyncio.to_thread(party.node.kill)
        await party.hear_of_leaves()
        await asyncio.sleep(AFTER_SECONDS)
    party.judge(await party.settle(), is_certain=True)
    await party.take_names()
    await _start_again(party)
    party.close()


async def paused_briefly(workshop: Workshop, instance: Instance) -> None:
    """Pause a node for half the bound: whoever goes on has everything; whoever cannot is ended."""
    party = await Party.gather(workshop, instance, "a node is paused for half the bound while people talk", IDS)
    if party is None:
        return
    async with party.talking():
        if not await party.pause():
            return
        await asyncio.sleep(workshop.options.bound / 2)
        await party.resume()
        await asyncio.sleep(AFTER_SECONDS)
    party.judge(await party.settle(with_lost=True))
    party.close()


async def paused_long(workshop: Workshop, instance: Instance) -> None:
    """Pause a node for twice the bound: its users leave meanwhile; when it wakes up, it ends their connections."""
    party = await Party.gather(workshop, instance, "a node is paused for twice the bound while people talk", IDS)
    if party is None:
        return
    async with party.talking():
        if not await party.pause():
            return
        await party.hear_of_leaves()
        await party.take_names()
        await asyncio.sleep(max(0.0, party.at + 2 * workshop.options.bound - instance.recorder.now))
        await party.resume()
        await party.scene.until(lambda: not any(one.open for one in party.lost), party.most, party.most)
        await asyncio.sleep(AFTER_SECONDS)
    party.judge(await party.settle(), is_certain=True)
    party.close()


async def _start_again(party: Party) -> None:
    """Start the killed node again; somebody must be able to join there, and to talk with the others."""
    expected = "that a node that was killed serves when it is started again"
    party.note(f"{party.what} is started again")
    try:
        await asyncio.to_thread(party.node.start_once_more)
    except TargetGone as gone:
        party.report(party.scene.finding("CLUSTER-1", expected, str(gone)))
        return
    await party.serve_again([party.number], expected)
