"""Listeners come in every state; silent ones stay away from a server that serves nobody beside them."""

import asyncio

import pytest

from chatproof_conformance.engine.exploration.opening import judge_opening
from support.workshop import workshop_with


def gathered(server):
    async def run():
        async with workshop_with(server) as workshop:
            instance = await workshop.instance()
            await instance.gather()
            can_go_on = await judge_opening(workshop, instance)
            labels = {one.label.rstrip("0123456789 ") for one in instance.audience if one.open}
            return labels, can_go_on and not workshop.findings

    return asyncio.run(run())


def test_all_are_there_and_nothing_is_wrong_with_their_coming():
    labels, is_right = gathered("baseline")
    assert labels == {"observer", "observer refused", "observer half", "lurker", "lurker refused", "lurker half"}
    assert is_right


@pytest.mark.parametrize("server", ["blocking-handshake", "half-frame-blocks"])
def test_silent_ones_stay_away_if_nobody_is_served_beside_them(server):
    labels, is_right = gathered(server)
    assert labels == {"observer", "observer refused", "lurker refused"}
    assert is_right
