"""A connection of a wave on a real socket: what it records of both sides, and how it ends."""

import asyncio
import errno
import socket
import struct

import pytest

from chatproof_conformance.endpoints.waves.connection import WaveConnection
from chatproof_conformance.endpoints.waves.listening import Listening
from chatproof_conformance.endpoints.waves.recorder import Recorder
from chatproof_schemas.transcript import Kind

RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def met(client, server):
    """Run a client and the other end of its connection; return the connection."""

    async def run():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            one = WaveConnection("one", listener.getsockname(), "tokn1", "tok", Recorder(), Listening())
            assert await one.connect()
            other, _ = listener.accept()
            with other:
                await asyncio.wait_for(client(one, lambda: server(other)), 10)
            one.close()
            return one

    return asyncio.run(run())


def kinds(one):
    return [event.kind for event in one._recorder.events]  # noqa: SLF001  what is recorded


def nothing(_):
    pass


async def ended(one):
    await one._listening.until(lambda: one.ended, 5)  # noqa: SLF001  as its users wait


def test_nobody_listens():
    async def run():
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))  # bound and not listening: nobody else can take the port
            one = WaveConnection("one", closed.getsockname(), None, "tok", Recorder(), Listening())
            return await one.connect(), one

    accepted, one = asyncio.run(run())
    assert not accepted
    assert not one.open
    assert not one.opened
    assert kinds(one) == []


def test_what_is_sent_is_recorded_as_one_segment_and_nothing_after_its_end():
    async def client(one, _):
        assert await one.send(b"a\nb\n")
        one.half_close()
        one.close()
        assert not await one.send(b"c\n")

    one = met(client, nothing)
    assert kinds(one) == [Kind.OPEN, Kind.CLIENT_DATA, Kind.HALF_CLOSE, Kind.CLOSE]
    assert one.ended_by_us


@pytest.mark.parametrize(
    ("end", "kind"),
    [
        (lambda other: other.close(), Kind.SERVER_CLOSE),
        (
            lambda other: (other.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE), other.close()),
            Kind.SERVER_RESET,
        ),
    ],
    ids=["close", "reset"],
)
def test_how_the_server_ends_it_is_known(end, kind):
    async def client(one, serve):
        serve()
        await ended(one)

    one = met(client, end)
    assert one.ended is kind
    assert not one.open
    assert kinds(one)[1] is kind


def test_our_reset_is_one():
    async def client(one, serve):
        one.reset()
        await asyncio.sleep(0.05)
        serve()

    def read(other):
        with pytest.raises(ConnectionResetError):
            other.recv(1)

    assert kinds(met(client, read)) == [Kind.OPEN, Kind.RESET]


def test_who_does_not_read_gets_the_rest_when_it_reads_on():
    async def client(one, serve):
        one.stop_reading()
        serve()  # what a read that has begun still takes
        await asyncio.sleep(0.1)
        before = one.bytes
        serve()
        await asyncio.sleep(0.1)
        assert one.bytes == before < 2000
        assert not one.reads
        one.read_on()
        await one._listening.until(lambda: one.bytes == 2000, 5)  # noqa: SLF001  as its users wait

    assert met(client, lambda other: other.sendall(b"\n" * 1000)).bytes == 2000


def test_a_send_that_nobody_takes_is_given_up():
    async def client(one, _):
        assert not await one.send(b"x" * 50_000_000, 0.3)

    met(client, nothing)


@pytest.mark.parametrize("steps", range(12))
def test_a_cancellation_is_never_lost(steps):
    """Whatever it is at just then: sending, or closing."""

    async def client(one, _):
        async def work():
            for _ in range(20):
                await one.send(b"\n")
            one.close()
            await asyncio.sleep(30)

        task = asyncio.create_task(work())
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asyncio.wait_for(asyncio.shield(task), 5)

    met(client, nothing)


@pytest.mark.parametrize("error", [errno.ENOBUFS, errno.ENOMEM, errno.EMFILE])
@pytest.mark.parametrize("what", ["connect", "send"])
def test_what_we_lack_is_not_taken_for_an_end_by_the_server(monkeypatch, what, error):
    async def lack(*_):
        raise OSError(error, "oh")

    async def client(one, _):
        monkeypatch.setattr(asyncio.get_running_loop(), f"sock_{what}{'all' * (what == 'send')}", lack)
        if what == "send":
            await one.send(b"x")
        else:
            await WaveConnection("two", ("127.0.0.1", 1), None, "tok", Recorder(), Listening()).connect()

    with pytest.raises(OSError, match="oh"):
        met(client, nothing)
