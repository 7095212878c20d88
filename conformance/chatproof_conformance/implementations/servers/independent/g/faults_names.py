"""Faults of joining, names and leaving."""
import asyncio
import queue
import re
import threading
import time

from core import Refuse
from registry import fault


@fault("lookup-outside-lock", "threads", "JOIN-6 PRIVATE-1",
       "Between the check of a name and its registration the lock is given up for a look into a list of banned names, so that two joins at the same time succeed.", subtle=False)
def _(B):
    class Hub(B.Hub):
        def admit(self, c, name):
            self.lock.release()
            time.sleep(0.004)
            self.lock.acquire()
            super().admit(c, name)
    B.Hub = Hub


@fault("name-key-64-bytes", "actors", "JOIN-7 JOIN-1 CONFIRM-2",
       "Names are compared by their first 64 bytes in UTF-8, so that long names in other scripts clash.")
def _(B):
    class Register(dict):
        def key(self, name):
            return name.encode()[:64]

        def __contains__(self, name):
            return super().__contains__(self.key(name))

        def get(self, name, default=None):
            return super().get(self.key(name), default)

        def __setitem__(self, name, c):
            super().__setitem__(self.key(name), c)

        def __delitem__(self, name):
            super().__delitem__(self.key(name))

    class Hub(B.Hub):
        def __init__(self, kit):
            super().__init__(kit)
            self.users = Register()
    B.Hub = Hub


@fault("leave-under-last-try", "aio", "LEAVE-1 JOIN-10 JOIN-13",
       "The name is stored before the check that the connection has joined already, and after a refused second join the leave notice has the second name.")
def _(B):
    class Hub(B.Hub):
        def on_join(self, c, msg):
            c.label = msg["username"]
            super().on_join(c, msg)

        def ended(self, c):
            self.leaving = c
            super().ended(c)

        def notice(self, name, verb):
            super().notice(self.leaving.label if verb == "left" else name, verb)
    B.Hub = Hub


@fault("held-until-join", "select", "JOIN-9",
       "A public message before the join gets its error, but is kept and sent to everyone as soon as the connection joins.")
def _(B):
    class Hub(B.Hub):
        def dispatch(self, c, msg):
            if c.name is None and msg["type"] == "message":
                c.held = getattr(c, "held", []) + [msg]
            super().dispatch(c, msg)

        def admit(self, c, name):
            super().admit(c, name)
            for msg in getattr(c, "held", []):
                self.on_message(c, msg)
    B.Hub = Hub


@fault("line-timer-not-reset", "aio", "LEAVE-7 JOIN-12",
       "The time limit of 10 seconds for a line starts anew only when nothing waits: who always begins the next line in the segment that ends the last one is cut off.")
def _(B):
    class Server(B.Server):
        async def reader(self, c):
            framer, since = self.kit.Framer(), None
            try:
                while True:
                    data = await self.loop.sock_recv(c.sock, 65536)
                    if not data or since and time.monotonic() - since > 10:
                        break
                    await self.got(c, framer.feed(data))
                    if not framer.buf:
                        since = None
                    elif since is None:
                        since = time.monotonic()
            except OSError:
                pass
            await self.eof(c)
    B.Server = Server


@fault("join-timer-survives", "select", "LEAVE-7",
       "A refused join starts a second timer of 12 seconds, and the join that succeeds then stops only that one: the first ends the joined connection.")
def _(B):
    class Hub(B.Hub):
        def opened(self, c):
            c.timers = [time.monotonic() + 12]

        def on_join(self, c, msg):
            try:
                super().on_join(c, msg)
            except Refuse:
                if c.name is None:
                    c.timers.append(time.monotonic() + 12)
                raise

        def admit(self, c, name):
            c.timers.pop()
            super().admit(c, name)

    class Server(B.Server):
        def tick(self):
            for c in list(self.conns.values()):
                if not c.done and any(t < time.monotonic() for t in c.timers):
                    c.reading = False
                    self.eof(c)
    B.Hub, B.Server = Hub, Server


@fault("present-list-cached", "threads", "JOIN-13",
       "A newcomer is told who is present from a list that is built anew at joins but not at leaves, and so hears of a user who has left.")
def _(B):
    class Hub(B.Hub):
        present = []

        def admit(self, c, name):
            super().admit(c, name)
            for n in self.present:
                if n != name:
                    self.to(c, dict(type="system", message=n + " joined the chat", timestamp=self.now()))
            self.present = list(self.users)
    B.Hub = Hub


@fault("cut-line-no-leave", "actors", "LEAVE-1 LEAVE-4 CONFIRM-2",
       "If the stream ends in the middle of a line, the reader returns early and the user is never taken out.")
def _(B):
    class Server(B.Server):
        def reader(self, c):
            framer = self.kit.Framer()
            try:
                while True:
                    data = c.sock.recv(16384)
                    if not data:
                        if framer.buf:
                            return
                        break
                    self.got(c, framer.feed(data))
            except OSError:
                pass
            self.eof(c)
    B.Server = Server


@fault("taken-answer-cached", "select", "LEAVE-4 JOIN-1",
       "The answer that a name is in use is cached for five seconds, also when its user leaves in that time.")
def _(B):
    class Hub(B.Hub):
        def on_join(self, c, msg):
            cache = self.__dict__.setdefault("cache", {})
            name, now = msg["username"], time.monotonic()
            if c.name is None and cache.get(name, 0) > now:
                raise Refuse("username_taken", "Username already taken")
            if name in self.users:
                cache[name] = now + 5
            super().on_join(c, msg)
    B.Hub = Hub


@fault("end-overtakes-frames", "pool", "LEAVE-6 PUBLIC-1",
       "The thread that reads handles the end of a stream itself while frames of the connection still wait for a worker; they are dropped.")
def _(B):
    class Server(B.Server):
        def eof(self, c):
            self.hub.leave(c)
            c.done = True
            self.dirty_add(c)
    B.Server = Server


@fault("late-cleanup-by-name", "threads", "PRIVATE-1 PUBLIC-1 LEAVE-1 JOIN-4",
       "One second after a connection has ended, a cleanup deletes its name again, also if another client has joined under it meanwhile.")
def _(B):
    class Server(B.Server):
        def closed(self, c):
            super().closed(c)
            if c.name is not None:
                t = threading.Timer(1, self.hub.users.pop, (c.name, None))
                t.daemon = True
                t.start()
    B.Server = Server


@fault("room-closes-when-empty", "actors", "JOIN-1 JOIN-9",
       "When the last user leaves, the room's actor is replaced; connections that were open before keep the old one, and their joins are never answered.")
def _(B):
    class Server(B.Server):
        def room_loop(self, room):
            while True:
                f, args = room.get()
                if f is None:
                    break
                f(*args)

        def accepted(self, sock):
            super().accepted(sock)

        def got(self, c, frames):
            room = c.__dict__.setdefault("room", self.room)
            for raw in frames:
                room.put((self.hub.frame, (c, raw)))

        def reader(self, c):
            c.__dict__.setdefault("room", self.room)
            super().reader(c)

        def eof(self, c):
            c.room.put((self.after, (c,)))
            if c.room is not self.room:
                self.room.put((self.after, (c,)))

        def after(self, c):
            had = bool(self.hub.users)
            self.hub.leave(c)
            self.closed(c)
            if had and not self.hub.users:
                self.room.put((None, ()))
                self.start()
    B.Server = Server


@fault("join-notices-gathered", "select", "ORDER-2 ORDER-3",
       "Join notices for the others are gathered for 0.2 seconds; what the new user says in that time reaches them earlier.")
def _(B):
    class Hub(B.Hub):
        pending = []

        def admit(self, c, name):
            self.users[name] = c
            c.name = name
            data = self.codec.encode(dict(type="system", message=name + " joined the chat", timestamp=self.now()))
            self.push(c, data)
            self.pending = self.pending + [(time.monotonic() + 0.2, c, data)]

        def release(self, now):
            while self.pending and self.pending[0][0] < now:
                _, c, data = self.pending[0]
                self.pending = self.pending[1:]
                for u in list(self.users.values()):
                    if u is not c:
                        self.push(u, data)
            self.reap()

        def ended(self, c):
            if not c.gone and c.name is not None:
                self.release(float("inf"))
            super().ended(c)

    class Server(B.Server):
        def timeout(self):
            return 0.05

        def tick(self):
            self.hub.release(time.monotonic())
    B.Hub, B.Server = Hub, Server


@fault("first-line-5-seconds", "select", "JOIN-12",
       "A connection that has not joined is ended when it has not ended its first line within five seconds instead of ten.")
def _(B):
    class Server(B.Server):
        def tick(self):
            now = time.monotonic()
            for c in list(self.conns.values()):
                if c.name is None and c.framer.buf and not c.done:
                    c.since = getattr(c, "since", now)
                    if now - c.since > 5:
                        c.reading = False
                        self.eof(c)
    B.Server = Server


@fault("one-leave-at-a-time", "select", "LEAVE-1 LEAVE-4",
       "Who has left is noted in a single variable until the next tick of 0.1 seconds: of two clients that end in that time, one is never taken out.")
def _(B):
    class Server(B.Server):
        left, due = None, 0

        def timeout(self):
            return 0.05

        def eof(self, c):
            if c.name is None or c.gone:
                return super().eof(c)
            self.left = c
            c.done = True
            if time.monotonic() > self.due:
                self.due = time.monotonic() + 0.1
            self.dirty_add(c)

        def tick(self):
            if self.left and time.monotonic() > self.due:
                c, self.left = self.left, None
                self.hub.leave(c)
    B.Server = Server


@fault("reset-while-writing", "select", "LEAVE-2 LEAVE-4 CONFIRM-2",
       "A write that fails closes the socket without a word to the chat: a client that is reset while data waits for it never leaves.")
def _(B):
    class Conn(B.Conn):
        sndbuf = 16384

    class Server(B.Server):
        def readable(self, c):
            if c.out:
                c.flush()
                if c.wdead:
                    c.done = True
                    return self.dirty.add(c)
            super().readable(c)
    B.Conn, B.Server = Conn, Server
