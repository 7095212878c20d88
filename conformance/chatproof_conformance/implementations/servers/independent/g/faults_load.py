"""Faults of load, buffers, and stopping."""
import asyncio
import os
import socket
import time
from collections import deque

from core import Refuse
from registry import fault


@fault("slots-leak-at-reset", "threads", "LOAD-1",
       "A place among 80 is given back after an orderly end only: resets use them up, until joins are refused as if the server were full.")
def _(B):
    class Hub(B.Hub):
        places = 80

        def opened(self, c):
            with self.lock:
                self.places -= 1
                c.full = self.places < 0

        def on_join(self, c, msg):
            if c.full and c.name is None:
                c.closing = True
                raise Refuse("server_full", "The server is full")
            super().on_join(c, msg)

        def error(self, c, code, text):
            closing, c.closing = c.closing, False
            super().error(c, code, text)
            if closing:
                c.finish()

    class Server(B.Server):
        def reader(self, c):
            framer = self.kit.Framer()
            try:
                while True:
                    data = c.sock.recv(16384)
                    if not data:
                        break
                    self.got(c, framer.feed(data))
            except OSError:
                return self.eof(c)
            with self.hub.lock:
                self.hub.places += 1
            self.eof(c)
    B.Hub, B.Server = Hub, Server


@fault("private-waits-for-target", "aio", "LOAD-2",
       "After a private message the sender's task waits until the target has read enough: whoever writes to a stalled client is stalled too.")
def _(B):
    class Hub(B.Hub):
        def on_private(self, c, msg):
            super().on_private(c, msg)
            c.waits = self.find(c, msg["target"])

    class Server(B.Server):
        async def got(self, c, frames):
            for raw in frames:
                self.hub.frame(c, raw)
                to = c.__dict__.pop("waits", None)
                while to and to is not c and to.size > 65536 and not to.gone:
                    await asyncio.sleep(0.05)
    B.Hub, B.Server = Hub, Server


@fault("accept-sniffs", "threads", "LOAD-3",
       "The thread that accepts looks at the first byte of each connection for up to two seconds, and all later connections wait behind a silent one.")
def _(B):
    class Server(B.Server):
        def accepted(self, sock):
            sock.settimeout(2)
            try:
                sock.recv(1, socket.MSG_PEEK)
            except OSError:
                pass
            sock.settimeout(None)
            super().accepted(sock)
    B.Server = Server


@fault("answers-without-limit", "select", "LOAD-4",
       "The limit for unread data is checked for what others say only: errors and confirmations for a client that never reads pile up without end.")
def _(B):
    class Hub(B.Hub):
        def confirm(self, c, *args):
            self.own = True
            super().confirm(c, *args)
            self.own = False

        def error(self, c, *args):
            self.own = True
            super().error(c, *args)
            self.own = False

        own = False

        def push(self, c, data):
            if self.own and not c.gone and not c.doomed:
                c.send(data)
            else:
                super().push(c, data)
    B.Hub = Hub


@fault("drops-oldest", "actors", "PUBLIC-1 PRIVATE-1 LOAD-4",
       "A user's mailbox holds 400 messages; when it is full, the oldest is dropped without a word.")
def _(B):
    class Conn(B.Conn):
        def send(self, data):
            with self.cv:
                if len(self.q) >= 400:
                    self.size -= len(self.q.popleft())
            super().send(data)
    B.Conn = Conn


@fault("rest-goes-to-the-end", "select", "FRAME-1",
       "If the socket takes a part of a message only, the rest is put at the end of the queue, behind other messages.")
def _(B):
    class Conn(B.Conn):
        def __init__(self, sock, server):
            super().__init__(sock, server)
            self.out = deque()

        def backlog(self):
            return sum(map(len, self.out)) if len(self.out) > 900 else 0

        def send(self, data):
            if not (self.wdead or self.closing or self.done):
                self.out.append(data)
                self.server.dirty_add(self)

        def flush(self):
            try:
                while self.out:
                    data = self.out.popleft()
                    try:
                        n = self.sock.send(data)
                    except BlockingIOError:
                        self.out.appendleft(data)
                        break
                    if n < len(data):
                        self.out.append(data[n:])
            except OSError:
                self.wdead = True
                self.out.clear()
    B.Conn = Conn


@fault("write-interest-lost", "pool", "PUBLIC-1",
       "Interest in writing is set only when the buffer stops being empty: after a second partial write the rest waits until somebody says something new.")
def _(B):
    class Conn(B.Conn):
        armed = False

        def wants_write(self):
            first = bool(self.out) and not self.armed
            self.armed = bool(self.out)
            return first
    B.Conn = Conn


@fault("overflow-leaves-a-ghost", "pool", "LEAVE-1 LEAVE-4 CONFIRM-2",
       "A client that the server drops for too much unread data gets no leave notice, and its name stays in use.")
def _(B):
    class Hub(B.Hub):
        def reap(self):
            while self.doomed:
                c = self.doomed.pop(0)
                c.gone = True
                c.abort()

        def push(self, c, data):
            if not c.gone:
                super().push(c, data)
    B.Hub = Hub


@fault("stop-waits-for-readers", "actors", "STOP-1",
       "When it stops, the server waits for all mailboxes to be written, for half a minute if need be: a client that does not read is not ended in time.")
def _(B):
    class Server(B.Server):
        def linger(self, conns):
            end = time.monotonic() + 30
            while time.monotonic() < end and any(c.q or c.size for c in conns if c in self.conns):
                time.sleep(0.02)
            super().linger(conns)
    B.Server = Server


@fault("stalled-for-four-seconds", "select", "LOAD-5",
       "A client that takes nothing for four seconds while something waits for it is dropped, however little that is.", subtle=False)
def _(B):
    class Conn(B.Conn):
        sndbuf, since, had = 8192, None, 0

    class Server(B.Server):
        def tick(self):
            now = time.monotonic()
            for c in list(self.conns.values()):
                if not c.out or len(c.out) < c.had:
                    c.since = None
                c.had = len(c.out)
                c.since = now if c.since is None else c.since
                if c.out and now - c.since > 4 and not c.done:
                    c.reading = False
                    self.eof(c)
    B.Conn, B.Server = Conn, Server
