"""Actors: threads for input and each socket put letters into one mailbox; the main thread alone has the state."""

import heapq
import queue
import socket
import sys
import threading
import time

import core


class Conn:
    def __init__(self, shell, link, host, port):
        self.shell, self.link, self.done, self.dead = shell, link, False, False
        self.socket = socket.create_connection((host, port))
        threading.Thread(target=self.read, daemon=True).start()

    def send(self, data):
        try:
            if not self.dead:
                self.socket.sendall(data)
        except OSError:
            self.dead = True

    def finish(self):
        self.done = True
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def flushed(self):
        return self.done

    def close(self):
        self.done = True
        self.socket.close()

    def read(self):
        why = "The server ended the connection."
        try:
            while data := self.socket.recv(65536):
                self.shell.mail.put(("data", self.link, data))
        except OSError as error:
            why = f"The connection is lost: {error}"
        self.shell.mail.put(("end", self.link, why))


class Shell:
    def __init__(self):
        self.mail, self.timers, self.count = queue.Queue(), [], 0
        self.client = core.Client(self)

    def open(self, link, host, port):
        return Conn(self, link, host, port)

    def later(self, seconds, call):
        self.count += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.count, call))

    def read_input(self):
        for line in sys.stdin.buffer:
            self.mail.put(("line", None, line))
        self.mail.put(("no more", None, None))

    def main(self):
        threading.Thread(target=self.read_input, daemon=True).start()
        open_input, limit = True, None
        while open_input or not (self.client.idle() or time.monotonic() > limit):
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()
            wait = max(0.0, self.timers[0][0] - time.monotonic()) if self.timers else (None if open_input else 0.05)
            try:
                kind, link, what = self.mail.get(timeout=wait)
            except queue.Empty:
                continue
            if kind == "line":
                self.client.request_line(what)
            elif kind == "data":
                self.client.on_data(link, what)
            elif kind == "end":
                self.client.on_end(link, what)
                link.conn.close()
            else:
                open_input, limit = False, time.monotonic() + 8
                self.client.at_end_of_input()
