"""Two bases: a reader and a writer thread for each connection; and an actor per user with a room that owns the chat."""
import os
import queue
import select
import signal
import socket
import sys
import threading
import time
from collections import deque

from core import Codec, Framer, Hub


class Conn:
    def __init__(self, sock):
        self.sock, self.name = sock, None
        self.gone = self.doomed = self.wdead = self.closing = False
        self.q, self.size, self.cv = deque(), 0, threading.Condition()

    def backlog(self):
        return self.size

    def send(self, data):
        with self.cv:
            if not self.wdead and not self.closing:
                self.q.append(data)
                self.size += len(data)
                self.cv.notify()

    def abort(self):
        with self.cv:
            self.wdead = True
            self.q.clear()
            self.cv.notify()
        self.shut(socket.SHUT_RDWR)

    def finish(self):
        with self.cv:
            self.closing = True
            self.cv.notify()

    def shut(self, how):
        try:
            self.sock.shutdown(how)
        except OSError:
            pass

    def take(self):
        """The next batch to write, or None when there is nothing more."""
        with self.cv:
            while not self.q and not self.closing and not self.wdead:
                self.cv.wait()
            if self.wdead or not self.q:
                return None
            batch, n = [], 0
            while self.q and n < 65536:
                batch.append(self.q.popleft())
                n += len(batch[-1])
            return b"".join(batch)

    def write(self, data):
        self.sock.sendall(data)

    def writer(self):
        while True:
            data = self.take()
            if data is None:
                break
            try:
                self.write(data)
            except OSError:
                with self.cv:
                    self.wdead = True
                    self.q.clear()
                break
            with self.cv:
                self.size -= len(data)
        if self.closing:
            self.shut(socket.SHUT_WR)


class Server:
    def __init__(self, kit, host, port):
        self.kit, self.conns = kit, set()
        self.hub = kit.Hub(kit)
        self.stop = threading.Event()
        self.clock = threading.Lock()
        self.listener = socket.create_server((host, port), backlog=256)
        self.host, self.port = host, port

    def spawn(self, f, *args):
        t = threading.Thread(target=f, args=args, daemon=True)
        t.start()
        return t

    def run(self):
        signal.signal(signal.SIGTERM, lambda *a: self.stop.set())
        self.start()
        acceptor = self.spawn(self.accept_loop)
        self.spawn(self.stdin_loop)
        print("Listening on %s:%d" % (self.host, self.port), flush=True)
        while not self.stop.wait(1):
            pass
        acceptor.join(1)
        self.shutdown()
        os._exit(0)

    def start(self):
        pass

    def accept_loop(self):
        self.listener.setblocking(False)
        while not self.stop.is_set():
            select.select([self.listener], [], [], 0.1)
            self.accept_all()
        self.accept_all()
        self.listener.close()

    def accept_all(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setblocking(True)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.accepted(sock)

    def accepted(self, sock):
        c = self.kit.Conn(sock)
        c.server = self
        with self.clock:
            self.conns.add(c)
        self.hub.opened(c)
        self.spawn(self.reader, c)
        self.spawn(c.writer)

    def stdin_loop(self):
        for line in sys.stdin.buffer:
            self.announce(line.decode("utf-8", "replace").rstrip("\r\n"))

    def announce(self, text):
        self.hub.announce(text)

    def reader(self, c):
        framer = self.kit.Framer()
        try:
            while True:
                data = c.sock.recv(16384)
                if not data:
                    break
                self.got(c, framer.feed(data))
        except OSError:
            pass
        self.eof(c)

    def got(self, c, frames):
        for raw in frames:
            self.hub.frame(c, raw)

    def eof(self, c):
        self.hub.leave(c)
        self.closed(c)

    def closed(self, c):
        c.finish()
        with c.cv:
            c.wdead = True
            c.cv.notify()
        with self.clock:
            self.conns.discard(c)
        c.shut(socket.SHUT_WR)
        c.sock.close()

    def goodbye(self):
        self.hub.goodbye()

    def shutdown(self):
        self.goodbye()
        with self.clock:
            conns = list(self.conns)
        for c in conns:
            c.finish()
        self.linger(conns)

    def linger(self, conns):
        end = time.monotonic() + 2
        while time.monotonic() < end and any(c.q or c.size for c in conns if c in self.conns):
            time.sleep(0.02)
        for c in conns:
            c.shut(socket.SHUT_WR)
        end = time.monotonic() + 1.5
        while self.conns and time.monotonic() < end:
            time.sleep(0.02)


class ActorServer(Server):
    """Readers post to the room; the room alone touches the chat; each user has an actor that writes."""

    def start(self):
        self.room = queue.SimpleQueue()
        self.spawn(self.room_loop, self.room)

    def room_loop(self, room):
        while True:
            f, args = room.get()
            f(*args)

    def post(self, f, *args):
        self.room.put((f, args))

    def got(self, c, frames):
        for raw in frames:
            self.post(self.hub.frame, c, raw)

    def eof(self, c):
        self.post(Server.eof, self, c)

    def announce(self, text):
        self.post(self.hub.announce, text)

    def goodbye(self):
        done = threading.Event()
        self.post(self.hub.goodbye)
        self.post(done.set)
        done.wait(2)


class Threads:
    Codec, Framer, Hub, Conn, Server = Codec, Framer, Hub, Conn, Server


class Actors(Threads):
    Server = ActorServer
