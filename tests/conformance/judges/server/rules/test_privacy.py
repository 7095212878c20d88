"""What the judge finds of system messages that tell who writes to whom."""

import pytest

from conformance.judges.server.written_history import found

A, B, C = "ann7x2k9q", "bob7x2k9q", "cyd7x2k9q"
THREE = f"""
a> join {A}
a< system {A} joined the chat
b> join {B}
b< system {B} joined the chat
a< system {B} joined the chat
c> join {C}
c< system {C} joined the chat
a< system {C} joined the chat
b< system {C} joined the chat
a> say hello
a< says {A} hello
b< says {A} hello
c< says {A} hello
b> say hello too
a< says {B} hello too
b< says {B} hello too
c< says {B} hello too
c> say hello all
a< says {C} hello all
b< says {C} hello all
c< says {C} hello all
"""
WRITTEN = f"""a> tell {B} psst
b< tells {A} psst
a< told {B} psst
"""


@pytest.mark.parametrize("text", [f"{A} whispers to {B}", f"a message from {A} to {B}", f"{B} <- {A}"])
def test_nobody_else_hears_who_writes_to_whom(text):
    assert found(f"{THREE}{WRITTEN}c< system {text}") == {"PRIVATE-2"}


@pytest.mark.parametrize(
    "end",
    [
        f"c< system {A} has been here for an hour",
        f"c< system present: {A}, {B}, {C}",
        f"a< system you wrote to {B}, {A}",
        f"b< system {A} writes to you, {B}",
        f"c< system {A} greets {C}",
        f"a! close\n b! close\n c< system {A} and {B} go\n c< system {A} left the chat\n c< system {B} left the chat",
    ],
)
def test_other_system_messages_may_name_people(end):
    assert found(f"{THREE}{WRITTEN}{end}") == set()


def test_what_comes_before_the_message_is_not_about_it():
    assert found(f"{THREE}c< system {A} and {B} are new here\n{WRITTEN}") == set()


WORD = "xk3v9w2mq"


@pytest.mark.parametrize("text", [f"error no JSON after {WORD}", f"system the last word was {WORD}!"])
def test_nobody_else_hears_what_is_written(text):
    written = WRITTEN.replace("psst", WORD)
    bad_frame = "c> {broken\n" if text.startswith("error") else ""
    assert found(f"{THREE}{written}{bad_frame}c< {text}") == {"PRIVATE-2"}
    assert found(f"{THREE}{written}{bad_frame.replace('c', 'a', 1)}a< {text}") == set()


def test_what_is_said_to_all_is_no_secret():
    said = f"a> say {WORD}\na< says {A} {WORD}\nb< says {A} {WORD}\nc< says {A} {WORD}\n"
    assert found(f"{THREE}{WRITTEN.replace('psst', WORD)}{said}c> {{broken\nc< error after {WORD}") == set()
