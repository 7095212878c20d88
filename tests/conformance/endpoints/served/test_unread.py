"""Much stands unread as a connection ends, or a client writes slowly: what is owed then, and to whom."""

import pytest

from chatproof_conformance.engine.conversations.lanes import lanes
from chatproof_conformance.engine.conversations.plan import overdue, replies
from chatproof_conformance.space.conversation.acts import Asked, Said
from chatproof_conformance.space.conversation.messages import valid_message
from chatproof_conformance.space.conversation.script import Answers, End, Script, Stage, Unread
from conformance.endpoints.served.test_player import played
from support.own_client import client_command

UNREAD = [script for script in lanes() if script.unread is not Unread.NOTHING]
OF_USER, OF_SERVER = ([script for script in UNREAD if script.unread is kind] for kind in list(Unread)[1:])
MANY_BEFORE_JOINED = [script for script in lanes() if script.hasty]


def faults(command, *scripts):
    return [one.findings[0].requirement for one in played(command, *scripts) if one.failed is not None]


def ending(scripts, *kinds):
    return [script for script in scripts if script.end in kinds]


@pytest.mark.parametrize("name", ["client-baseline", "client-blind-c-exits-at-every-end"])
def test_a_right_client_sends_all_before_it_leaves_and_is_not_reset(name):
    assert faults(client_command(name), *UNREAD, *MANY_BEFORE_JOINED) == []


@pytest.mark.parametrize(
    ("name", "scripts", "id_"),
    [
        ("end-told-by-both-threads", ending(OF_USER, End.RESET), "CLIENT-7"),
        ("switch-drops-queue", ending(OF_USER, End.CONNECTS_ANEW), "CLIENT-16"),
        ("half-second-to-flush", ending(OF_USER, End.INPUT_ENDS), "CLIENT-16"),
        ("leave-closes-unread", ending(OF_SERVER, End.LEAVE), "CLIENT-16"),
        ("kept-drops-oldest", MANY_BEFORE_JOINED, "CLIENT-14"),
        ("target-respelled", list(replies()), "CLIENT-14"),
        ("same-name-joined-once", [Script("ann"), Script("ann")], "CLIENT-13"),
    ],
)
def test_each_kind_of_loss_has_a_conversation_that_shows_it(name, scripts, id_):
    assert faults(client_command(f"client-blind-c-{name}"), *scripts) == [id_]


def test_an_error_that_comes_behind_the_next_join_does_not_answer_it():
    command = client_command("client-blind-c-early-error-miscounted")
    assert faults(command, Script("ann"), *overdue()) == ["CLIENT-13"]
    assert faults(client_command("client-baseline"), Script("ann"), *overdue()) == []


@pytest.mark.needs("node")
def test_what_was_not_delivered_is_no_answer_to_what_is_still_being_written():
    lost = {**valid_message("private_confirmation", "lost"), "delivered": False}
    acts = (*(Said("undelivered", lost) for _ in range(4)), *(Asked(f"say: {n}", f"word {n}") for n in range(8)))
    stages = (Stage(acts, answers=Answers.LATE), Stage(acts, answers=Answers.REVERSED))
    command = client_command("client-blind-c-node-paced")
    assert faults(command, Script("ann", stages=stages, end=End.CONNECTS_ANEW), Script("ann")) == []
