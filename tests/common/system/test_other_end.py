"""Whether the other end has read what was sent to it, and whether it has ended: as the kernel says."""

import socket

import pytest

from chatproof_common.system import other_end

SOURCES = (other_end.asked_of_the_kernel, other_end.read_from_the_table)


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
    other_end.wait_until_read(server)
    assert other_end.bytes_waiting(server) == 0


def test_an_end_shows_although_nobody_reads(ends):
    server, client = ends
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    server.settimeout(0.2)
    with pytest.raises(TimeoutError):
        server.sendall(b"x" * 50_000_000)
    assert other_end.goes_on(client) is True
    server.close()
    assert not other_end.goes_on(client)


def test_nothing_is_known_of_the_other_end_of_no_connection():
    with socket.socket() as lonely:
        assert other_end.goes_on(lonely) is None
