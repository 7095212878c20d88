"""What a connection counts of what it gets, and when it gives a server up."""

import asyncio
import errno
import json
import socket

import pytest

from chatproof_conformance.endpoints.waves import connection as connections
from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.listening import Listening
from chatproof_conformance.endpoints.waves.recorder import Recorder
from chatproof_schemas.transcript import Kind


@pytest.fixture
def one():
    connection = WaveConnection("one", ("127.0.0.1", 1), "tokn1", "tok", Recorder(), Listening())
    connection.opened = True
    return connection


def line(**members):
    return json.dumps({**members, "timestamp": "12:00:00"}).encode() + b"\n"


def take(connection, data):
    connection._take(data)  # noqa: SLF001  what its socket would have brought


def test_leaves_are_counted_in_any_words(one):
    take(one, line(type="system", message="tokn2 left the chat") + line(type="system", message="Goodbye, tokn2!"))
    assert one.told["tokn2"] == 2
    assert one.left == {"tokn2": 1}


def test_what_others_say_is_never_too_much(one):
    for _ in range(40):
        take(one, line(type="message", username="somebody", content="x" * 1000) * 200)
    assert one.open


def test_what_the_server_says_of_its_own_accord_is_bounded(one):
    taken = 0
    while one.open and taken < 40:
        take(one, line(type="system", message="x" * 1000) * 200)
        taken += 1
    assert one.endless
    assert not one.open
    assert [event.kind for event in one._recorder.events][-2:] == [Kind.NOTE, Kind.CLOSE]  # noqa: SLF001


def test_more_answers_than_anything_could_have_caused_are_too_many(one):
    take(one, line(type="error", message="no") * 1100)
    assert one.endless


def test_only_what_we_have_caused_counts_as_news(one):
    take(one, b"\n" * 100 + line(type="system", message="on and on"))
    assert one._listening.arrivals == 0  # noqa: SLF001
    take(one, line(type="message", username="tokn2", content="hello"))
    assert one._listening.arrivals == 1  # noqa: SLF001


@pytest.mark.parametrize(("lacks", "connects"), [(2, True), (1000, False)])
def test_a_machine_without_a_free_port_is_waited_for_and_the_lack_is_ours(monkeypatch, lacks, connects):
    monkeypatch.setattr(connections, "_NO_PORT_PAUSE", 0.01)
    monkeypatch.setattr(connections, "_NO_PORT_SECONDS", 0.2)

    async def attempt(address):
        loop, tries = asyncio.get_running_loop(), []
        connect = loop.sock_connect

        async def scarce(one, where):
            tries.append(one)
            if len(tries) <= lacks:
                raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
            await connect(one, where)

        monkeypatch.setattr(loop, "sock_connect", scarce)
        one = WaveConnection("one", address, "tokn1", "tok", Recorder(), Listening())
        try:
            return await one.connect()
        finally:
            one.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        if connects:
            assert asyncio.run(attempt(listener.getsockname()))
        else:
            with pytest.raises(OSError, match="Cannot assign"):
                asyncio.run(attempt(listener.getsockname()))
