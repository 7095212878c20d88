"""A chat server as tutorials write it, to compare with: a thread for each client, ``sendall`` to all under one lock.

It trusts its clients, validates nothing, and one that stops reading stops everyone. Run: ``tutorial_server.py PORT``.
"""

import json
import socket
import sys
import threading
from datetime import datetime

clients: dict[socket.socket, str] = {}
lock = threading.Lock()


def broadcast(message: dict[str, str]) -> None:
    """Send a message to all."""
    message["timestamp"] = datetime.now().strftime("%H:%M:%S")  # noqa: DTZ005  the protocol's time is local
    with lock:
        for client in clients:
            client.sendall((json.dumps(message) + "\n").encode())


def handle_client(client: socket.socket) -> None:
    """Read one client to its end."""
    for line in client.makefile("rb"):
        message = json.loads(line)
        if message["type"] == "join":
            with lock:
                clients[client] = message["username"]
            broadcast({"type": "system", "message": f"{message['username']} joined the chat"})
        else:
            broadcast({"type": "message", "username": clients[client], "content": message["content"]})
    with lock:
        clients.pop(client, None)


def main() -> None:
    """Serve for ever."""
    with socket.create_server(("127.0.0.1", int(sys.argv[1])), backlog=1024) as server:
        while True:
            client, _ = server.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=handle_client, args=(client,), daemon=True).start()


if __name__ == "__main__":
    main()
