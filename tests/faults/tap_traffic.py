"""The command behind a tap in a short run: starts the server, and lets two clients talk through the tap.

python tests/faults/tap_traffic.py COMMAND-OF-SERVER …

Exit status 0: all that they were owed has come; 3: something has not, as the tap ended a connection.
"""

import json
import os
import socket
import subprocess
import sys
import time

_SECONDS = 20.0
_FAILED = 3


class _Client:
    def __init__(self) -> None:
        self._socket = socket.create_connection(
            (os.environ["CHATPROOF_TAP_HOST"], int(os.environ["CHATPROOF_TAP_PORT"])), _SECONDS
        )
        self._lines = self._socket.makefile("rb")

    def sends(self, **message: str) -> None:
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def gets(self, *types: str) -> None:
        """Raise OSError if the next messages are not of these types."""
        for type_ in types:
            line = self._lines.readline()
            if not line or json.loads(line)["type"] != type_:
                raise OSError(f"{type_} has not come, but {line!r}")

    def leaves(self) -> None:
        self._socket.shutdown(socket.SHUT_WR)
        while self._lines.readline():
            pass
        self._socket.close()


def _talk() -> None:
    alice, bob = _Client(), _Client()
    alice.sends(type="join", username="alice")
    alice.gets("system")
    bob.sends(type="join", username="bob")
    bob.gets("system")
    alice.gets("system")
    alice.sends(type="message", content="hello")
    alice.gets("message")
    bob.gets("message")
    bob.sends(type="private_message", target="alice", content="psst")
    bob.gets("private_confirmation")
    alice.gets("private_message")
    bob.sends(type="nonsense")
    bob.gets("error")
    bob.leaves()
    alice.gets("system")
    alice.leaves()


def _await(port: int) -> None:
    give_up = time.monotonic() + _SECONDS
    with socket.socket() as probe:
        while probe.connect_ex(("127.0.0.1", port)) and time.monotonic() < give_up:
            time.sleep(0.02)


def main() -> int:
    """Return 0 if all went well."""
    words = sys.argv[1:]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _await(int(words[-1]))
            _talk()
        except (OSError, ValueError) as error:
            print(f"not served: {error}", file=sys.stderr)
            return _FAILED
        finally:
            server.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
