"""Histories that fail are named, and none is played again for 10 seconds only to miss a leave once more."""

import asyncio

import pytest

from chatproof_conformance.endpoints.waves.stage import play_histories
from chatproof_conformance.engine.exploration.replays import explore_histories
from chatproof_conformance.space.histories import histories
from support.workshop import broken_by, run_lane, workshop_with


def played(part, number=6):
    """A lane that plays the first histories with something in their labels."""
    some = [history for history in histories(1) if part in history.label][:number]
    return lambda workshop, instance: explore_histories(workshop, instance, some)


def test_a_leave_that_is_missing_is_reported_at_once_with_its_history():
    workshop = run_lane(played("ends in a frame"), "half-frame-hides-leave", seconds=25)
    assert broken_by(workshop) == {"LEAVE-1"}
    assert all("ends in a frame" in finding.situation for finding in workshop.findings)


@pytest.mark.parametrize("server", [None, "jitter"])
def test_right_servers_are_left_alone(server):
    assert not run_lane(played("a third"), server).findings


def test_histories_side_by_side_are_told_apart_by_their_labels():
    async def run():
        async with workshop_with("baseline") as workshop:
            return await play_histories(await workshop.instance(), list(histories(0))[:3])

    record = asyncio.run(run())
    assert record.fenced
    labels = {event.connection.partition(".")[0] for event in record.events}
    assert labels >= {"h0", "h1", "h2"}
