"""A server as the original application's tutorial leads one to write it: what one recv(1024) returns is one message.

Objects follow each other with no LF, and nothing is checked that the tutorial does not check.
"""

import contextlib
import json
import socket
import sys
import threading
import time


class OriginalServer:
    def __init__(self, port):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.clients = {}
        self.lock = threading.Lock()

    def accept_clients(self):
        while True:
            client, _ = self.listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.handle_client, args=(client,), daemon=True).start()

    def handle_client(self, client):
        try:
            while data := client.recv(1024):
                with self.lock:
                    self.handle_message(client, json.loads(data.decode()))
        except (OSError, ValueError, KeyError):
            pass
        finally:
            self.disconnect_client(client)

    def handle_message(self, client, message):
        if message["type"] == "join":
            self.join(client, message["username"])
        elif message["type"] == "message":
            self.broadcast("message", username=self.clients[client], content=message["content"])
        elif message["type"] == "private_message":
            self.handle_private_message(client, message["target"], message["content"])

    def join(self, client, username):
        if username in self.clients.values():
            send(client, "error", message="Username already taken")
            return
        self.clients[client] = username
        self.broadcast("system", message=f"{username} joined the chat")

    def handle_private_message(self, client, target, content):
        found = [other for other, username in self.clients.items() if username == target]
        for other in found:
            send(other, "private_message", sender=self.clients[client], content=content)
        why = {} if found else {"reason": "User not found"}
        send(client, "private_confirmation", target=target, content=content, delivered=bool(found), **why)

    def broadcast(self, kind, **members):
        for client in list(self.clients):
            send(client, kind, **members)

    def disconnect_client(self, client):
        with self.lock:
            username = self.clients.pop(client, None)
            client.close()
            if username is not None:
                self.broadcast("system", message=f"{username} left the chat")


def send(client, kind, **members):
    timestamp = {} if kind == "error" else {"timestamp": time.strftime("%H:%M:%S")}
    with contextlib.suppress(OSError):  # its own thread will notice
        client.sendall(json.dumps({"type": kind, **members, **timestamp}).encode())


if __name__ == "__main__":
    OriginalServer(int(sys.argv[1])).accept_clients()
