"""The listening socket: opened with errors a user can act on, waited for without missing a stop."""

import errno
import socket

from chatproof_common.addresses import shown_address
from chatproof_common.system.errors import described_error
from chatproof_common.system.multiplexer import Waiter
from chatproof_common.system.sockets import listen

_NO_ROOM = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_ADVICE = {
    errno.EADDRINUSE: "the port is already in use; choose another port, or stop the program that uses it",
    errno.EACCES: "no permission to use this port; choose one above 1023",
    errno.EADDRNOTAVAIL: "this machine has no such address; use localhost, or 0.0.0.0 for all of its addresses",
}


class CannotListen(OSError):  # noqa: N818  it says what happened, as the standard library's OSErrors do
    """The server could not begin to listen; its text is the reason and what to do, in one line."""


class NoRoom(OSError):  # noqa: N818  the same
    """The system has no descriptor or memory for another connection now."""


class Listener:
    """A listening socket and a way to wake whoever waits for it."""

    def __init__(self, host: str, port: int) -> None:
        """Listen on a host's first IPv4 address, or its first IPv6 one; port 0 lets the system choose.

        Raises:
            CannotListen: if that is impossible.
        """
        self._socket = _open(host, port)
        try:
            self._waiter = Waiter[None]()
        except OSError as error:
            self._socket.close()
            place = shown_address((host, port))
            raise CannotListen(f"Cannot listen on {place}: {described_error(error.errno)}") from error
        self._waiter.watch(self._socket, None)
        self.address: tuple[str, int] = self._socket.getsockname()[:2]

    def wait(self, timeout: float) -> None:
        """Wait for a connection or for :meth:`wake`, for at most ``timeout`` seconds."""
        self._waiter.wait(timeout)

    def wake(self) -> None:
        """End the wait, or the next one."""
        self._waiter.wake()

    def accept(self) -> tuple[socket.socket, tuple[str, int]] | None:
        """Return a connection that is there, with its peer's address, or nothing if none is.

        Raises:
            NoRoom: if one is there but the system cannot give it to us.
        """
        try:
            client, address = self._socket.accept()
        except OSError as error:
            if error.errno in _NO_ROOM:
                raise NoRoom(error.errno, described_error(error.errno)) from error
            return None  # it went before we took it
        return client, address[:2]

    def stop_listening(self) -> None:
        """Give the port back."""
        self._waiter.close()
        self._socket.close()


def _open(host: str, port: int) -> socket.socket:
    place = shown_address((host, port))
    if not host:  # as of a variable that is not set: the system would take it for all addresses
        raise CannotListen(f"Cannot listen on {place}: no host is given; use localhost, or 0.0.0.0 for all addresses")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError):
        raise CannotListen(f"Cannot listen on {place}: the host is unknown") from None
    except OSError as error:  # no descriptor is left to ask with
        raise CannotListen(f"Cannot listen on {place}: {described_error(error.errno)}") from error
    # The IPv4 address first: "localhost" means 127.0.0.1 to the programs that this protocol comes from.
    address = min(found, key=lambda entry: entry[0] != socket.AF_INET)[4]
    try:
        return listen(address, takes_both=True)
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, described_error(error.errno))
        raise CannotListen(f"Cannot listen on {place}: {advice}") from error
