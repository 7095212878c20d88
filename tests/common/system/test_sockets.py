import socket

import pytest

from chatproof_common.system.sockets import accepts, free_port, listen, reset_on_close

SECONDS = 30.0


def test_a_free_port_accepts_nobody_until_somebody_listens_there():
    address = ("127.0.0.1", free_port())
    assert not accepts(address, SECONDS)
    with listen(address):
        assert accepts(address, SECONDS)
    assert not accepts(address, SECONDS)


def test_a_port_is_free_again_at_once_although_its_connections_are_still_ending():
    listening = listen(("127.0.0.1", 0))
    address = listening.getsockname()
    with socket.create_connection(address, SECONDS) as client:
        listening.settimeout(SECONDS)
        served, _ = listening.accept()
        served.close()  # the first to end: it is this side that the system keeps for a while
        listening.close()
        assert client.recv(1) == b""
    with listen(address):
        assert accepts(address, SECONDS)


def test_a_port_that_is_taken_is_refused():
    with listen(("127.0.0.1", 0)) as taken, pytest.raises(OSError, match="in use"):
        listen(taken.getsockname())


def test_listening_never_blocks():
    with listen(("127.0.0.1", 0)) as listening, pytest.raises(BlockingIOError):
        listening.accept()


@pytest.mark.parametrize("both", [False, True])
def test_all_of_ipv6_takes_clients_by_ipv4_if_it_is_to(both):
    try:
        listening = listen(("::", 0), takes_both=both)
    except OSError as error:
        pytest.skip(f"this machine has no IPv6: {error}")
    with listening:
        port = listening.getsockname()[1]
        assert accepts(("::1", port), SECONDS)
        assert accepts(("127.0.0.1", port), SECONDS) == both


def test_a_connection_can_be_ended_by_a_reset():
    with listen(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname(), SECONDS) as client:
        listening.settimeout(SECONDS)
        served, _ = listening.accept()
        reset_on_close(served)
        served.close()
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        reset_on_close(served)  # harmless
