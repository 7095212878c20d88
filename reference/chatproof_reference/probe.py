"""Asks a server whether it still answers, as the health check of a container does.

Run: ``python -m chatproof_reference.probe [HOST:PORT]``. It does not join, so nobody in the chat notices: it sends an
object without a type, which a server answers with an error.
"""

import json
import socket
import sys
from collections.abc import Sequence

from chatproof_common.addresses import read_host_and_port

_SECONDS = 3.0
_MOST_BYTES = 4096
_REQUEST = b"{}\n"
_USAGE = "python -m chatproof_reference.probe [HOST:PORT]"


def main(words: Sequence[str]) -> int:
    """Probe the server at the address in ``words``; return 0 if it answers, 1 if not, 2 if that is no address."""
    try:
        (address,) = words or ("127.0.0.1:12345",)
        host, port = read_host_and_port(address)
    except ValueError as error:
        print(f"usage: {_USAGE}: {error}", file=sys.stderr)  # noqa: T201  for whoever wrote the command
        return 2
    try:
        problem = probe(host, port)
    except OSError as error:
        problem = error.strerror or str(error)
    if problem:
        print(f"{address}: {problem}", file=sys.stderr)  # noqa: T201  shown as the reason why it is unhealthy
    return bool(problem)


def probe(host: str, port: int, timeout: float = _SECONDS) -> str:
    """Return what is wrong with the server's answer; empty if it is an error message, as it has to be.

    Raises:
        OSError: if there is no connection, or no answer within ``timeout`` seconds.
    """
    with socket.create_connection((host, port), timeout) as connection:
        connection.sendall(_REQUEST)
        answer = b""
        while not answer.endswith(b"\n") and len(answer) < _MOST_BYTES:
            if not (part := connection.recv(_MOST_BYTES)):
                return "it ended the connection without an answer"
            answer += part
    try:
        return "" if json.loads(answer)["type"] == "error" else "it answered, but not with an error message"
    except (ValueError, TypeError, KeyError):
        return "it answered what is no message"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
