"""Whether a client has read what was sent to it: asked of the kernel, and read from its table."""

import socket

import pytest

from chatproof_common.system import receive_queue

SOURCES = (receive_queue.asked_of_the_kernel, receive_queue.read_from_the_table)


@pytest.fixture
def ends():
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as client:
        server, _ = listener.accept()
        with server:
            yield server, client


@pytest.mark.parametrize("source", SOURCES)
def test_bytes_that_wait_are_counted_until_they_are_read(source, ends):
    server, client = ends
    asked = server.getpeername(), server.getsockname()
    assert source(*asked) == 0
    server.sendall(b"seven..")
    assert source(*asked) == 7
    client.recv(3)
    assert source(*asked) == 4
    client.recv(100)
    assert source(*asked) == 0


@pytest.mark.parametrize("source", SOURCES)
def test_nothing_is_known_of_a_socket_that_is_not_there(source):
    assert source(("127.0.0.1", 1), ("127.0.0.1", 2)) is None


def test_waiting_ends_when_all_is_read(ends):
    server, client = ends
    server.sendall(b"x")
    client.recv(1)
    receive_queue.wait_until_read(server)
    assert receive_queue.bytes_waiting(server) == 0
