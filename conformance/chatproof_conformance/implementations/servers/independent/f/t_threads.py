"""Two threads for each connection, one lock for the hub."""
import os
import signal
import socket
import threading
import time
from collections import deque

from hub import Conn
from t_common import listen, read_announcements, tune


class TConn(Conn):
    def __init__(self, t, sock):
        super().__init__()
        self.t, self.sock, self.out, self.size = t, sock, deque(), 0
        self.cond = threading.Condition()
        self.closing = self.dead = False
        self.fin_sent = threading.Event()

    def start(self):
        threading.Thread(target=self.writing, daemon=True).start()
        threading.Thread(target=self.reading, daemon=True).start()

    def pending(self):
        return self.size

    broken = was_reset = False

    def write(self, data):
        if self.broken:
            return
        with self.cond:
            self.out.append(data)
            self.size += len(data)
            self.cond.notify()

    def writing(self):
        try:
            while True:
                with self.cond:
                    while not self.out and not self.closing and not self.dead:
                        self.cond.wait()
                    if self.dead:
                        return
                    if not self.out:
                        break
                    data = self.out.popleft()
                self.sock.sendall(data)
                with self.cond:
                    self.size -= len(data)
            self.sock.shutdown(socket.SHUT_WR)
        except OSError as e:
            self.broken, self.was_reset = True, isinstance(e, ConnectionResetError)  # reading goes on to the end
        finally:
            self.fin_sent.set()

    def reading(self):
        hub, t = self.t.hub, self.t
        try:
            while True:
                data = self.sock.recv(65536)
                with t.lock:
                    if not data:
                        if not self.ended and not hub.stopping:
                            hub.reset(self) if self.was_reset else hub.eof(self)
                        break
                    if not self.ended:
                        hub.received(self, data)
        except OSError:
            with t.lock:
                if not self.ended and not hub.stopping:
                    hub.reset(self)
        if hub.stopping or self.ended:
            if self.closing:
                self.fin_sent.wait(2)
            self.shut()
        else:
            self.fin_sent.wait(30)  # the hub still works on its frames

    def shut(self):
        with self.cond:
            self.dead = True
            self.cond.notify()
        with self.t.all_lock:
            if self not in self.t.all:
                return
            self.t.all.discard(self)
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()

    kill = shut

    def finish(self):
        with self.cond:
            self.closing = True
            self.cond.notify()
        self.t.later(2.5, self.shut)


class Transport:
    Conn = TConn

    def __init__(self, hub_class, host, port):
        self.lock, self.all, self.all_lock = threading.RLock(), set(), threading.RLock()
        self.hub = hub_class(self)
        self.listener = listen(host, port, getattr(self.hub, "reuse", True))
        self.stop_asked = False
        signal.signal(signal.SIGTERM, lambda *_: setattr(self, "stop_asked", True))

    def post(self, fn):
        with self.lock:
            fn()

    def later(self, delay, fn):
        timer = threading.Timer(delay, lambda: self.post(fn))
        timer.daemon = True
        timer.start()

    def accepting(self):
        while not self.stop_asked:
            try:
                s, _ = self.listener.accept()
            except OSError:  # also the time-out
                continue
            self.take(s)

    def take(self, s):
        s.setblocking(True)
        tune(self.hub, s)
        c = self.Conn(self, s)
        with self.lock:
            with self.all_lock:
                self.all.add(c)
            self.hub.opened(c)
        c.start()

    def run(self):
        read_announcements(self.post, self.hub)
        self.listener.settimeout(0.1)
        accepting = threading.Thread(target=self.accepting, daemon=True)
        accepting.start()
        while not self.stop_asked:
            time.sleep(0.05)
        accepting.join()
        self.listener.setblocking(False)
        while True:
            try:
                s, _ = self.listener.accept()
            except OSError:
                break
            self.take(s)
        self.listener.close()
        with self.lock:
            self.hub.farewell()
            for c in list(self.all):
                with c.cond:
                    c.closing = True
                    c.cond.notify()
        start = time.monotonic()
        while self.all and time.monotonic() < start + 1.5:
            time.sleep(0.05)
        for c in list(self.all):
            if not c.fin_sent.is_set():
                try:
                    c.sock.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
        while self.all and time.monotonic() < start + 3:
            time.sleep(0.05)
        os._exit(0)
