"""One thread, selectors; output is collected and written at the end of each turn."""
import heapq
import selectors
import signal
import socket
import time
from collections import deque

from hub import Conn
from t_common import listen, read_announcements, tune


class SConn(Conn):
    def __init__(self, t, sock):
        super().__init__()
        self.t, self.sock, self.out, self.bytes, self.state = t, sock, bytearray(), 0, "open"
        self.deadline = None

    broken = was_reset = False

    def write(self, data):
        if self.broken:
            return
        self.out += data
        self.t.dirty.add(self)

    def pending(self):
        return len(self.out)

    def kill(self):
        self.t.drop(self)

    def finish(self):
        if self.state == "half":
            return self.t.drop(self)
        self.state = "drain"
        self.t.dirty.add(self)
        self.t.later(2.5, lambda: self.t.drop(self))


class Transport:
    Conn = SConn
    flush_time, linger_time, read_on = 1.5, 3.0, True

    def __init__(self, hub_class, host, port):
        self.sel, self.timers, self.seq, self.dirty, self.all = selectors.DefaultSelector(), [], 0, set(), set()
        self.posted = deque()
        self.hub = hub_class(self)
        self.flush_time = getattr(self.hub, "flush_time", self.flush_time)
        self.read_on = getattr(self.hub, "read_on", True)
        self.wake_r, self.wake_w = socket.socketpair()
        self.wake_r.setblocking(False), self.wake_w.setblocking(False)
        self.sel.register(self.wake_r, selectors.EVENT_READ, "wake")
        self.listener = listen(host, port, getattr(self.hub, "reuse", True))
        self.listener.setblocking(False)
        self.sel.register(self.listener, selectors.EVENT_READ, "accept")
        self.stop_asked = False
        signal.set_wakeup_fd(self.wake_w.fileno())
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stop_asked", True))

    def post(self, fn):
        self.posted.append(fn)
        try:
            self.wake_w.send(b"x")
        except BlockingIOError:
            pass

    def later(self, delay, fn):
        self.seq += 1
        heapq.heappush(self.timers, (time.monotonic() + delay, self.seq, fn))

    def drop(self, c):
        if c.state != "closed":
            half, c.state = c.state == "half", "closed"
            self.all.discard(c)
            self.dirty.discard(c)
            if not half:
                self.sel.unregister(c.sock)
            c.sock.close()

    def accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                return
            s.setblocking(False)
            tune(self.hub, s)
            c = self.Conn(self, s)
            self.all.add(c)
            self.sel.register(s, selectors.EVENT_READ, c)
            self.hub.opened(c)

    def read(self, c):
        try:
            data = c.sock.recv(65536)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.hub.reset(c)
            self.drop(c)
            return
        if c.ended or c.state != "open":
            if not data:
                self.drop(c)
        elif data:
            self.hub.received(c, data)
        else:
            self.hub.reset(c) if c.was_reset else self.hub.eof(c)
            if not c.ended and c.state == "open":  # the hub still works on its frames
                c.state = "half"
                self.sel.unregister(c.sock)

    def piece(self, c):
        return c.out[:262144]

    def flush(self, c):
        try:
            while c.out:
                n = c.sock.send(self.piece(c))
                del c.out[:n]
                if self.once(c):
                    break
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as e:
            c.out.clear()
            c.broken, c.was_reset = True, isinstance(e, ConnectionResetError)  # reading goes on to the end
            if c.ended or self.hub.stopping:
                self.drop(c)
        if c.state == "closed":
            return
        if c.state == "drain" and not c.out:
            self.fin(c)
        if c.state in ("open", "drain", "fin"):
            self.sel.modify(c.sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if c.out else 0), c)
        self.flushed(c)

    def flushed(self, c):
        pass

    def once(self, c):
        return False

    def fin(self, c):
        c.state = "fin"
        try:
            c.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def turn(self, limit):
        timeout = limit
        if self.timers:
            timeout = max(0, min(limit, self.timers[0][0] - time.monotonic()))
        for key, events in self.sel.select(timeout):
            if key.data == "wake":
                try:
                    while self.wake_r.recv(4096):
                        pass
                except BlockingIOError:
                    pass
            elif key.data == "accept":
                self.accept()
            else:
                c = key.data
                if c.state == "closed":
                    continue
                if events & selectors.EVENT_READ:
                    self.read(c)
                if events & selectors.EVENT_WRITE and c.state != "closed":
                    self.flush(c)
        while self.posted:
            self.posted.popleft()()
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            heapq.heappop(self.timers)[2]()
        for _ in range(5):
            if not self.dirty:
                break
            work, self.dirty = self.dirty, set()
            for c in work:
                if c.state != "closed":
                    self.flush(c)

    def run(self):
        read_announcements(self.post, self.hub)
        while not self.stop_asked:
            self.turn(5)
        self.accept()
        self.sel.unregister(self.listener)
        self.listener.close()
        self.hub.farewell()
        for c in list(self.all):
            self.flush(c) if c.state == "open" else None
            if c.state == "half":
                self.drop(c)
            elif c.state == "open":
                c.state = "drain"
                self.dirty.add(c)
        if not self.read_on:
            time.sleep(0.3)
            for c in list(self.all):
                self.drop(c)
            return
        start = time.monotonic()
        cut = False
        while self.all and time.monotonic() < start + self.linger_time:
            self.turn(0.1)
            if not cut and time.monotonic() > start + self.flush_time:
                cut = True
                for c in list(self.all):
                    if c.state == "drain":
                        self.fin(c)
        for c in list(self.all):
            self.drop(c)
