"""Clients whose machine is gone without an end of the stream: nobody may stay a ghost."""

import time

import pytest

from common.system.vanishing import needs_packet_filters, vanish

pytestmark = needs_packet_filters


@pytest.mark.parametrize("talking", [False, True], ids=["in silence", "while others talk"])
def test_a_client_whose_machine_vanished_leaves_and_its_name_is_free(start, join, talking):
    server = start(vanished_seconds=3.0)
    alice, bob = join(server, "Alice"), join(server, "Bob")
    alice.read()
    alice.socket.settimeout(30)
    vanish(bob.socket)
    if talking:
        alice.say("is anybody there?")
        assert alice.read()["content"] == "is anybody there?"
    assert alice.read()["message"] == "Bob left the chat"
    assert join(server, "Bob")
    assert server.totals().ended == {"its machine no longer answers": 1}


def test_a_client_that_is_silent_or_does_not_read_stays(start, join):
    server = start(vanished_seconds=1.0)
    alice, bob = join(server, "Alice"), join(server, "Bob")
    alice.read()
    for _ in range(40):  # less than may wait for a client, more than its window takes at once if it is small
        alice.say("x" * 900)
        alice.read()
    time.sleep(3)  # three times what a vanished machine is given
    bob.read_many(40)
    alice.say("still here?")
    assert bob.read()["content"] == "still here?"
