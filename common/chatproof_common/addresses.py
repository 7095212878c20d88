"""Host and port, as people write them: ``localhost:12345``, ``[::1]:12345``."""

import re
from collections.abc import Sequence

_FORM = re.compile(r"(?:\[([0-9a-fA-F:.]+(?:%[^\]\s]+)?)\]|([^\[\]:\s]+)):([0-9]{1,5})")
_PORTS = 65_536


def read_host_and_port(text: str, lowest_port: int = 1) -> tuple[str, int]:
    """Return the host and the port of ``HOST:PORT`` (IPv6: ``[HOST]:PORT``).

    Raises:
        ValueError: if it is none; the text says what would be right, to follow what was given.
    """
    found = _FORM.fullmatch(text)
    if not found or not lowest_port <= int(found[3]) < _PORTS:
        raise ValueError(
            f"write HOST:PORT, such as localhost:12345 or [::1]:12345, with a port from {lowest_port} to {_PORTS - 1}"
        )
    host = found[1] or found[2]
    try:
        host.encode("idna")
    except UnicodeError:
        raise ValueError(f"{host!r} is no host name: each part between dots has 1 to 63 characters") from None
    return host, int(found[3])


def shown_address(address: Sequence[object]) -> str:
    """Return host and port, the first two of an address, in this form."""
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in str(host) else f"{host}:{port}"
