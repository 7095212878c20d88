"""One thread with a selector: standard input and the sockets, none of which blocks."""

import heapq
import os
import selectors
import socket
import time

import core


class Conn:
    def __init__(self, shell, link, host, port):
        self.shell, self.link = shell, link
        self.socket = socket.create_connection((host, port))
        self.socket.setblocking(False)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.out, self.finishing, self.shut, self.dead, self.closed = [], False, False, False, False
        shell.selector.register(self.socket, selectors.EVENT_READ, self)

    def send(self, data):
        if not self.dead and not self.closed:
            self.out.append(data)
            self.push()

    def finish(self):
        self.finishing = True
        self.push()

    def flushed(self):
        return self.shut or self.dead or self.closed

    def push(self):
        if self.closed:
            return
        try:
            while self.out:
                count = self.socket.send(self.out[0])
                if count < len(self.out[0]):
                    self.out[0] = self.out[0][count:]
                else:
                    self.out.pop(0)
            if self.finishing and not self.shut:
                self.shut = True
                self.socket.shutdown(socket.SHUT_WR)
        except BlockingIOError:
            pass
        except OSError:
            self.dead = True  # reading will tell the end
            self.out.clear()
        wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0)
        self.shell.selector.modify(self.socket, wanted, self)

    def close(self):
        if not self.closed:
            self.closed = True
            self.shell.selector.unregister(self.socket)
            self.socket.close()

    def ready(self, mask):
        client = self.shell.client
        if mask & selectors.EVENT_WRITE:
            self.push()
        if mask & selectors.EVENT_READ and not self.closed:
            try:
                data = self.socket.recv(65536)
            except BlockingIOError:
                return
            except OSError as error:
                return self.over(f"The connection is lost: {error}")
            if not data:
                return self.over("The server ended the connection.")
            client.on_data(self.link, data)

    def over(self, why):
        self.shell.client.on_end(self.link, why)
        self.close()


class Shell:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.timers, self.count = [], 0
        self.client = core.Client(self)

    def open(self, link, host, port):
        return Conn(self, link, host, port)

    def later(self, seconds, call):
        self.count += 1
        heapq.heappush(self.timers, (time.monotonic() + seconds, self.count, call))

    def main(self):
        self.selector.register(0, selectors.EVENT_READ, None)
        rest, open_input, limit = b"", True, None
        while True:
            if self.client.exit_now and not self.client.late:
                return
            if not open_input and (self.client.idle() or time.monotonic() > limit):
                return
            wait = max(0.0, self.timers[0][0] - time.monotonic()) if self.timers else (None if open_input else 0.2)
            for key, mask in self.selector.select(wait):
                if key.data is not None:
                    key.data.ready(mask)
                    continue
                data = os.read(0, 65536)
                if not data:
                    self.selector.unregister(0)
                    open_input, limit = False, time.monotonic() + 8
                    if rest:
                        self.client.request_line(rest)
                    self.client.at_end_of_input()
                    continue
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    self.client.request_line(line)
            while self.timers and self.timers[0][0] <= time.monotonic():
                heapq.heappop(self.timers)[2]()
