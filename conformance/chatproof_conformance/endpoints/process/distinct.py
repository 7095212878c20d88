"""Makes sure that each address of a server is another one, however it is spelled: ``localhost`` is ``127.0.0.1``."""

import contextlib
import ipaddress
import itertools
from collections.abc import Sequence

from chatproof_common.addresses import shown_address
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.sockets import resolve
from chatproof_conformance.core.addresses import Address

_IP = ipaddress.IPv4Address | ipaddress.IPv6Address
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""What a client reaches who connects to an address that only a listener can have."""


def require_distinct(addresses: Sequence[Address]) -> None:
    """Make sure that no two of them, names resolved, are the same IP address and port.

    Raises:
        CommandError: if two are.
    """
    for one, other in itertools.combinations(addresses, 2):
        if one[1] == other[1] and (shared := _resolved(one) & _resolved(other)):
            both, where = (
                f"{shown_address(one)} and {shown_address(other)}",
                shown_address((min(map(str, shared)), one[1])),
            )
            raise CommandError(f"{both} are the same address, {where}; each address of a server is another node")


def _resolved(address: Address) -> set[_IP]:
    found: set[_IP] = set()
    with contextlib.suppress(OSError):  # whoever connects to it reports that
        found.update(_canonical(str(place[0])) for _, place in resolve(*address))
    return found


def _canonical(text: str) -> _IP:
    ip = ipaddress.ip_address(text)
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return ipaddress.ip_address(_LOOPBACK.get(str(ip), str(ip)))
