import contextlib
import errno
import socket
import time

import pytest

from chatproof_common.system.ports import free_port
from chatproof_common.system.sockets import accepts, awaits_answer, keep_alive, listen, reset_on_close, unless_gone
from common.system.vanishing import needs_packet_filters, vanish

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


def test_a_silent_peer_whose_machine_vanished_is_found_out():
    with listen(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname(), SECONDS) as client:
        listening.settimeout(SECONDS)
        served, _ = listening.accept()
        with served:
            served.settimeout(SECONDS)
            keep_alive(served, 4)
            vanish(client)
            with pytest.raises(OSError, match="timed out") as raised:
                served.recv(1)
            assert raised.value.errno == errno.ETIMEDOUT  # not the test's own patience


@needs_packet_filters
def test_data_that_nobody_answers_is_told_from_data_that_nobody_reads():
    with listen(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname(), SECONDS) as client:
        listening.settimeout(SECONDS)
        served, _ = listening.accept()
        with served:
            served.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                while served.send(b"x" * 65_536):
                    pass
            assert not wait_until(lambda: awaits_answer(served), 1.0)
            vanish(client)
            assert wait_until(lambda: awaits_answer(served), SECONDS)


def wait_until(condition, seconds):
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    return met


def test_a_lack_of_ours_is_no_refusal_of_an_address(monkeypatch):
    def lack(*_):
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(socket, "create_connection", lack)
    with pytest.raises(OSError, match="Too many open files"):
        accepts(("127.0.0.1", 1), SECONDS)


@pytest.mark.parametrize(
    ("error", "is_theirs"), [(errno.ECONNRESET, True), (errno.EPIPE, True), (errno.ENOBUFS, False)]
)
def test_only_what_the_peer_has_done_is_passed_over(error, is_theirs):
    raised = contextlib.nullcontext() if is_theirs else pytest.raises(OSError, match="oh")
    with raised, unless_gone():
        raise OSError(error, "oh")
