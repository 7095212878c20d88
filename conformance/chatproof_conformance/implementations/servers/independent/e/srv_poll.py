"""One thread, no selector: a tick every few milliseconds; what happens goes into a log, from which each client pulls its part."""
import collections, os, signal, socket, sys, threading, time, unicodedata
import proto
from proto import Bad

LIMIT = 1 << 20
PER_TICK = 40


class Client:
    def __init__(self, sock):
        self.sock, self.name, self.since = sock, None, None
        self.carry, self.skip = b"", False
        self.inbox, self.out = collections.deque(), bytearray()
        self.eof = self.gone = False
        self.refused = 0
        self.last = (None, 0)
        self.born = time.monotonic()
        self.begun, self.unended = None, 0      # for ok-strict


class Server:
    def __init__(self, port):
        self.ls = socket.socket()
        self.ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.ls.bind(("127.0.0.1", port))
        self.ls.listen(200)
        self.ls.setblocking(False)
        self.clients, self.users, self.log = [], {}, []
        self.lines = collections.deque()
        self.stop = False
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, self.signalled)
        print("Listening on 127.0.0.1:%d" % self.ls.getsockname()[1], flush=True)
        threading.Thread(target=lambda: [self.lines.append(x) for x in sys.stdin.buffer], daemon=True).start()

    def signalled(self, *_):
        self.stop = True

    # the log
    def tell(self, who, frame):
        self.log.append((who, frame))

    def tell_all(self, frame):
        self.log.append((tuple(self.users.values()), frame))

    def publish(self):
        for who, frame in self.log:
            for c in (who if isinstance(who, tuple) else (who,)):
                if not c.gone:
                    c.out += frame
        self.log.clear()

    def flush(self, c):
        try:
            while c.out:
                n = c.sock.send(c.out[:65536])
                del c.out[:n]
        except BlockingIOError:
            pass
        except OSError:
            c.out.clear()
            c.eof = True
            c.inbox.clear()

    def read(self, c):
        """-> whether anything came"""
        if c.eof or len(c.inbox) > 4000:
            return False
        try:
            data = c.sock.recv(65536)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:
            c.eof = True
            if proto.F == "eof-drops-inbox":
                c.inbox.clear()
            return True
        if proto.F == "ok-strict":
            tail = data.rpartition(b"\n")
            if tail[1]:
                c.unended, c.begun = 0, None
            c.unended += len(tail[2])
            if c.unended and c.begun is None:
                c.begun = time.monotonic()
        *lines, c.carry = (c.carry + data).split(b"\n")
        fresh = []
        for raw in lines:
            if c.skip:
                c.skip = False
            elif len(raw) > 1024:
                fresh.append(None)
            elif not proto.blank(raw):
                fresh.append(raw)
        if c.skip or len(c.carry) > 1024:
            if not c.skip:
                fresh.append(None)
            c.skip, c.carry = True, b""
        if proto.F == "short-first":
            fresh.sort(key=lambda f: f is not None and len(f) > 600)
        c.inbox.extend(fresh)
        return True

    def leave(self, c):
        if c.gone:
            return
        c.gone = True
        self.clients.remove(c)
        c.sock.close()
        if c.name is not None:
            del self.users[c.name]
            self.tell_all(proto.system(c.name + " left the chat"))

    def error(self, c, code, text):
        c.refused += 1
        self.tell(c, proto.error(code, text))
        if proto.F == "five-strikes" and code == "malformed_json" and c.refused >= 5:
            self.publish()
            self.flush(c)
            self.leave(c)

    def handle(self, c, raw):
        if raw is None:
            return self.error(c, "frame_too_long", "longer than 1024 bytes")
        try:
            t, o = proto.decode(raw)
        except proto.Silent:
            return
        except TypeError:
            return self.leave(c)
        except Bad as e:
            return self.error(c, e.code, e.text)
        c.refused = 0
        if t == "join":
            return self.join(c, o["username"])
        if proto.F == "pm-before-join" and t == "private_message" and o["target"] not in self.users:
            return self.tell(c, proto.confirm(o["target"], o["content"], False))
        if c.name is None:
            return self.error(c, "not_joined", "join first")
        content = o["content"]
        if t == "message":
            if proto.F == "dedupe":
                if c.last[0] == content and time.monotonic() - c.last[1] < 1:
                    return
                c.last = (content, time.monotonic())
            if proto.F == "final-newline":
                content = content.rstrip("\n") or content
            return self.tell_all(proto.public(c.name, content))
        target = o["target"]
        if not proto.valid_name(target):
            return self.tell(c, proto.encode({"type": "private_confirmation", "target": target, "content": content,
                                              "delivered": False, "reason": "User not found", "timestamp": proto.stamp()}))
        dest = self.users.get(target)
        dests = [] if dest is None else [dest]
        if proto.F == "both-cases" and dest is not None:
            dests = [u for n, u in self.users.items() if n.lower() == target.lower()]
        for d in dests:
            self.tell(d, proto.private(c.name, content))
        self.tell(c, proto.confirm(target, content, bool(dests)))

    def join(self, c, name):
        if c.name is not None:
            self.error(c, "already_joined", "you have joined already")
            if proto.F == "presence-again":
                self.presence(c)
            return
        taken = name in self.users
        if proto.F == "names-nfc":
            taken = unicodedata.normalize("NFC", name) in {unicodedata.normalize("NFC", n) for n in self.users}
        if taken:
            return self.error(c, "username_taken", "Username already taken")
        c.name = name
        self.users[name] = c
        self.tell_all(proto.system(name + " joined the chat"))
        if proto.F == "presence-again":
            self.presence(c)

    def presence(self, c):
        for n in self.users:
            if n != c.name:
                self.tell(c, proto.system(n + " joined the chat"))

    def strict(self, c):
        """ends a connection where section 5 allows it: in order, and it is read for a moment longer"""
        now = time.monotonic()
        if (c.name is None and now - c.born > 11) or (c.begun is not None and now - c.begun > 11) or c.unended >= 65536:
            self.publish()
            self.flush(c)
            dup = c.sock.dup()
            try:
                dup.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            self.leave(c)
            self.lingering.append((now + 1, dup))

    def linger(self):
        for x in list(self.lingering):
            try:
                done = not x[1].recv(65536)
            except BlockingIOError:
                done = False
            except OSError:
                done = True
            if done or time.monotonic() > x[0]:
                x[1].close()
                self.lingering.remove(x)

    def run(self):
        self.lingering = []
        while not self.stop:
            busy = False
            while True:
                try:
                    s, _ = self.ls.accept()
                except OSError:
                    break
                s.setblocking(False)
                self.clients.append(Client(s))
                busy = True
            while self.lines:
                f = proto.announce(self.lines.popleft())
                if f:
                    self.tell_all(f)
            for c in list(self.clients):
                busy |= self.read(c)
                for _ in range(PER_TICK):
                    if not c.inbox or c.gone:
                        break
                    self.handle(c, c.inbox.popleft())
                    busy = True
                if c.eof and not c.inbox:
                    self.leave(c)
                elif proto.F == "ok-strict" and not c.inbox and not c.gone:
                    self.strict(c)
            if self.lingering:
                self.linger()
            self.publish()
            for c in list(self.clients):
                self.flush(c)
                if len(c.out) > LIMIT:
                    self.leave(c)
            time.sleep(0.003 if busy else 0.012)
        self.shutdown()

    def shutdown(self):
        self.ls.close()
        self.tell_all(proto.system("The server stops"))
        if proto.F == "stop-tells-all":
            for c in self.clients:
                if c.name is None:
                    self.tell(c, proto.system("The server stops"))
        self.publish()
        end = time.monotonic() + 1.2
        shut = set()
        while self.clients and time.monotonic() < end:
            for c in list(self.clients):
                self.flush(c)
                if not c.out and c not in shut:
                    shut.add(c)
                    try:
                        c.sock.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass
                try:
                    if not c.sock.recv(65536):
                        raise OSError
                except BlockingIOError:
                    pass
                except OSError:
                    if c in shut:
                        self.clients.remove(c)
                        c.sock.close()
            time.sleep(0.01)
        os._exit(0)


def main(port):
    Server(port).run()
