"""What the judge finds of who is there, and of those who leave."""

import pytest

from conformance.judges.server.written_history import assert_found, found

HISTORIES = [
    ("LEAVE-1", "b! half_close\n -! note", "b! half_close\n a< system bob left the chat\n -! note"),
    ("LEAVE-2", "b! reset\n -! note", "b! reset\n a< system bob left the chat\n -! note"),
    (
        "LEAVE-1",
        "b! half_close\n a< system bob left the chat\n a< system bob left the chat",
        "b! half_close\n a< system bob left the chat",
    ),
    ("LEAVE-3", "b! half_close\n a< system bob has gone", "b! half_close\n a< system bob left the chat"),
    (
        "LEAVE-4",
        "b! half_close\n a< system bob left the chat\n c> join bob\n c< error Username already taken",
        "b! half_close\n c> join bob\n c< error Username already taken\n a< system bob left the chat",
    ),
    (
        "LEAVE-6",
        "b> say x\n b! half_close\n a< system bob left the chat",
        "b> say x\n b! reset\n a< system bob left the chat",
    ),
    (
        "LEAVE-6",
        "b> say x\n b! half_close\n a< system bob left the chat",
        "b> say x\n b! half_close\n b! reset\n a< system bob left the chat",
    ),
]
"""A requirement, a history that breaks it, and the nearest that breaks nothing."""


@pytest.mark.parametrize(("requirement", "bad", "good"), HISTORIES)
def test_it_is_found_there_and_not_next_to_it(requirement, bad, good):
    assert_found(requirement, bad, good)


def _in_other_words(visitors):
    """A stays while each visitor comes as bob and goes, all told in other words than those of SPEC.md."""
    lines = ["a> join ann", "a< system hello ann"]
    for visitor in visitors:
        lines += [f"{visitor}> join bob", f"{visitor}< system hello bob", "a< system hello bob"]
        lines += [f"{visitor}! half_close", f"{visitor}! server_close", "a< system bob is gone"]
    return "\n".join([*lines, ""])


def test_notices_in_other_words_leave_the_messages_explained():
    private = (
        "y> join bob\n y< system hello bob\n a< system hello bob\n y> tell ann x\n y< told ann x\n a< tells bob x\n"
    )
    private += "a! reset\n y< system ann is gone"
    assert found(_in_other_words("bcd") + private) == {"JOIN-3", "LEAVE-3"}


def test_a_notice_of_a_later_join_is_not_taken_for_one_of_a_name_that_changed_hands_long_before():
    talk = [f"talk {number}" for number in range(45)]
    long_before = "\n".join(
        [
            "a> join red",
            "a< system red joined the chat",
            *(f"a> say {text}" for text in talk),
            *(f"a< says red {text}" for text in talk),
            "a! half_close",
            "a! server_close",
        ]
    )
    later = """
    c> join blue
    c< system blue joined the chat
    d> join red
    d< system red joined the chat
    c> say hello
    c< system red joined the chat
    c< says blue hello
    d< says blue hello
    d> say x
    d< says red x
    d! half_close
    d! server_close
    c< says red x
    c< system red left the chat
    """
    assert found(f"{long_before}\n{later.strip()}") == set()
    lost = later.replace("    c< system red joined the chat\n", "")
    assert found(f"{long_before}\n{lost.strip()}") == {"JOIN-1"}


def test_a_list_of_those_present_is_told_from_joins_however_long_they_have_talked():
    talk = "\n".join(["a> join red", "a< system red joined the chat", *["a> say hi", "a< says red hi"] * 50])
    late = "\nc> join blue\nc< system blue joined the chat\na< system blue joined the chat"
    listed = f"{talk}{late}\nc< system red joined the chat\na> say hi\na< says red hi\n"
    assert found(f"{listed}c< says red hi") == set()
    assert found(listed) == {"PUBLIC-1"}
    assert found(f"{listed}c< says red hi\nc< says red hi") == {"PUBLIC-1"}
    assert found(f"{listed}c< says red hi\nc< system red joined the chat") == {"JOIN-13"}
