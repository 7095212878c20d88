"""Faults of order, public and private messages, confirmations, time and announcements."""
import select
import sys
import threading
import time

from core import Refuse
from registry import fault


@fault("public-in-batches", "aio", "ORDER-1",
       "Public messages are gathered for 50 ms and sent together, but private messages and answers go out at once and overtake them.")
def _(B):
    class Hub(B.Hub):
        batch = []

        def on_message(self, c, msg):
            data = self.codec.encode(dict(type="message", username=c.name, content=msg["content"], timestamp=self.now()))
            if not self.batch:
                self.loop.call_later(0.05, self.flush)
            self.batch = self.batch + [data]

        def flush(self):
            batch, self.batch = self.batch, []
            for data in batch:
                for u in list(self.users.values()):
                    self.push(u, data)
            self.reap()

        def notice(self, name, verb):
            self.flush()
            super().notice(name, verb)
    B.Hub = Hub


@fault("local-echo", "actors", "ORDER-3 ORDER-1",
       "A user's own public message is echoed by its own actor at once, before what the room has handled earlier.")
def _(B):
    class Server(B.Server):
        def got(self, c, frames):
            for raw in frames:
                msg = None
                if c.name is not None and not c.gone and isinstance(raw, bytes):
                    try:
                        msg = self.hub.codec.decode(raw)
                    except Refuse:
                        pass
                if msg and msg["type"] == "message" and c.backlog() < self.hub.MAX:
                    data = self.hub.codec.encode(dict(type="message", username=c.name, content=msg["content"], timestamp=self.hub.now()))
                    c.send(data)
                    self.post(self.hub.others, c, data)
                else:
                    self.post(self.hub.frame, c, raw)

    class Hub(B.Hub):
        def others(self, c, data):
            if not c.gone and not c.doomed and not self.stopping:
                for u in list(self.users.values()):
                    if u is not c:
                        self.push(u, data)
                self.reap()
    B.Server, B.Hub = Server, Hub


@fault("removal-skips-next", "select", "PUBLIC-1",
       "A client that is dropped for too much unread data is removed from the list while a broadcast goes over it: the client behind it misses that message.")
def _(B):
    class Hub(B.Hub):
        def __init__(self, kit):
            super().__init__(kit)
            self.order = []

        def admit(self, c, name):
            self.order.append(c)
            super().admit(c, name)

        def ended(self, c):
            if c in self.order:
                self.order.remove(c)
            super().ended(c)

        def to_all(self, msg):
            data = self.codec.encode(msg)
            for c in self.order:
                self.push(c, data)
                if c.doomed:
                    self.order.remove(c)
    B.Hub = Hub


@fault("line-cache-without-sender", "threads", "PUBLIC-2",
       "Encoded public messages are cached by content and second, without the sender: who says the same as another in that second speaks under the other's name.")
def _(B):
    class Hub(B.Hub):
        cache = {}

        def on_message(self, c, msg):
            key = msg["content"], self.now()
            if key not in self.cache:
                self.cache.clear()
                self.cache[key] = dict(type="message", username=c.name, content=key[0], timestamp=key[1])
            self.to_all(self.cache[key])
    B.Hub = Hub


@fault("audience-cached-by-count", "select", "SERVER-1",
       "The recipients of announcements are cached and found anew only if the number of users has changed: one leaves, one joins, and the new one gets none.")
def _(B):
    class Hub(B.Hub):
        audience = []

        def announce(self, text):
            if len(self.audience) != len(self.users):
                self.audience = list(self.users.values())
            if text and not self.stopping:
                data = self.codec.encode(dict(type="server", message=text, timestamp=self.now()))
                for c in self.audience:
                    self.push(c, data)
                self.reap()
    B.Hub = Hub


@fault("one-line-per-wakeup", "threads", "SERVER-1",
       "Standard input is watched with select but read with a buffer: of two announcements that come together, the second waits until the next is typed.")
def _(B):
    class Server(B.Server):
        def stdin_loop(self):
            while True:
                select.select([sys.stdin.buffer], [], [])
                line = sys.stdin.buffer.readline()
                if not line:
                    break
                self.announce(line.decode("utf-8", "replace").rstrip("\r\n"))
    B.Server = Server


@fault("announcement-default-time", "aio", "TIME-1",
       "The time of an announcement is the default value of a parameter, and so for ever the time at which the server was started.")
def _(B):
    class Hub(B.Hub):
        def announce(self, text, stamp=time.strftime("%H:%M:%S")):
            if text and not self.stopping:
                self.to_all(dict(type="server", message=text, timestamp=stamp))
                self.reap()
    B.Hub = Hub


@fault("private-time-of-last-frame", "pool", "TIME-1",
       "A private message bears the time of the sender's last frame before it, which is old if the sender was silent for a while.")
def _(B):
    class Hub(B.Hub):
        def handle(self, c, raw):
            try:
                super().handle(c, raw)
            finally:
                c.seen = self.now()

        def on_private(self, c, msg):
            self.stamp = c.seen
            super().on_private(c, msg)
            self.stamp = None

        stamp = None

        def to(self, c, msg):
            if self.stamp and msg["type"] == "private_message":
                msg["timestamp"] = self.stamp
            super().to(c, msg)
    B.Hub = Hub


@fault("confirmation-from-request", "threads", "PUBLIC-4 FRAME-1",
       "The confirmation is made by updating the request, and so returns all members that the client has added.")
def _(B):
    class Hub(B.Hub):
        def on_private(self, c, msg):
            self.request = msg
            super().on_private(c, msg)

        def confirm(self, c, target, content, delivered):
            msg = dict(self.request, type="private_confirmation", delivered=delivered, timestamp=self.now())
            msg.pop("reason", None)
            if not delivered:
                msg["reason"] = "User not found"
            self.to(c, msg)
    B.Hub = Hub


@fault("crossed-locks", "threads", "PRIVATE-1 CONFIRM-1 LEAVE-1",
       "A private message takes the sender's lock and then the target's: two users who write to each other at the same moment stop each other for ever.")
def _(B):
    class Hub(B.Hub):
        def opened(self, c):
            c.plock = threading.RLock()

        def frame(self, c, raw):
            if c.name is None or not isinstance(raw, bytes) or b'"private_message"' not in raw:
                return super().frame(c, raw)
            with c.plock:
                try:
                    msg = self.codec.decode(raw)
                except Refuse as e:
                    with self.lock:
                        return self.error(c, e.code, e.text)
                to = self.users.get(msg.get("target"))
                time.sleep(0.0005)
                if to is None:
                    return super().frame(c, raw)
                with to.plock:
                    super().frame(c, raw)
    B.Hub = Hub


@fault("late-binding-confirmations", "aio", "CONFIRM-1 ORDER-1",
       "Confirmations are made after all frames of a read, by functions that share a variable: in a burst all of them have target and content of the last.")
def _(B):
    class Hub(B.Hub):
        def confirm(self, c, *args):
            c.last = args
            c.__dict__.setdefault("later", []).append(lambda: B.base_confirm(self, c, *c.last))
    B.base_confirm = staticmethod(B.Hub.confirm)

    class Server(B.Server):
        async def got(self, c, frames):
            await super().got(c, frames)
            for f in c.__dict__.pop("later", ()):
                f()
            self.hub.reap()
    B.Hub, B.Server = Hub, Server


@fault("percent-in-a-name", "pool", "JOIN-1 LEAVE-1",
       "Notices go through a formatter a second time: for a name with a percent sign that fails, the failure is swallowed, and the user is joined without a notice.")
def _(B):
    class Hub(B.Hub):
        def notice(self, name, verb):
            try:
                text = (name + " " + verb + " the chat") % ()
            except (ValueError, TypeError):
                return
            self.to_all(dict(type="system", message=text, timestamp=self.now()))
    B.Hub = Hub


@fault("empty-reason", "actors", "FRAME-8",
       "The reason of an undelivered confirmation is looked up: for somebody who was there before it is an empty string.")
def _(B):
    class Hub(B.Hub):
        def confirm(self, c, target, content, delivered):
            msg = dict(type="private_confirmation", target=target, content=content, delivered=delivered, timestamp=self.now())
            if not delivered:
                msg["reason"] = self.__dict__.setdefault("known", {}).get(target, "User not found")
            self.to(c, msg)

        def admit(self, c, name):
            self.__dict__.setdefault("known", {})[name] = ""
            super().admit(c, name)
    B.Hub = Hub


@fault("target-kept-by-descriptor", "select", "PRIVATE-2 CONFIRM-2 JOIN-11 PRIVATE-1",
       "A sender keeps the descriptor of a target for its next private messages: when the target has left, they go to the connection that has the descriptor now.")
def _(B):
    class Hub(B.Hub):
        def find(self, c, target):
            to = self.users.get(target)
            known = c.__dict__.setdefault("known", {})
            if target not in known:
                if to is None:
                    return None
                known[target] = to.sock.fileno()
            return c.server.conns.get(known[target])
    B.Hub = Hub
