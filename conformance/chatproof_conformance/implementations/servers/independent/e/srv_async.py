"""asyncio, one Protocol object per connection, everything in one loop."""
import asyncio, signal, sys, threading
import proto
from proto import Bad

LIMIT = 1 << 20


class Room:
    def __init__(self):
        self.users, self.conns = {}, set()
        self.cooling, self.batch = set(), []
        self.current = None
        self.stopping = False
        self.loop = asyncio.get_running_loop()

    def flush(self):
        b, self.batch = self.batch, []
        for f in b:
            for c in list(self.users.values()):
                c.put(f)

    def all(self, frame, flush=True):
        if flush and self.batch:
            self.flush()
        for c in list(self.users.values()):
            c.put(frame)


class Conn(asyncio.Protocol):
    def __init__(self, room):
        self.room, self.name, self.buf = room, None, b""
        self.skip = self.ended = self.hold = self.eof = self.kicked = False
        self.cache, self.taken, self.blanks = {}, 0, 0
        self.idle = self.q = None
        self.outbuf, self.outtimer = [], None

    def connection_made(self, tr):
        self.tr = tr
        r = self.room
        r.conns.add(self)
        if r.stopping:
            tr.abort()
        if proto.F == "join-timeout":
            r.loop.call_later(3, lambda: self.name is None and self.finish())
        if proto.F == "queue-64":
            self.q = asyncio.Queue(64)
            self.task = r.loop.create_task(self.pump())

    async def pump(self):
        while True:
            self.tr.write(await self.q.get())
            if self.tr.get_write_buffer_size() > LIMIT:
                self.kick()

    # output
    def put(self, frame):
        if self.ended or self.kicked:
            return
        if self.q is not None:
            try:
                self.q.put_nowait(frame)
            except asyncio.QueueFull:
                self.kick()
            return
        if proto.F == "ok-coalesced":
            self.outbuf.append(frame)
            if self.outtimer is None:
                self.outtimer = self.room.loop.call_later(0.15, self.outflush)
            return
        self.tr.write(frame)
        if self.tr.get_write_buffer_size() > LIMIT:
            self.kick()

    def outflush(self):
        self.outtimer = None
        data, self.outbuf = b"".join(self.outbuf), []
        if data and not self.tr.is_closing():
            self.tr.write(data)
            if self.tr.get_write_buffer_size() > LIMIT and not self.ended:
                self.kick()

    def kick(self):
        self.kicked = True
        self.tr.abort()             # connection_lost follows

    def finish(self):
        """close in order"""
        self.leave()
        self.outflush()
        self.tr.close()
        self.room.loop.call_later(2, self.tr.abort)

    def error(self, code, text):
        if proto.F == "shared-current":
            self.hold = True

            def later():
                if self.room.current is not None:
                    self.room.current.put(proto.error(code, text))
                self.hold = False
                self.process()
            self.room.loop.call_later(0.008, later)
            return
        if self.room.batch:
            self.room.flush()
        self.put(proto.error(code, text))

    # input
    def data_received(self, data):
        if self.ended or self.kicked or self.room.stopping:
            return
        if proto.F == "idle-kick" and self.name is not None:
            self.arm()
        self.buf += data
        self.process()

    def arm(self):
        if self.idle:
            self.idle.cancel()
        self.idle = self.room.loop.call_later(3.5, lambda: self.ended or self.finish())

    def process(self):
        while not self.hold and not self.ended and not self.kicked:
            i = self.buf.find(b"\n")
            if i < 0:
                if len(self.buf) > 1024:
                    if not self.skip:
                        self.skip = True
                        self.room.current = self
                        self.error("frame_too_long", "longer than 1024 bytes")
                    self.buf = b""
                break
            raw, self.buf = self.buf[:i], self.buf[i + 1:]
            if self.skip:
                self.skip = False
                continue
            self.room.current = self
            size = len(raw)
            if proto.F == "limit-stripped":
                size = len(raw.strip(proto.WS))
            elif proto.F == "limit-characters":
                size = len(raw.decode("utf-8", "replace"))
            if size > 1024:
                self.error("frame_too_long", "longer than 1024 bytes")
                continue
            if proto.blank(raw):
                self.blanks += 1
                if proto.F == "blank-flood" and self.blanks >= 100:
                    self.finish()
                continue
            self.blanks = 0
            if proto.F == "splitlines":
                try:
                    parts = [p.encode() for p in raw.decode().splitlines()]
                except UnicodeDecodeError:
                    parts = [raw]
                for p in parts:
                    if p.strip(proto.WS):
                        self.handle(p)
                continue
            self.handle(raw)
        if self.eof and not self.hold and not self.ended:
            self.finish()

    def handle(self, raw):
        r = self.room
        r.current = self
        try:
            t, o = proto.decode(raw)
        except proto.Silent:
            return
        except Bad as e:
            return self.error(e.code, e.text)
        if t == "join":
            return self.join(o["username"])
        if self.name is None:
            return self.error("not_joined", "join first")
        if t == "message":
            f = proto.public(self.name, o["content"])
            if proto.F == "batch-leave":
                if not r.batch:
                    r.loop.call_later(0.04, r.flush)
                r.batch.append(f)
            else:
                r.all(f)
            return
        if r.batch:
            r.flush()
        target, content = o["target"], o["content"]
        dest = r.users.get(target)
        if proto.F == "pm-cache" and dest is not None:
            dest = self.cache.setdefault(target, dest)
        conf = proto.confirm(target, content, dest is not None)
        if proto.F == "ok-kathmandu":
            self.put(conf)
        if dest is not None:
            dest.put(proto.private(self.name, content))
        if proto.F == "confirm-later":
            r.loop.call_later(0.03, self.put, conf)
        elif proto.F != "ok-kathmandu":
            self.put(conf)

    def join(self, name):
        r = self.room
        if self.name is not None:
            return self.error("already_joined", "you have joined already")
        if name in r.users or name in r.cooling:
            self.taken += 1
            self.error("username_taken", "Username already taken")
            if proto.F == "taken-three" and self.taken == 3:
                self.finish()
            return
        self.name = name
        r.users[name] = self
        if proto.F == "join-window":
            self.hold = True

            def later():
                self.hold = False
                if self.ended:
                    return
                r.all(proto.system(name + " joined the chat"))
                self.process()
            r.loop.call_later(0.03, later)
            return
        if proto.F == "ok-presence":
            r.all(proto.system(name + " joined the chat"))
            for n in r.users:
                if n != name:
                    self.put(proto.system(n + " joined the chat"))
            self.put(proto.system("Welcome, %s! %d here. Yesterday %s left the chat. \U0001f44b" % (name, len(r.users), name)))
            return
        r.all(proto.system(name + " joined the chat"))
        if proto.F == "idle-kick":
            self.arm()
        if proto.F == "join-clears":
            self.buf = b""

    def leave(self):
        if self.ended:
            return
        self.ended = True
        r, n = self.room, self.name
        if self.idle:
            self.idle.cancel()
        if self.q is not None:
            self.task.cancel()
        if n is None or r.stopping:
            return
        text = n + " left the chat"
        if proto.F == "ok-late-leave":
            def gone():
                del r.users[n]
                r.all(proto.system(text))
            r.loop.call_later(2.5, gone)
            return
        del r.users[n]
        if proto.F == "leave-debounce":
            r.loop.call_later(0.4, lambda: n in r.users or r.all(proto.system(text)))
            return
        if proto.F == "name-cooldown":
            r.cooling.add(n)
            r.loop.call_later(0.3, r.cooling.discard, n)
        r.all(proto.system(text), flush=proto.F != "batch-leave")

    def eof_received(self):
        self.eof = True
        if not self.room.stopping and not self.ended:
            self.process()
        return not self.room.stopping and not self.ended

    def connection_lost(self, exc):
        self.leave()
        self.room.conns.discard(self)


async def amain(port):
    loop = asyncio.get_running_loop()
    room = Room()
    srv = await loop.create_server(lambda: Conn(room), "127.0.0.1", port, backlog=200)
    print("Listening on 127.0.0.1:%d" % srv.sockets[0].getsockname()[1], flush=True)
    stop = asyncio.Event()
    for s in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(s, stop.set)

    def operator():
        for line in sys.stdin.buffer:
            f = proto.announce(line)
            if f:
                loop.call_soon_threadsafe(room.all, f)
    threading.Thread(target=operator, daemon=True).start()
    await stop.wait()
    srv.close()
    bye = proto.system("The server stops")
    if proto.F == "stop-no-lf":
        bye = bye[:-1]
    room.all(bye)
    await asyncio.sleep(0.05)
    if proto.F == "ok-slow-stop":
        told = set(room.users.values())
        await asyncio.sleep(2.5)
        for c in set(room.users.values()) - told:
            c.put(proto.system("The server stops"))
    room.stopping = True
    for c in list(room.conns):
        c.outflush()
        try:
            c.tr.write_eof()
        except (OSError, RuntimeError):
            pass
    for _ in range(10):
        await asyncio.sleep(0.1)
        if not room.conns:
            break
    for c in list(room.conns):
        c.tr.close()
    await asyncio.sleep(0.05)


def main(port):
    asyncio.run(amain(port))
    import os
    sys.stdout.flush()
    os._exit(0)
