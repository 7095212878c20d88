"""A relay passes on all that comes, holds a direction, and cuts in the middle of what it holds."""

import socket
import time

import pytest

from chatproof_conformance.endpoints.process.relay import Direction, Relay

SECONDS = 5.0
A_MOMENT = 0.2


class Way:
    """A node, a relay and an engine."""

    def __init__(self):
        self.engine = socket.create_server(("127.0.0.1", 0))
        self.engine.settimeout(SECONDS)
        self.relay = Relay(self.engine.getsockname())
        self.relay.start()

    def connect(self):
        """Return both ends of a new connection: the node's, and the engine's."""
        near = socket.create_connection(self.relay.address, SECONDS)
        far, _ = self.engine.accept()
        far.settimeout(SECONDS)
        return near, far

    def close(self):
        self.relay.close()
        self.engine.close()


@pytest.fixture
def way():
    made = Way()
    yield made
    made.close()


def gets_nothing(end):
    end.settimeout(A_MOMENT)
    try:
        with pytest.raises(TimeoutError):
            end.recv(1)
    finally:
        end.settimeout(SECONDS)


def test_all_passes_both_ways_and_each_end_reaches_the_other(way):
    near, far = way.connect()
    with near, far:
        near.sendall(b"x" * 1_000_000)
        near.shutdown(socket.SHUT_WR)
        assert len(b"".join(iter(lambda: far.recv(65_536), b""))) == 1_000_000
        far.sendall(b"answer")
        far.shutdown(socket.SHUT_WR)
        assert b"".join(iter(lambda: near.recv(65_536), b"")) == b"answer"


@pytest.mark.parametrize("direction", Direction)
def test_one_direction_is_held_and_goes_on_with_what_waited(way, direction):
    near, far = way.connect()
    with near, far:
        sender, receiver = (near, far) if direction is Direction.TO_ENGINE else (far, near)
        way.relay.hold(direction)
        sender.sendall(b"late")
        receiver.sendall(b"at once")
        assert sender.recv(64) == b"at once"
        gets_nothing(receiver)
        later, _ = way.connect()
        later.close()
        way.relay.go_on()
        assert receiver.recv(64) == b"late"


@pytest.mark.parametrize("direction", Direction)
def test_a_cut_passes_half_of_what_is_held_and_resets_both_ends(way, direction):
    near, far = way.connect()
    with near, far:
        sender, receiver = (near, far) if direction is Direction.TO_ENGINE else (far, near)
        way.relay.hold(direction)
        sender.sendall(b"12345678")
        time.sleep(A_MOMENT)
        way.relay.cut()
        assert receiver.recv(64) == b"1234"
        for end in (receiver, sender):
            with pytest.raises(ConnectionResetError):
                end.recv(64)
    near, far = way.connect()
    with near, far:
        near.sendall(b"all passes again")
        assert far.recv(64) == b"all passes again"


def test_an_engine_that_is_not_there_resets_whoever_connects(way):
    way.engine.close()
    with socket.create_connection(way.relay.address, SECONDS) as near, pytest.raises(ConnectionResetError):
        near.recv(1)


def test_a_relay_that_is_closed_takes_nobody_and_ends_all_connections(way):
    near, far = way.connect()
    with near, far:
        near.sendall(b"x")
        assert far.recv(1) == b"x"
        way.relay.close()
        way.relay.close()
        with pytest.raises(ConnectionResetError):
            near.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(way.relay.address, SECONDS)
    way.relay.hold(*Direction)
    way.relay.cut()
