"""Chats of real programs: what is right is green, and who is wrong is named, alone."""

import sys

import pytest

from chatproof_conformance.apps.interop.outcome import Status
from chatproof_conformance.core.roles import Role
from conformance.apps.interop.parties import blamed, had, party

TALK = ["join", "taken", "public", "long", "burst", "private", "absent", "leave", "return", "announcement", "stop"]
DIES = "import sys; sys.stdin.readline(); print('oh no', file=sys.stderr); sys.exit(3)"
BABBLES = "print('hello', flush=True); import sys; sys.stdin.read()"


def script(text):
    return f"{sys.executable} -S -E -c {text!r}"


def test_conforming_ones_are_green_and_all_was_seen():
    outcome = had(party("threads"), party("client-threads"))
    assert (outcome.status, outcome.breaches) == (Status.WORKS, [])
    assert sorted(one.kind for one in outcome.sightings) == sorted(TALK)
    assert all(one.is_whole for one in outcome.sightings)
    assert len({guest.username for guest in outcome.guests}) == 3
    assert {"FRAME-1", "JOIN-1", "JOIN-4", "PUBLIC-1", "PRIVATE-2", "CONFIRM-2", "LEAVE-1", "ORDER-1"} <= {
        *outcome.kept
    }


def test_several_different_clients_in_one_chat():
    outcome = had(party("baseline"), party("client-threads"), party("client-asyncio"), party("client-baseline"))
    assert (outcome.status, outcome.breaches) == (Status.WORKS, [])
    assert {guest.party.name for guest in outcome.guests} == {"client-threads", "client-asyncio", "client-baseline"}


def test_the_same_seed_has_the_same_conversation():
    one, again = (had(party("threads"), party("client-threads"), seed=5) for _ in range(2))
    assert [guest.username for guest in one.guests] == [guest.username for guest in again.guests]
    assert [(part.kind, part.wanted) for part in one.sightings] == [
        (part.kind, part.wanted) for part in again.sightings
    ]


@pytest.mark.needs("node", "java", "javac", "perl")
def test_four_languages_understand_each_other():
    clients = [party(f"client-{name}") for name in ("threads", "node", "java", "perl")]
    for name in ("threads", "node", "java", "perl"):
        outcome = had(party(name), *clients)
        assert (name, outcome.status, blamed(outcome)) == (name, Status.WORKS, set())


@pytest.mark.parametrize(
    ("server", "id_"),
    [
        ("private-to-everyone", "PRIVATE-2"),
        ("absent-to-everyone", "CONFIRM-2"),
        ("newest-misses-announcement", "SERVER-1"),
        ("confirms-twice", "CONFIRM-1"),
    ],
)
def test_a_faulty_server_is_named_and_nobody_else(server, id_):
    outcome = had(party(server), party("client-threads"), party("client-asyncio"), party("client-baseline"))
    assert outcome.status is Status.BROKEN
    assert (server, id_) in blamed(outcome)
    assert {name for name, _ in blamed(outcome)} == {server}


@pytest.mark.parametrize(
    ("client", "id_"),
    [("client-own-twice", "CLIENT-8"), ("client-cuts", "CLIENT-2"), ("client-never-joins", "CLIENT-1")],
)
def test_a_faulty_client_is_named_and_nobody_else(client, id_):
    outcome = had(party("threads"), party("client-threads"), party(client), party("client-asyncio"))
    assert outcome.status is Status.BROKEN
    assert blamed(outcome) == {(client, id_)}
    assert all(breach.connection.startswith(client[:12]) for breach in outcome.breaches)


def test_a_broken_should_is_a_warning():
    outcome = had(party("other-words"), party("client-threads"))
    assert outcome.status is Status.WARNING
    assert blamed(outcome) == {("other-words", id_) for id_ in ("JOIN-3", "JOIN-5", "LEAVE-3")}


def test_what_is_declared_and_not_supported_is_told_from_what_is_not_declared():
    declared = had(party("threads"), party("client-public-only"))
    assert declared.status is Status.UNSUPPORTED
    assert [(one.name, do) for one, do, _ in declared.unsupported] == [("client-public-only", "say_privately")]
    honest = had(party("threads"), party("client-public-only", supports=("say", "join")))
    assert (honest.status, honest.unsupported) == (Status.PARTLY, [])
    assert honest.undeclared == {"client-public-only": ["say_privately"]}


def test_a_server_that_does_not_start():
    outcome = had(party("threads", command="./no-such-program {port}"), party("client-threads"))
    assert outcome.status is Status.GONE
    assert outcome.gone[0].role is Role.SERVER
    assert "No such file or directory" in outcome.gone[1]


def test_a_client_that_does_not_start_or_does_not_speak_as_a_driver():
    outcome = had(party("threads"), party("client-threads", command="./no-such-program"))
    assert (outcome.status, outcome.gone[0].role) == (Status.GONE, Role.CLIENT)
    outcome = had(party("threads"), party("client-threads", command=script(BABBLES)))
    assert outcome.status is Status.GONE
    assert "no JSON object on a line: hello" in outcome.gone[1]


def test_a_client_that_dies_is_to_blame():
    outcome = had(
        party("threads"), party("client-threads"), party("client-baseline", name="dies", command=script(DIES))
    )
    assert outcome.status is Status.BROKEN
    assert blamed(outcome) == {("dies", "CLIENT-1")}
    (breach,) = outcome.breaches
    assert "exit status 3; it printed: oh no" in breach.finding.actual
