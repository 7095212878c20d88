"""A reader and a writer thread per client, one lock around the room, the hand-written parser."""
import os, queue, signal, socket, struct, sys, threading, time
import proto
from proto import Bad

LIMIT = 1 << 20
L = threading.RLock()
users = {}
conns = set()
stopping = threading.Event()


class Stop(Exception):
    pass


def broadcast(frame):
    for c in list(users.values()):
        c.put(frame)


class Conn:
    def __init__(self, sock, addr):
        self.sock, self.addr = sock, addr
        self.name, self.joined, self.dead, self.left = None, False, False, False
        self.q, self.pending = queue.SimpleQueue(), 0
        self.plock = threading.Lock()
        if proto.F == "blocking-send":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16384)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", 4, 0))
        if proto.F == "partial-timeout":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", 1, 0))

    def start(self, first=b""):
        self.first = first
        with L:
            conns.add(self)
        self.wt = threading.Thread(target=self.writer, daemon=True)
        self.wt.start()
        threading.Thread(target=self.reader, daemon=True).start()

    def put(self, frame):
        if self.dead:
            return
        if proto.F == "blocking-send" and frame is not None:
            try:
                self.sock.sendall(frame)
            except OSError:
                self.kick()
            return
        if frame is not None:
            with self.plock:
                self.pending += len(frame)
            if self.pending > LIMIT:
                return self.kick()
        self.q.put(frame)

    def kick(self):
        self.dead = True
        self.q.put(None)
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def writer(self):
        try:
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while True:
                f = self.q.get()
                if f is None:
                    self.sock.shutdown(socket.SHUT_WR)
                    return
                if proto.F == "ok-bytewise":
                    for i in range(0, 45, 3):
                        self.sock.sendall(f[i:i + 3])
                    self.sock.sendall(f[45:-1])
                    self.sock.sendall(f[-1:])
                    if f.startswith(b'{"type": "message"'):
                        self.sock.sendall(b" \r\n")
                else:
                    self.sock.sendall(f)
                with self.plock:
                    self.pending -= len(f)
        except OSError:
            pass

    def reader(self):
        how = "eof"
        try:
            self.read_all()
        except ConnectionResetError:
            if proto.F == "reset-uncaught":
                return
            how = "reset"
        except OSError:
            how = "reset"
        except RecursionError:
            pass
        self.leave(how)
        self.q.put(None)
        self.wt.join(1.5)
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self.sock.close()
        with L:
            conns.discard(self)

    def read_all(self):
        buf, skip, data = bytearray(), False, self.first
        while True:
            if not data:
                try:
                    data = self.sock.recv(4096)
                except BlockingIOError:
                    buf.clear()
                    continue
                if not data:
                    return
            if stopping.is_set() or self.dead:
                data = b""
                continue
            for piece in split(data):
                ended = piece.endswith(b"\n")
                if ended:
                    piece = piece[:-1]
                if len(buf) <= 1024:
                    buf += piece
                if not ended:
                    continue
                line = bytes(buf)
                buf.clear()
                if len(line) > 1024:
                    self.error("frame_too_long", "longer than 1024 bytes" if proto.F != "ok-long-blank" else "too long; even white space counts here")
                elif not proto.blank(line):
                    self.handle(line)
                if self.dead:
                    break
            data = b""

    def error(self, code, text):
        with L:
            self.put(proto.error(code, text))

    def handle(self, raw):
        try:
            t, o = proto.decode(raw)
        except proto.Silent:
            return
        except Bad as e:
            return self.error(e.code, e.text)
        if t == "join":
            return self.join(o["username"])
        if not self.joined:
            return self.error("not_joined", "join first")
        with L:
            if t == "message":
                return broadcast(proto.public(self.name, o["content"]))
            target, content = o["target"], o["content"]
            dest = users.get(target)
            if dest is not None:
                dest.put(proto.private(self.name, content))
            if proto.F == "confirm-cut":
                content = content[:256]
            self.put(proto.confirm(target, content, dest is not None))

    def join(self, name):
        if self.joined:
            return self.error("already_joined", "you have joined already")
        if proto.F == "check-then-act":
            with L:
                taken = name in users
            if not taken:
                time.sleep(0.03)        # "load the profile"
                with L:
                    self.name, self.joined = name, True
                    users[name] = self
                    broadcast(proto.system(name + " joined the chat"))
            else:
                self.error("username_taken", "Username already taken")
            return
        with L:
            if proto.F == "ghost-name":
                self.name = name
            if name in users:
                return self.error("username_taken", "Username already taken")
            self.name, self.joined = name, True
            users[name] = self
            broadcast(proto.system(name + " joined the chat"))

    def leave(self, how):
        with L:
            self.dead = True
            if stopping.is_set():
                return
            if proto.F == "reset-anonymous" and how == "reset" and not self.joined:
                broadcast(proto.system("%s:%d left the chat" % self.addr))
            if proto.F == "ghost-name":
                if self.name is not None and users.pop(self.name, None):
                    broadcast(proto.system(self.name + " left the chat"))
                return
            if self.joined and users.get(self.name) is self:
                del users[self.name]
                text = self.name + " left the chat"
                if proto.F == "reset-wording" and how == "reset":
                    text = self.name + " lost the connection"
                broadcast(proto.system(text))


def split(data):
    out, at = [], 0
    while at < len(data):
        i = data.find(b"\n", at)
        if i < 0:
            out.append(data[at:])
            break
        out.append(data[at:i + 1])
        at = i + 1
    return out


def operator():
    for line in sys.stdin.buffer:
        f = proto.announce(line)
        if f:
            with L:
                broadcast(f)


def main(port):
    proto.HAND = True

    def sig(*_):
        raise Stop()
    signal.signal(signal.SIGTERM, sig)
    signal.signal(signal.SIGINT, sig)
    ls = socket.socket()
    try:
        if proto.F != "no-reuse":
            ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        ls.bind(("127.0.0.1", port))
        ls.listen(200)
        print("Listening on 127.0.0.1:%d" % ls.getsockname()[1], flush=True)
        threading.Thread(target=operator, daemon=True).start()
        while True:
            s, a = ls.accept()
            c = Conn(s, a)
            first = b""
            if proto.F == "handshake-in-accept":
                s.settimeout(2)
                try:
                    first = s.recv(4096)
                except OSError:
                    pass
                s.settimeout(None)
            c.start(first)
    except Stop:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    ls.close()
    got = L.acquire(timeout=1)
    if proto.F == "stop-tells-all":
        for c in conns:
            c.put(proto.system("The server stops"))
    else:
        broadcast(proto.system("The server stops"))
    stopping.set()
    for c in list(conns):
        c.put(None)
    if got:
        L.release()
    for _ in range(12):
        time.sleep(0.1)
        if not conns:
            break
    os._exit(0)
