"""What orders the chat of several nodes is paused, or killed, while people talk (CLUSTER-3, -4)."""

import asyncio

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.party import AFTER_SECONDS, Party
from chatproof_conformance.engine.exploration.workshop import Workshop

_PART_OF_BOUND = 0.2
"""A node may take the engine for gone, or others may take the node for lost, well before the bound."""
_TRIES = 2
"""That everyone was ended is believed if it happens again: on a busy machine a short pause can be a long one."""
_DOWN_SECONDS = 0.5


async def paused_briefly(workshop: Workshop, instance: Instance) -> None:
    """Pause the engine for much less than the bound: nobody is ended, and nobody misses anything."""
    situation = "the engine is paused for a fifth of the bound while people talk"
    for tries_left in reversed(range(_TRIES)):
        party = await Party.gather(workshop, instance, situation, ("CLUSTER-3",), of_engine=True)
        if party is None:
            return
        async with party.talking():
            if not await party.pause():
                return
            await asyncio.sleep(workshop.options.bound * _PART_OF_BOUND)
            await party.resume()
            await asyncio.sleep(AFTER_SECONDS)
        until = await party.settle()
        goes_on = all(one.open for one in party.everyone)
        party.judge(until, may_end=tries_left > 0)
        party.close()
        if goes_on:
            return
        await asyncio.sleep(workshop.options.bound * _PART_OF_BOUND)  # the nodes may still be coming back


async def paused_long(workshop: Workshop, instance: Instance) -> None:
    """Pause the engine for longer than the bound: everyone is ended; when it goes on, each node serves again."""
    situation = "the engine is paused for longer than the bound while people talk"
    party = await Party.gather(workshop, instance, situation, ("CLUSTER-3", "CLUSTER-4"), of_engine=True)
    if party is None:
        return
    async with party.talking():
        if not await party.pause():
            return
        await party.require_ends(party.everyone)
        await party.resume()
        await asyncio.sleep(AFTER_SECONDS)
    party.judge(await party.settle(), may_end=True)
    nodes = range(1, len(party.cluster.nodes) + 1)
    await party.serve_again(nodes, "that each node serves again when the engine goes on")
    await party.free_names()
    party.close()


async def killed(workshop: Workshop, instance: Instance) -> None:
    """Kill the engine and start it again: whoever goes on has everything; what is lost with it ends who saw it."""
    situation = "the engine is killed and started again while people talk"
    party = await Party.gather(workshop, instance, situation, ("CLUSTER-3",), of_engine=True)
    if party is None:
        return
    async with party.talking():
        party.at = party.note(f"{party.what} is killed (SIGKILL)")
        await asyncio.to_thread(party.engine.kill)
        await asyncio.sleep(_DOWN_SECONDS)
        party.note(f"{party.what} is started again")
        try:
            await asyncio.to_thread(party.engine.start_once_more)
        except TargetGone as gone:
            workshop.unknown["CLUSTER-3"] = f"the engine was killed, and cannot be started again: {gone}"
            party.close()
            return
        await asyncio.sleep(workshop.options.bound * _PART_OF_BOUND)
    party.judge(await party.settle(), may_end=True)
    party.close()
