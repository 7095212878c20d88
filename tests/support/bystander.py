"""Somebody else on the server that is checked."""

import json
import socket
import threading
import time


class Bystander:
    """Somebody who talks, says again what it hears, joins and leaves."""

    def __init__(self, address):
        host, port = address.split(":")
        self.address = host, int(port)
        self.said = 0
        self.ends = threading.Event()
        self.thread = threading.Thread(target=self.live)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ends.set()
        self.thread.join()

    def live(self):
        number = 0
        while not self.ends.is_set():
            number += 1
            with socket.create_connection(self.address) as connection:
                connection.settimeout(0.2)
                self.say(connection, type="join", username=f"bystander {number}")
                self.talk(connection)

    def talk(self, connection):
        for _ in range(20):
            try:
                heard = connection.recv(65_536).split(b"\n")
            except TimeoutError:
                heard = [b""]
            frame = json.loads(heard[0]) if heard[0].startswith(b"{") and heard[0].endswith(b"}") else {}
            text = str(frame.get("content", frame.get("message", "what a day")))[:200]
            self.say(connection, type="message", content=text or "hm")
            time.sleep(0.01)

    def say(self, connection, **members):
        connection.sendall(json.dumps(members).encode() + b"\n")
        self.said += 1
