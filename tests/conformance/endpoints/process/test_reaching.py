import contextlib
import socket
import threading
import time

import pytest

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process import reaching
from chatproof_conformance.endpoints.process.reaching import reach
from chatproof_conformance.endpoints.process.source import ServerSource


@pytest.fixture
def two_addresses(monkeypatch):
    """Let every name stand for 127.0.0.1 and for ::1, as localhost does on most systems."""
    look_up = socket.getaddrinfo

    def both(_, *rest, **how):
        return [*look_up("127.0.0.1", *rest, **how), *look_up("::1", *rest, **how)]

    monkeypatch.setattr(socket, "getaddrinfo", both)


@pytest.mark.usefixtures("two_addresses")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_of_the_addresses_of_a_name_the_one_that_listens_is_used_by_all(host):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as server:
        server.bind((host, 0))
        server.listen()
        port = server.getsockname()[1]
        source = ServerSource(("localhost", port)).reach(None)
    assert source.target().address == (host, port)
    assert (source.described, source.words) == (f"localhost:{port}", f" localhost:{port}")


def test_a_server_that_is_not_there_yet_is_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = free.getsockname()
    servers = []
    later = threading.Timer(0.5, lambda: servers.append(socket.create_server(address)))
    later.start()
    try:
        assert reach(address, 60.0) == address
    finally:
        later.join()
        servers[0].close()


@contextlib.contextmanager
def proxy_of(server_is_there):
    """A proxy that ends each connection until its server is there; the address."""
    held = []

    def serve():
        with contextlib.suppress(OSError):
            while True:
                one = listening.accept()[0]
                if server_is_there():
                    held.append(one)
                else:
                    one.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield listening.getsockname()
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
    for one in held:
        one.close()


def test_a_proxy_that_is_there_before_its_server_is_asked_again():
    asked = []
    with proxy_of(lambda: len(asked) > 2 or asked.append(1)) as address:
        assert reach(address) == address
    assert len(asked) == 3


@pytest.mark.parametrize("wait", [None, 0.5])
def test_one_that_ends_each_connection_is_reached_when_the_time_is_over(monkeypatch, wait):
    monkeypatch.setattr(reaching, "ENDING_SECONDS", 0.5)
    asked = []
    with proxy_of(lambda: asked.append(1)) as address:
        began = time.monotonic()
        assert reach(address, wait) == address
    assert time.monotonic() - began >= 0.5
    assert len(asked) > 1


def test_one_that_never_comes_is_given_up_with_what_may_help():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        address = closed.getsockname()
        with pytest.raises(TargetGone, match="Connection refused; if it is still starting, give --wait SECONDS"):
            reach(address)
        began = time.monotonic()
        with pytest.raises(TargetGone, match=r"Connection refused, for 0\.3 seconds"):
            reach(address, 0.3)
        assert time.monotonic() - began >= 0.3


def test_one_that_went_after_a_first_client_is_said_to():
    with socket.create_server(("127.0.0.1", 0)) as server:
        source = ServerSource(server.getsockname()).reach(None)
    with pytest.raises(TargetGone, match="it accepted a client a moment ago, which sent nothing: has it ended"):
        source.target().start()
