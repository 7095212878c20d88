"""Threads: the main thread reads requests, each connection has a reader and a writer thread, one lock guards the client."""

import queue
import socket
import struct
import sys
import threading
import time

import core


class Conn:
    def __init__(self, shell, link, host, port):
        self.shell, self.link = shell, link
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.out, self.done = queue.Queue(), threading.Event()
        threading.Thread(target=self.write, daemon=True).start()
        threading.Thread(target=self.read, daemon=True).start()

    def send(self, data):
        self.out.put(data)

    def finish(self):
        self.out.put(None)

    def flushed(self):
        return self.done.is_set()

    def close(self):
        self.out.put("close")

    def write(self):
        dead = False
        while True:
            data = self.out.get()
            try:
                if data == "close":
                    self.done.set()
                    return self.socket.close()
                if data is None:
                    self.done.set()
                    self.socket.shutdown(socket.SHUT_WR)
                elif not dead:
                    self.socket.sendall(data)
            except OSError:
                dead = True  # the reader will see the end

    def read(self):
        why = "The server ended the connection."
        client = self.shell.client
        try:
            while data := self.socket.recv(65536):
                with self.shell.lock:
                    client.on_data(self.link, data)
        except OSError as error:
            why = f"The connection is lost: {error}"
        with self.shell.lock:
            client.on_end(self.link, why)
            if self.link is not client.link:
                self.close()


class Shell:
    def __init__(self):
        self.lock = threading.RLock()
        self.client = core.Client(self)

    def open(self, link, host, port):
        return Conn(self, link, host, port)

    def later(self, seconds, call):
        def run():
            with self.lock:
                call()
        timer = threading.Timer(seconds, run)
        timer.daemon = True
        timer.start()

    def main(self):
        for line in sys.stdin.buffer:
            with self.lock:
                self.client.request_line(line)
        with self.lock:
            link = self.client.link
            if core.F == "f86-linger-at-end" and link and not link.ended:
                link.conn.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                link.conn.socket.shutdown(socket.SHUT_RD)
                link.conn.close()
                link.conn.done.wait(0.5)
                return
            self.client.at_end_of_input()
        limit = time.monotonic() + 8
        while time.monotonic() < limit:
            with self.lock:
                if self.client.idle():
                    break
            time.sleep(0.01)
        link = self.client.link
        if link and link.conn:
            link.conn.done.wait(0.5)
