"""One thread, poll(); every connection is a state machine: OPEN, DRAIN, FIN, DEAD. Writes go through at once if they can."""
import heapq
import os
import select
import signal
import socket
import time
from collections import deque

from hub import Conn
from t_common import listen, read_announcements, tune

IN, OUT, BAD = select.POLLIN, select.POLLOUT, select.POLLERR | select.POLLHUP | select.POLLNVAL


class PConn(Conn):
    def __init__(self, t, sock):
        super().__init__()
        self.t, self.sock, self.fd = t, sock, sock.fileno()
        self.out, self.off, self.size = deque(), 0, 0
        self.state = self.OPEN
        self.seen_eof = False

    def pending(self):
        return self.size

    def write(self, data):
        if self.broken or self.state == self.DEAD:
            return
        self.out.append(data)
        self.size += len(data)
        if len(self.out) == 1:
            self.push()

    def push(self):
        """Writes what it can; an error shows itself at the next read."""
        try:
            while self.out:
                n = self.sock.send(memoryview(self.out[0])[self.off:])
                self.off += n
                self.size -= n
                if self.off == len(self.out[0]):
                    self.out.popleft()
                    self.off = 0
        except (BlockingIOError, InterruptedError):
            pass
        except OSError as e:
            self.broken, self.was_reset = True, isinstance(e, ConnectionResetError)  # reading goes on to the end
            self.out.clear()
            self.off = self.size = 0
        self.interest()

    broken = was_reset = False

    def interest(self):
        if self.state != self.DEAD:
            self.t.poll.modify(self.fd, (0 if self.seen_eof else IN) | (OUT if self.out and not self.broken else 0))

    # states
    def OPEN(self, event):
        if event & OUT:
            self.push()
        if event & (IN | BAD) and self.state == self.OPEN and not self.seen_eof:
            try:
                data = self.sock.recv(65536)
            except (BlockingIOError, InterruptedError):
                return
            except OSError:
                self.t.hub.reset(self)
                return self.die()
            if data:
                self.t.hub.received(self, data)
            else:
                self.seen_eof = True
                self.interest()
                self.t.hub.reset(self) if self.was_reset else self.t.hub.eof(self)

    def DRAIN(self, event):
        if event & OUT:
            self.push()
        self.discard(event)
        if self.state == self.DRAIN and not self.out:
            self.fin()

    def FIN(self, event):
        self.discard(event)

    def DEAD(self, event):
        pass

    def discard(self, event):
        if event & (IN | BAD) and self.state != self.DEAD:
            try:
                if not self.sock.recv(65536):
                    if self.state == self.FIN or not self.out:
                        self.die()
                    else:
                        self.seen_eof = True
                        self.interest()
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                self.die()

    def fin(self):
        self.state = self.FIN
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            self.die()
        if self.seen_eof:
            self.die()

    def finish(self):
        self.state = self.DRAIN
        if not self.out:
            self.fin()
        self.t.later(2.5, self.die)

    def die(self):
        if self.state != self.DEAD:
            self.state = self.DEAD
            self.t.poll.unregister(self.fd)
            del self.t.by_fd[self.fd]
            self.sock.close()

    kill = die


class Transport:
    Conn = PConn

    def __init__(self, hub_class, host, port):
        self.poll, self.by_fd, self.timers, self.seq, self.posted = select.poll(), {}, [], 0, deque()
        self.hub = hub_class(self)
        self.listener = listen(host, port, getattr(self.hub, "reuse", True))
        self.listener.setblocking(False)
        self.poll.register(self.listener, IN)
        self.r, self.w = os.pipe()
        os.set_blocking(self.r, False), os.set_blocking(self.w, False)
        self.poll.register(self.r, IN)
        self.stop_asked = False
        signal.set_wakeup_fd(self.w)
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stop_asked", True))

    def post(self, fn):
        self.posted.append(fn)
        try:
            os.write(self.w, b"x")
        except BlockingIOError:
            pass

    def later(self, delay, fn):
        self.seq += 1
        heapq.heappush(self.timers, (time.monotonic() + delay, self.seq, fn))

    def accept(self):
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                return
            s.setblocking(False)
            tune(self.hub, s)
            c = self.Conn(self, s)
            self.by_fd[c.fd] = c
            self.poll.register(c.fd, IN)
            self.hub.opened(c)

    def turn(self, limit):
        wait = limit
        if self.timers:
            wait = max(0, min(limit, self.timers[0][0] - time.monotonic()))
        for fd, event in self.poll.poll(wait * 1000 + (0.5 if wait else 0)):
            if fd == self.r:
                try:
                    while os.read(self.r, 4096):
                        pass
                except BlockingIOError:
                    pass
            elif not self.listener_closed and fd == self.listener.fileno():
                self.accept()
            elif fd in self.by_fd:
                c = self.by_fd[fd]
                c.state(event)
        while self.posted:
            self.posted.popleft()()
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            heapq.heappop(self.timers)[2]()

    listener_closed = False

    def run(self):
        read_announcements(self.post, self.hub)
        while not self.stop_asked:
            self.turn(5)
        self.accept()
        self.poll.unregister(self.listener)
        self.listener.close()
        self.listener_closed = True
        self.hub.farewell()
        for c in list(self.by_fd.values()):
            if c.state == c.OPEN:
                c.state = c.DRAIN
                if not c.out:
                    c.fin()
        start, cut = time.monotonic(), False
        while self.by_fd and time.monotonic() < start + 3:
            self.turn(0.1)
            if not cut and time.monotonic() > start + 1.5:
                cut = True
                for c in list(self.by_fd.values()):
                    if c.state == c.DRAIN:
                        c.fin()
        for c in list(self.by_fd.values()):
            c.die()
