"""The tap on the wire: not one byte and not one boundary is changed, and every end is passed on as what it was."""

import contextlib
import errno
import random
import select
import selectors
import socket
import threading
import time

import pytest

from chatproof_conformance.apps.tap.proxy.endpoint import End, Endpoint
from chatproof_schemas.transcript import Kind, parse_transcript
from support.tapping import GOT, SENT, connect, pair, read_exactly, read_to_end, reset, tapping


def pieces(seed, count=40):
    chance = random.Random(seed)
    return [chance.randbytes(chance.choice([1, 2, 10, 100, 1024, 5000])) for _ in range(count)]


def test_every_piece_arrives_as_it_was_written_in_both_directions():
    with pair() as (client, server, tap):
        for number, data in enumerate(pieces(1)):
            source, target = (client, server) if number % 2 else (server, client)
            source.sendall(data)
            assert read_exactly(target, len(data)) == data
    assert tap.bytes_of(SENT) == pieces(1)[1::2]
    assert tap.bytes_of(GOT) == pieces(1)[0::2]


def test_a_piece_that_was_read_as_one_is_written_as_one():
    with pair() as (client, server, tap):
        client.sendall(b"x" * 5000)
        tap.wait_for(SENT)
        # What the tap has read at once has been handed over at once.
        assert server.recv(65536) == tap.bytes_of(SENT)[0]


def test_a_half_close_leaves_the_other_direction_open():
    with pair() as (client, server, tap):
        client.sendall(b"the last words")
        client.shutdown(socket.SHUT_WR)
        assert read_to_end(server) == b"the last words"
        server.sendall(b"and the answer to them")
        server.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == b"and the answer to them"
        tap.wait_for(Kind.SERVER_CLOSE)
    assert tap.kinds() == [Kind.OPEN, SENT, Kind.HALF_CLOSE, GOT, Kind.SERVER_CLOSE]


def test_a_server_may_end_its_stream_first():
    with pair() as (client, server, tap):
        server.shutdown(socket.SHUT_WR)
        assert read_to_end(client) == b""
        client.sendall(b"still heard")
        client.close()
        assert read_to_end(server) == b"still heard"
        tap.wait_for(Kind.HALF_CLOSE)
    assert tap.kinds() == [Kind.OPEN, Kind.SERVER_CLOSE, SENT, Kind.HALF_CLOSE]


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_reset_is_passed_on_as_a_reset(who):
    with pair() as (client, server, tap):
        client.sendall(b"to the server")
        server.sendall(b"to the client")
        assert read_exactly(server, 13) == b"to the server"
        assert read_exactly(client, 13) == b"to the client"
        resetting, other = (client, server) if who == "client" else (server, client)
        reset(resetting)
        with pytest.raises(ConnectionResetError):
            other.recv(1)
    assert tap.kinds()[-1] is (Kind.RESET if who == "client" else Kind.SERVER_RESET)


def test_what_was_sent_before_a_reset_arrives_before_it():
    with pair() as (_, server, tap):
        server.sendall(b"goodbye")
        reset(server)
        tap.wait_for(Kind.SERVER_RESET)
    assert tap.bytes_of(GOT) == [b"goodbye"]


def test_a_reset_before_the_tap_has_looked_is_no_refusal():
    with socket.create_server(("127.0.0.1", 0)) as server, connect(server.getsockname()) as ours:
        served = server.accept()[0]
        served.sendall(b"goodbye")
        reset(served)
        select.select([ours], [], [], 30)
        while not (code := ours.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)):
            pass
        endpoint = Endpoint(ours, server.getsockname(), was_reset=code == errno.ECONNRESET)
        assert [endpoint.read(), endpoint.read()] == [b"goodbye", End.RST]


def test_a_client_that_left_in_order_and_then_is_written_to_resets():
    with pair() as (client, server, tap):
        client.close()
        assert read_to_end(server) == b""
        server.sendall(b"x")
        tap.wait_for(Kind.RESET)
        with pytest.raises(BrokenPipeError):
            send_until_refused(server)
    assert tap.kinds() == [Kind.OPEN, Kind.HALF_CLOSE, GOT, Kind.RESET]


def send_until_refused(which):
    for _ in range(1000):
        which.send(b"x")
        time.sleep(0.005)  # the reset may be on its way


def fill(which):
    """Write until nothing is taken for a while; return how much was."""
    which.settimeout(0.3)
    total = 0
    with contextlib.suppress(TimeoutError):
        while total < 100_000_000:
            total += which.send(b"x" * 65536)
    assert total < 50_000_000
    return total


@pytest.mark.parametrize("way", ["up", "down"])
def test_who_does_not_read_stops_who_writes_and_gets_everything_later(way):
    with pair() as (client, server, tap):
        source, target = (client, server) if way == "up" else (server, client)
        total = fill(source)
        assert sum(map(len, tap.bytes_of(SENT if way == "up" else GOT))) < 50_000_000
        # The other direction does not care.
        target.sendall(b"hello")
        source.settimeout(30)
        assert read_exactly(source, 5) == b"hello"
        assert len(read_exactly(target, total)) == total


@pytest.mark.parametrize("who", ["client", "server"])
def test_a_reset_overtakes_what_is_held_back(who):
    with pair() as (client, server, tap):
        resetting, other = (client, server) if who == "client" else (server, client)
        fill(resetting)
        reset(resetting)
        tap.wait_for(Kind.RESET if who == "client" else Kind.SERVER_RESET)
        with pytest.raises(ConnectionResetError):
            read_to_end(other)


def hear_one(address):
    """Connect and wait for a byte: a reset ends one or the other."""
    with connect(address) as client:
        client.recv(1)


def test_a_server_that_refuses_is_told_in_words_and_the_client_is_reset():
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = closed.getsockname()
    with tapping(nobody) as tap:
        with pytest.raises(ConnectionResetError):
            hear_one(tap.address)
        tap.wait_for(Kind.NOTE)
    assert tap.kinds() == [Kind.NOTE]
    (told,) = tap.told
    assert told == "c1: no connection to the server: Connection refused; the client's connection was reset"


def echo(server, stop):
    """Send everything back on every connection, until told to stop."""
    with selectors.DefaultSelector() as selector:
        selector.register(server, selectors.EVENT_READ)
        selector.register(stop, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is stop:
                    return
                if key.fileobj is server:
                    selector.register(server.accept()[0], selectors.EVENT_READ)
                elif data := key.fileobj.recv(65536):
                    key.fileobj.sendall(data)
                else:
                    selector.unregister(key.fileobj)
                    key.fileobj.close()


def test_many_connections_at_once_are_kept_apart():
    stop, stopping = socket.socketpair()
    with socket.create_server(("127.0.0.1", 0), backlog=300) as server, stop, stopping:
        thread = threading.Thread(target=echo, args=(server, stopping))
        thread.start()
        with tapping(server.getsockname()) as tap:
            clients = [connect(tap.address) for _ in range(250)]
            for turn in range(3):
                for number, client in enumerate(clients):
                    client.sendall(b"%d of %d;" % (turn, number))
            for number, client in enumerate(clients):
                wanted = b"".join(b"%d of %d;" % (turn, number) for turn in range(3))
                assert read_exactly(client, len(wanted)) == wanted
                client.shutdown(socket.SHUT_WR)
                assert read_to_end(client) == b""
                client.close()
            tap.wait_for(Kind.SERVER_CLOSE, 250)
        stop.send(b"!")
        thread.join()
    assert len({event.connection for event in tap.events}) == 250
    assert tap.proxy.is_idle


def test_the_record_is_whole_lines_at_any_moment(tmp_path):
    file = tmp_path / "record.ndjson"
    with pair(file=file) as (client, server, tap):
        for data in pieces(2):
            client.sendall(data)
            assert read_exactly(server, len(data)) == data
            recorded = parse_transcript(file.read_bytes().splitlines(), "record")
            assert not recorded.settled
        tap.wait_for(SENT, 40)
    tap.recorder.finish(settled=True)
    recorded = parse_transcript(file.read_bytes().splitlines(), "record")
    assert recorded.settled
    assert recorded.events == tap.events
