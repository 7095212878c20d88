"""Unusual servers that conform."""
import asyncio
import json
import random
import re
import time

from core import TOO_LONG, Refuse
from registry import fine


def escaped(s):
    u = s.encode("utf-16-be")
    return '"' + "".join("\\u%02X%02X" % (u[i], u[i + 1]) for i in range(0, len(u), 2)) + '"'


@fine("every-character-escaped", "threads", "Writes every character of every string as an escape, the names of members and the types included.")
def _(B):
    class Codec(B.Codec):
        def encode(self, msg):
            return ("{" + ",".join(escaped(k) + ":" + (escaped(v) if isinstance(v, str) else json.dumps(v))
                                   for k, v in msg.items()) + "}\n").encode()
    B.Codec = Codec


@fine("white-space-everywhere", "select", "Tabs, spaces and CR around all tokens, CR LF at the end, members in another order each time, and blank lines after frames and every second.")
def _(B):
    class Codec(B.Codec):
        def encode(self, msg):
            items = list(msg.items())
            random.shuffle(items)
            body = " ,\r\t".join(" %s\t:\r %s" % (json.dumps(k), json.dumps(v)) for k, v in items)
            return ("\t {\r" + body + "\t}\r \r\n \t\r\n\n").encode()

    class Server(B.Server):
        beat = 0

        def tick(self):
            if time.monotonic() > self.beat:
                self.beat = time.monotonic() + 1
                for c in list(self.hub.users.values()):
                    if not c.out:
                        c.send(b" \t\r\n")
    B.Codec, B.Server = Codec, Server


@fine("welcome-and-list", "aio", "After its own notice a new client gets a welcome, a list of users and a notice for each user who is present, while others get the notice alone.")
def _(B):
    class Hub(B.Hub):
        def admit(self, c, name):
            there = list(self.users)
            super().admit(c, name)
            texts = ["Welcome, %s!" % name, "Present: " + ", ".join(there[:40] + [name])]
            for text in texts + [n + " joined the chat" for n in there]:
                self.to(c, dict(type="system", message=text, timestamp=self.now()))
    B.Hub = Hub


@fine("gathers-output-no-codes", "select", "Writes only four times a second, so that many frames come in one segment; errors have no code and long texts in other scripts.")
def _(B):
    class Hub(B.Hub):
        def error(self, c, code, text):
            if code != "username_taken":
                text = "無法處理 🙈\n" + "ошибка\u2028" * random.randint(1, 9)
            self.to(c, dict(message=text, type="error"))

        def confirm(self, c, target, content, delivered):
            msg = dict(delivered=delivered, timestamp=self.now(), content=content, target=target, type="private_confirmation")
            if not delivered:
                msg["reason"] = "niemand da 🤷 {0} %s"
            self.to(c, msg)

    class Server(B.Server):
        due = 0

        def timeout(self):
            return 0.05

        def flush_dirty(self):
            if time.monotonic() > self.due or self.stop_at:
                self.due = time.monotonic() + 0.25
                super().flush_dirty()
    B.Hub, B.Server = Hub, Server


@fine("last-fitting-code", "threads", "Of the codes that fit a frame it uses the last one: not_joined or already_joined even if a member is missing.")
def _(B):
    class Hub(B.Hub):
        def handle(self, c, raw):
            if raw is not TOO_LONG:
                m = self.codec.parse(raw)
                kind = m.get("type") if isinstance(m, dict) else None
                if c.name is None and kind in ("message", "private_message"):
                    raise Refuse("not_joined", "Join first")
                if c.name is not None and kind == "join":
                    raise Refuse("already_joined", "You have joined already")
            super().handle(c, raw)
    B.Hub = Hub


@fine("objects-without-lf", "select", "Serves peers that send no LF (section 17): until a connection has sent an LF, a complete object at the end of a read is a frame.")
def _(B):
    class Framer(B.Framer):
        lf = False

        def feed(self, data):
            self.lf = self.lf or b"\n" in data
            out = super().feed(data)
            if not self.lf and not self.skip and self.buf.strip(b" \t\r")[:1] == b"{":
                try:
                    B.Codec().parse(bytes(self.buf))
                except Refuse:
                    return out
                out.append(bytes(self.buf))
                self.buf.clear()
            return out
    B.Framer = Framer


@fine("strict-timers", "select", "Ends connections as early as section 5 allows: not joined for 10.5 s, a line begun 10.5 s ago, 65,536 bytes with no LF.")
def _(B):
    class Framer(B.Framer):
        since, run = None, 0

        def feed(self, data):
            out, cut = super().feed(data), data.rfind(b"\n")
            self.run = self.run + len(data) if cut < 0 else len(data) - cut - 1
            if not self.run:
                self.since = None
            elif cut >= 0 or self.since is None:
                self.since = time.monotonic()
            return out

    class Hub(B.Hub):
        def opened(self, c):
            c.born = time.monotonic()

    class Server(B.Server):
        def tick(self):
            now, lim = time.monotonic(), 10.5
            for c in list(self.conns.values()):
                f = c.framer
                if not c.done and (c.name is None and now - c.born > lim or f.since and now - f.since > lim or f.run >= 65536):
                    c.reading = False
                    self.eof(c)
    B.Framer, B.Hub, B.Server = Framer, Hub, Server


@fine("full-at-fifty", "actors", "Takes 50 users; who wants to be the next gets server_full and the end of the stream, and connections that have not joined do not count.")
def _(B):
    class Hub(B.Hub):
        def admit(self, c, name):
            if len(self.users) < 50:
                return super().admit(c, name)
            self.error(c, "server_full", "The server is full")
            c.gone = True
            c.finish()
    B.Hub = Hub


@fine("drips", "threads", "Writes in pieces of 1 to 60 bytes, cut anywhere, also inside characters and between CR and LF.")
def _(B):
    class Codec(B.Codec):
        def encode(self, msg):
            return super().encode(msg)[:-1] + b"\r\n"

    class Conn(B.Conn):
        def write(self, data):
            at = 0
            while at < len(data):
                n = random.randint(1, 60)
                super().write(data[at:at + n])
                at += n
    B.Codec, B.Conn = Codec, Conn


@fine("leaves-after-four-seconds", "aio", "A user stays for four seconds after the end of its connection: its name is in use, private messages to it count as delivered; then comes the notice.")
def _(B):
    class Server(B.Server):
        async def eof(self, c):
            if c.name is not None and not c.gone:
                c.shut(1)
                c.wdead = True
                await asyncio.sleep(4)
            await super().eof(c)
    B.Server = Server


@fine("confirms-first-far-zone", "actors", "The confirmation comes before the message; the time zone is 5:45 ahead, and every other user gets timestamps that are a second older.")
def _(B):
    class Hub(B.Hub):
        late = 0

        def now(self):
            return time.strftime("%H:%M:%S", time.gmtime(time.time() + 20700 - self.late))

        def to_all(self, msg):
            for i, c in enumerate(list(self.users.values())):
                self.late = i % 2
                self.to(c, dict(msg, timestamp=self.now()))
            self.late = 0

        def on_private(self, c, msg):
            target, content = msg["target"], msg["content"]
            to = self.find(c, target)
            self.confirm(c, target, content, to is not None)
            if to is not None:
                self.to(to, dict(type="private_message", sender=c.name, content=content, timestamp=self.now()))
    B.Hub = Hub


@fine("more-members", "threads", "Every message has further members, with nested values, a number of its own for each connection, and a reason also where a message was delivered.")
def _(B):
    class Hub(B.Hub):
        def push(self, c, data):
            c.n = getattr(c, "n", 0) + 1
            super().push(c, data[:-2] + b',"id":%d,"v":1.0e0,"meta":{"type":"error","tags":[null,[],{"":"\\u0000"}]}}\n' % c.n)

        def confirm(self, c, target, content, delivered):
            self.to(c, dict(type="private_confirmation", target=target, content=content, delivered=delivered,
                            timestamp=self.now(), reason="delivered" if delivered else "absent"))
    B.Hub = Hub


@fine("talkative-system", "aio", "Joined users get system messages every second that contain names and words of notices but are none.")
def _(B):
    class Server(B.Server):
        async def main(self):
            self.task = asyncio.get_running_loop().create_task(self.talk())
            await super().main()

        async def talk(self):
            while True:
                await asyncio.sleep(1)
                hub = self.hub
                for name in list(hub.users)[:3]:
                    if not hub.stopping:
                        text = random.choice(["%s joined the chat some time ago", "Nobody left the chat, %s.", "%s", "%s is here and has not left the chat."])
                        hub.to_all(dict(type="system", message=text % name, timestamp=hub.now()))
                        hub.reap()
    B.Server = Server


@fine("tight-buffer", "select", "Drops a client as soon as more than 65,536 bytes wait for it, and the socket's own buffer is small.")
def _(B):
    class Conn(B.Conn):
        sndbuf = 8192

        def backlog(self):
            if len(self.out) > 16384:
                self.flush()
            return len(self.out)

    class Hub(B.Hub):
        MAX = 65536
    B.Conn, B.Hub = Conn, Hub


@fine("careful-reader", "pool", "Ignores a byte order mark and long blank lines, refuses deep nesting and huge numbers even where they are ignored, and tells of a long frame only at its LF.")
def _(B):
    class Codec(B.Codec):
        def text(self, frame):
            text = super().text(frame)
            return text[1:] if text[:1] == "\ufeff" else text

        def load(self, text):
            def number(s):
                f = float(s)
                if f in (float("inf"), float("-inf")) or not f and re.search("[1-9]", re.split("[eE]", s)[0]):
                    raise ValueError("huge")
                if re.search("[0-9]{65}", s):
                    raise ValueError("huge")
                return f
            value = json.loads(text, object_pairs_hook=self.pairs, parse_constant=self.constant, parse_float=number, parse_int=number)
            if self.depth(value) > 33:
                raise Refuse("invalid_message", "Nested too deeply")
            return value

        def depth(self, v):
            level, n = [v], 0
            while True:
                level = [x for x in level if isinstance(x, (dict, list))]
                if not level:
                    return n
                n += 1
                level = [x for v in level for x in (v.values() if isinstance(v, dict) else v)]

    class Framer(B.Framer):
        long = spaces = False

        def feed(self, data):
            out = []
            self.buf += data
            while True:
                end = self.buf.find(b"\n")
                part = bytes(self.buf if end < 0 else self.buf[:end])
                if end < 0 and len(part) <= self.limit:
                    return out
                blank = not part.strip(b" \t\r")
                if end < 0:
                    self.spaces = blank if not self.long else self.spaces and blank
                    self.long = True
                    self.buf.clear()
                    return out
                del self.buf[:end + 1]
                if self.long or len(part) > self.limit:
                    if not (blank and (self.spaces or not self.long)):
                        out.append(TOO_LONG)
                    self.long = False
                elif not blank:
                    out.append(part)
    B.Codec, B.Framer = Codec, Framer
