"""Finds the one address of a server that runs already: a name may stand for several, of which it listens on one."""

import socket
import time

from chatproof_common.addresses import shown_address
from chatproof_common.system.errors import is_of_peer
from chatproof_common.system.sockets import is_held
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import TargetGone

_CONNECT_SECONDS = 10.0
_POLL_SECONDS = 0.1
_HELD_SECONDS = 0.3
"""A proxy ends a connection as soon as it knows that the server behind it is not there: it may ask far away."""
ENDING_SECONDS = 3.0
"""How long one that ends each connection may be a proxy whose server starts, unless the user says how long."""


def reach(address: Address, wait: float | None = None) -> Address:
    """Return the numeric address that accepts connections and holds them, or ends them for as long as it may.

    Args:
        address: may have a name for several addresses.
        wait: for so many seconds the server may start; None: it must be there, but may be behind a proxy that lets
            nobody through for 3 seconds more.

    Raises:
        TargetGone: if none accepts any, or the name is unknown.
    """
    began, reached = time.monotonic(), None
    while True:
        waited = time.monotonic() - began
        try:
            with socket.create_connection(address, _CONNECT_SECONDS) as connection:
                host, port, *_ = connection.getpeername()
                reached = host, port
                if is_held(connection, _HELD_SECONDS):
                    return reached
        except OSError as error:
            if not (is_of_peer(error) or isinstance(error, socket.gaierror)):
                raise
            if reached is None and waited >= (wait or 0.0):
                raise TargetGone(_reason(address, error, wait or 0.0)) from None
        if reached is not None and waited >= (ENDING_SECONDS if wait is None else wait):
            return reached
        time.sleep(_POLL_SECONDS)


def _reason(address: Address, error: OSError, wait: float) -> str:
    reason = f"no connection to {shown_address(address)}: {error.strerror or error}"
    if isinstance(error, socket.gaierror):
        return reason
    return f"{reason}, for {wait:g} seconds" if wait else f"{reason}; if it is still starting, give --wait SECONDS"
