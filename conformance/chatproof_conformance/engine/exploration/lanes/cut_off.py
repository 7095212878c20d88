"""One node's way to what orders the chat is held, or cut in the middle, while people talk (CLUSTER-2 to CLUSTER-5)."""

import asyncio

from chatproof_conformance.endpoints.process.relay import Direction
from chatproof_conformance.endpoints.waves.instance import Instance
from chatproof_conformance.engine.exploration.lanes.party import AFTER_SECONDS, Party
from chatproof_conformance.engine.exploration.workshop import Workshop

_IDS = ("CLUSTER-2", "CLUSTER-3", "CLUSTER-4", "CLUSTER-5")
_CUTS = 3
_HELD_SECONDS, _BETWEEN_SECONDS = 0.3, 0.7


async def to_engine(workshop: Workshop, instance: Instance) -> None:
    """Hold what a node sends to the engine for longer than the bound."""
    await _hold(workshop, instance, Direction.TO_ENGINE)


async def from_engine(workshop: Workshop, instance: Instance) -> None:
    """Hold what the engine sends to a node for longer than the bound."""
    await _hold(workshop, instance, Direction.FROM_ENGINE)


async def _hold(workshop: Workshop, instance: Instance, direction: Direction) -> None:
    """Hold it: the node ends its connections, its users leave elsewhere, and what comes late changes nothing."""
    situation = f"{direction.value} is held for longer than the bound while people talk"
    party = await Party.gather(workshop, instance, situation, _IDS)
    if party is None:
        return
    async with party.talking():
        party.at = party.note(f"{party.what}: {direction.value} is held")
        await asyncio.to_thread(party.relay.hold, direction)
        await party.hear_of_leaves()
        await party.require_ends(party.lost)
        party.note(f"{party.what}: all passes again, what was held first")
        await asyncio.to_thread(party.relay.go_on)
        await asyncio.sleep(AFTER_SECONDS)
    party.judge(await party.settle(), is_certain=True)
    await party.serve_again([party.number], "that a node serves again when it reaches the engine")
    party.close()


async def cuts(workshop: Workshop, instance: Instance) -> None:
    """Cut it again and again, in either direction, in the middle of what is held: nobody loses or doubles anything."""
    situation = "a node's connections to the engine are cut while people talk"
    party = await Party.gather(workshop, instance, situation, ("CLUSTER-3",))
    if party is None:
        return
    async with party.talking():
        for direction in (*Direction,) * _CUTS:
            party.at = party.note(f"{party.what}: {direction.value} is held")
            await asyncio.to_thread(party.relay.hold, direction)
            await asyncio.sleep(_HELD_SECONDS)
            party.note(f"{party.what}: half of that passes, and its connections to the engine are cut (RST)")
            await asyncio.to_thread(party.relay.cut)
            await asyncio.sleep(_BETWEEN_SECONDS)
            if not any(one.open for one in party.lost):
                break
        await asyncio.sleep(AFTER_SECONDS)
    party.judge(await party.settle(with_lost=True))
    party.close()
