"""Sends messages made beforehand to many connections as fast as they are read: ``flood.py PORT CLIENTS``.

What the load generator counts against this is the generator's own limit.
"""

import contextlib
import socket
import sys

BLOCK = b'{"type":"message","username":"b1","content":"^1:1;xxxxxxxxxxxxxxxxxxxxxxxx","timestamp":"12:00:00"}\n' * 640


def main() -> None:
    """Accept, then send for ever."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024) as server:
        server.accept()[0].close()  # whoever waited for the port
        clients = [server.accept()[0] for _ in range(int(sys.argv[2]))]
    for client in clients:
        client.settimeout(0)
    block, places = memoryview(BLOCK), dict.fromkeys(clients, 0)
    while True:
        for client, place in places.items():
            with contextlib.suppress(BlockingIOError):
                places[client] = (place + client.send(block[place:])) % len(block)


if __name__ == "__main__":
    with contextlib.suppress(OSError):
        main()
