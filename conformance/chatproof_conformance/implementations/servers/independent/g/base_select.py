"""Two bases: one thread with a selector; and poll with worker threads that handle the frames."""
import os
import queue
import selectors
import signal
import socket
import sys
import threading
import time

from core import Codec, Framer, Hub


class Conn:
    sndbuf = 0

    def __init__(self, sock, server):
        self.sock, self.server, self.name = sock, server, None
        self.gone = self.doomed = self.wdead = self.closing = self.done = self.fin = False
        self.out, self.lock = bytearray(), threading.Lock()
        self.framer = server.kit.Framer()
        self.mask, self.reading = selectors.EVENT_READ, True

    def backlog(self):
        return len(self.out)

    def send(self, data):
        with self.lock:
            if self.wdead or self.closing or self.done:
                return
            self.out += data
        self.server.dirty_add(self)

    def abort(self):
        with self.lock:
            self.wdead = self.done = True
            self.out.clear()
        self.server.dirty_add(self)

    def flush(self):
        """Writes what the socket takes."""
        with self.lock:
            try:
                while self.out:
                    n = self.sock.send(self.out[:65536])
                    del self.out[:n]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                self.wdead = True
                self.out.clear()

    def wants_write(self):
        return bool(self.out)


class Server:
    Selector = selectors.DefaultSelector

    def __init__(self, kit, host, port):
        self.kit, self.conns, self.dirty = kit, {}, set()
        self.hub = kit.Hub(kit)
        self.listener = socket.create_server((host, port), backlog=256)
        self.listener.setblocking(False)
        self.sel = self.Selector()
        self.wake_r, self.wake_w = socket.socketpair()
        self.wake_r.setblocking(False)
        self.wake_w.setblocking(False)
        self.sel.register(self.listener, selectors.EVENT_READ, "accept")
        self.sel.register(self.wake_r, selectors.EVENT_READ, "wake")
        self.inbox, self.stop_at, self.host, self.port = queue.SimpleQueue(), None, host, port
        self.thread = threading.get_ident()

    def wake(self):
        try:
            self.wake_w.send(b"x")
        except OSError:
            pass

    def dirty_add(self, c):
        self.dirty.add(c)
        if threading.get_ident() != self.thread:
            self.wake()

    def run(self):
        signal.signal(signal.SIGTERM, self.on_term)
        self.start()
        threading.Thread(target=self.stdin_loop, daemon=True).start()
        print("Listening on %s:%d" % (self.host, self.port), flush=True)
        while self.turn():
            pass
        os._exit(0)

    def on_term(self, *_):
        self.inbox.put((self.begin_stop, ()))
        self.wake()

    def start(self):
        pass

    def stdin_loop(self):
        for line in sys.stdin.buffer:
            self.inbox.put((self.hub.announce, (line.decode("utf-8", "replace").rstrip("\r\n"),)))
            self.wake()

    def timeout(self):
        return 0.05 if self.stop_at else 1.0

    def turn(self):
        for key, mask in self.sel.select(self.timeout()):
            if key.data == "accept":
                self.accept_all()
            elif key.data == "wake":
                try:
                    self.wake_r.recv(4096)
                except OSError:
                    pass
            else:
                if mask & selectors.EVENT_READ:
                    self.readable(key.data)
                if mask & selectors.EVENT_WRITE:
                    self.dirty.add(key.data)
        while not self.inbox.empty():
            f, args = self.inbox.get()
            f(*args)
        self.tick()
        self.flush_dirty()
        return not (self.stop_at and self.stop_step())

    def tick(self):
        pass

    def flush_dirty(self):
        while self.dirty:
            try:
                c = self.dirty.pop()
            except KeyError:
                break
            if c.sock.fileno() < 0:
                continue
            if not c.done:
                c.flush()
            if c.done:
                self.close(c)
            else:
                self.interest(c)

    def interest(self, c):
        if c.closing and not c.out and not c.fin:
            c.fin = True
            self.shut(c)
        mask = (selectors.EVENT_READ if c.reading else 0) | (selectors.EVENT_WRITE if c.wants_write() else 0)
        if mask != c.mask:
            if c.mask and mask:
                self.sel.modify(c.sock, mask, c)
            elif mask:
                self.sel.register(c.sock, mask, c)
            else:
                self.sel.unregister(c.sock)
            c.mask = mask

    def shut(self, c):
        try:
            c.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def accept_all(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.kit.Conn.sndbuf:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.kit.Conn.sndbuf)
            c = self.kit.Conn(sock, self)
            self.conns[sock.fileno()] = c
            self.sel.register(sock, selectors.EVENT_READ, c)
            self.hub.opened(c)

    def readable(self, c):
        if c.sock.fileno() < 0 or not c.reading:
            return
        try:
            data = c.sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if data:
            self.got(c, c.framer.feed(data))
        else:
            c.reading = False
            self.eof(c)

    def got(self, c, frames):
        for raw in frames:
            self.hub.frame(c, raw)

    def eof(self, c):
        self.hub.leave(c)
        c.done = True
        self.dirty_add(c)

    def close(self, c):
        if c.mask:
            self.sel.unregister(c.sock)
            c.mask = 0
        self.conns.pop(c.sock.fileno(), None)
        c.sock.close()

    def begin_stop(self):
        if self.stop_at:
            return
        self.stop_at = time.monotonic()
        self.accept_all()
        self.sel.unregister(self.listener)
        self.listener.close()
        self.hub.goodbye()
        for c in list(self.conns.values()):
            c.closing = True
            self.dirty.add(c)

    def stop_step(self):
        age = time.monotonic() - self.stop_at
        if age > 2:
            for c in list(self.conns.values()):
                if not c.fin:
                    c.fin = True
                    c.out.clear()
                    self.shut(c)
        return not self.conns or age > 3.5


class PoolServer(Server):
    Selector = selectors.PollSelector
    workers = 3

    def start(self):
        self.queues = [queue.SimpleQueue() for _ in range(self.workers)]
        for q in self.queues:
            threading.Thread(target=self.work, args=(q,), daemon=True).start()

    def work(self, q):
        while True:
            f, args = q.get()
            f(*args)

    def worker_of(self, c):
        return self.queues[c.sock.fileno() % self.workers]

    def got(self, c, frames):
        q = self.worker_of(c)
        for raw in frames:
            q.put((self.hub.frame, (c, raw)))

    def eof(self, c):
        self.worker_of(c).put((Server.eof, (self, c)))
        self.dirty_add(c)


class Select:
    Codec, Framer, Hub, Conn, Server = Codec, Framer, Hub, Conn, Server


class Pool(Select):
    Server = PoolServer
