"""One thread, selectors, own output buffers; a bytearray per connection."""
import os, selectors, signal, socket, sys, threading, time
import proto
from proto import Bad

LIMIT = 1 << 20


class Server:
    def __init__(self, port):
        self.sel = selectors.DefaultSelector()
        self.ls = socket.socket()
        self.ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.ls.bind(("127.0.0.1", port))
        self.ls.listen(200)
        self.ls.setblocking(False)
        self.sel.register(self.ls, selectors.EVENT_READ, self.accept)
        self.wr, self.ww = socket.socketpair()
        self.wr.setblocking(False)
        self.sel.register(self.wr, selectors.EVENT_READ, self.woken)
        self.lines, self.stop, self.stopped = [], False, False
        self.conns, self.users, self.members, self.doomed = set(), {}, [], []
        self.known = set()
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, self.signalled)
        print("Listening on 127.0.0.1:%d" % self.ls.getsockname()[1], flush=True)
        if proto.F == "stdin-readline":
            try:
                self.sel.register(sys.stdin, selectors.EVENT_READ, self.stdin_ready)
                return
            except PermissionError:
                pass
        threading.Thread(target=self.operator, daemon=True).start()

    def signalled(self, *_):
        self.stop = True
        self.ww.send(b"s")

    def operator(self):
        for line in sys.stdin.buffer:
            self.lines.append(line)
            self.ww.send(b"l")

    def stdin_ready(self, _):
        line = sys.stdin.readline()
        if not line:
            self.sel.unregister(sys.stdin)
            return
        f = proto.announce(line.encode("utf-8", "surrogateescape"))
        if f:
            self.broadcast(f)

    def woken(self, _):
        self.wr.recv(4096)
        while self.lines:
            f = proto.announce(self.lines.pop(0))
            if f:
                self.broadcast(f)

    def accept(self, _):
        try:
            s, _a = self.ls.accept()
        except OSError:
            return
        s.setblocking(False)
        c = Conn(self, s)
        if proto.F == "fifty-sockets" and len(self.conns) >= 50:
            try:
                s.send(proto.error("server_full", "The server is full"))
                s.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            s.close()
            return
        self.conns.add(c)
        self.sel.register(s, selectors.EVENT_READ, c)

    def broadcast(self, frame):
        for c in list(self.members):
            c.put(frame)

    def run(self):
        while not self.stop:
            for key, mask in self.sel.select(0.5):
                if isinstance(key.data, Conn):
                    if mask & selectors.EVENT_WRITE:
                        key.data.flush()
                    if mask & selectors.EVENT_READ and not key.data.ended:
                        key.data.readable()
                else:
                    key.data(key.fileobj)
            while self.doomed:
                self.doomed.pop().leave()
        self.shutdown()

    def shutdown(self):
        self.sel.unregister(self.ls)
        self.ls.close()
        if proto.F == "stop-as-server":
            self.broadcast(proto.encode({"type": "server", "message": "The server stops", "timestamp": proto.stamp()}))
        else:
            self.broadcast(proto.system("The server stops"))
        self.stopped = True
        end = time.monotonic() + 1.2
        if proto.F == "stop-no-drain":
            time.sleep(0.2)                     # "let the writers finish"
            for c in self.conns:
                c.sock.close()
            os._exit(0)
        for c in list(self.conns):
            c.closing = True
            c.flush()
        while self.conns and time.monotonic() < end:
            for key, mask in self.sel.select(0.1):
                c = key.data
                if not isinstance(c, Conn):
                    continue
                if mask & selectors.EVENT_WRITE:
                    c.flush()
                if mask & selectors.EVENT_READ and not c.ended:
                    try:
                        if c.sock.recv(65536):
                            continue
                    except BlockingIOError:
                        continue
                    except OSError:
                        pass
                    c.drop()
        for c in list(self.conns):
            c.drop()
        os._exit(0)


class Conn:
    def __init__(self, srv, sock):
        self.srv, self.sock, self.name = srv, sock, None
        self.buf, self.out = bytearray(), bytearray()
        self.skip = self.ended = self.closing = self.shut = self.doomed = False
        self.limit = LIMIT
        if proto.F == "partial-send":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
        if proto.F == "ok-tight-limit":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
            self.limit = 65536

    def put(self, frame):
        if self.ended or self.closing or self.doomed:
            return
        if proto.F == "partial-send":
            try:
                self.sock.send(frame)
            except OSError:
                pass
            return
        self.out += frame
        self.flush()
        if len(self.out) > self.limit and not self.ended:
            self.doom()

    def doom(self):
        if not self.doomed:
            self.doomed = True
            self.srv.doomed.append(self)

    def flush(self):
        if self.ended:
            return
        try:
            while self.out:
                n = self.sock.send(self.out[:65536])
                del self.out[:n]
        except BlockingIOError:
            pass
        except OSError:
            self.out.clear()
            self.doom()
            return
        if self.closing and not self.out and not self.shut:
            self.shut = True
            try:
                self.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        want = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0)
        if self.srv.sel.get_key(self.sock).events != want:
            self.srv.sel.modify(self.sock, want, self)

    def drop(self):
        if self.ended:
            return
        self.ended = True
        self.srv.conns.discard(self)
        self.srv.sel.unregister(self.sock)
        self.sock.close()

    def leave(self):
        s = self.srv
        if self.ended:
            return
        self.drop()
        if self in s.members:
            s.members.remove(self)
        if self.name is not None:
            del s.users[self.name]
            s.broadcast(proto.system(self.name + " left the chat"))

    def readable(self):
        try:
            data = self.sock.recv(100 if proto.F == "ok-small-reads" else 65536)
        except BlockingIOError:
            return
        except OSError:
            return self.leave()
        if self.doomed or (self.closing and data):
            return
        if not data:
            if proto.F == "partial-eof" and self.buf:
                # "incomplete input: protocol error"
                self.drop()
                if self in self.srv.members:
                    self.srv.members.remove(self)
                self.srv.users.pop(self.name, None)
                return
            if proto.F == "ok-no-lf" and not self.skip and self.buf:
                self.whole(final=True)
            return self.leave()
        if proto.F == "chunk-decode":
            data = data.decode("utf-8", "replace").encode()
        if proto.F == "chunk-strip":
            data = data.rstrip(b" \t\r") if not data.endswith(b"\n") else data
        self.buf += data
        self.frames()
        if proto.F == "ok-no-lf" and self.buf and not self.ended and not self.skip:
            self.whole()

    def whole(self, final=False):
        """section 17: a complete object at the end of what was read"""
        raw = bytes(self.buf)
        if len(raw) > 1024 or not raw.rstrip(b" \t\r").endswith(b"}"):
            return
        try:
            o = proto.json.loads(raw.decode("utf-8").strip(" \t\r"))
            if not isinstance(o, dict):
                return
        except (ValueError, RecursionError):
            return
        self.buf.clear()
        self.handle(raw)

    def frames(self):
        done = 0
        while not self.ended and not self.doomed and not self.closing:
            i = self.buf.find(b"\n")
            if i < 0:
                over = 1023 if proto.F == "full-buffer" else 1024
                if len(self.buf) > over or (proto.F == "long-per-chunk" and self.skip and len(self.buf)):
                    if not self.skip or proto.F == "long-per-chunk":
                        self.error("frame_too_long", "longer than 1024 bytes")
                    self.skip = True
                    self.buf.clear()
                return
            raw = bytes(self.buf[:i])
            del self.buf[:i + 1]
            if self.skip or len(raw) > 1024:
                if not self.skip:
                    text = "longer than 1024 bytes"
                    if proto.F == "quote-long":
                        text += ": " + raw.decode("utf-8", "replace")
                    self.error("frame_too_long", text)
                self.skip = False
                if proto.F == "long-clears":
                    self.buf.clear()
                continue
            if proto.blank(raw):
                continue
            if done == 16 and proto.F == "sixteen-per-read":
                self.buf[:0] = raw + b"\n"
                return
            done += 1
            self.handle(raw)

    def error(self, code, text):
        self.put(proto.error(code, text))

    def handle(self, raw):
        s = self.srv
        try:
            t, o = proto.decode(raw)
        except Bad as e:
            if proto.F == "depth-code" and raw.count(b"[") + raw.count(b"{") > 100:
                return self.error("too_deep", "nested too deeply")
            return self.error(e.code, e.text)
        if t == "join":
            name = o["username"]
            if self.name is not None:
                return self.error("already_joined", "you have joined already")
            if proto.F == "ok-fifty" and len(s.users) >= 50 and name not in s.users:
                self.error("server_full", "The server is full")
                self.closing = True
                self.flush()
                return
            if name in s.users:
                if proto.F == "refused-listens" and self not in s.members:
                    s.members.append(self)
                return self.error("username_taken", "Username already taken")
            self.name = name
            s.users[name] = self
            if self not in s.members:
                s.members.append(self)
            return s.broadcast(proto.system(name + " joined the chat"))
        if self.name is None:
            return self.error("not_joined", "join first")
        if t == "message":
            return s.broadcast(proto.public(self.name, o["content"]))
        dest = s.users.get(o["target"])
        if dest is not None:
            dest.put(proto.private(self.name, o["content"]))
        self.put(proto.confirm(o["target"], o["content"], dest is not None))


def main(port):
    Server(port).run()
