"""A process per client (fork). The parent is the hub: it knows the users and orders everything; the children frame and parse."""
import json, os, select, selectors, signal, socket, sys, time
import proto
from proto import Bad

LIMIT = 1 << 20


# ---- the child ---------------------------------------------------------------------------------------------------------------
def child(cs, hub):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cs.setblocking(False)
    rest, skip, out, hubbuf = b"", False, bytearray(), b""
    wanted = joined = None
    hub_open = True

    def op(*a):
        hub.sendall(json.dumps(a).encode() + b"\n")

    def frame(raw):
        nonlocal wanted
        try:
            t, o = proto.decode(raw)
        except proto.Silent:
            return
        except Bad as e:
            return op("err", e.code, e.text)
        if t == "join":
            wanted = o["username"] if joined is None else wanted
            op("join", o["username"])
        elif t == "message":
            if proto.F == "local-echo" and joined:
                out.extend(proto.public(joined, o["content"]))
                op("msg", o["content"], True)
            else:
                op("msg", o["content"], False)
        else:
            extra = {k: v for k, v in o.items() if isinstance(v, (str, bool)) and k not in
                     ("type", "target", "content", "delivered", "timestamp", "reason")} if proto.F == "confirm-extras" else {}
            op("pm", o["target"], o["content"], extra)

    while True:
        rl = [cs]
        if hub_open and len(out) < 262144:
            rl.append(hub)
        r, w, _ = select.select(rl, [cs] if out else [], [])
        if hub in r:
            data = hub.recv(65536)
            if not data:
                hub_open = False
                break
            if proto.F == "local-echo" and joined is None and wanted:
                hubbuf += data
                if proto.json.dumps(wanted + " joined the chat", ensure_ascii=False).encode() in hubbuf:
                    joined = wanted
            out += data
        if out:
            try:
                n = cs.send(out)
                del out[:n]
            except BlockingIOError:
                pass
            except OSError:
                os._exit(0)
        if cs in r:
            try:
                data = cs.recv(65536)
            except BlockingIOError:
                continue
            except OSError:
                os._exit(0)
            if not data:
                break
            lines = (rest + data).split(b"\n")
            rest = lines.pop()
            for raw in lines:
                if skip:
                    skip = False
                elif len(raw) > 1024:
                    op("err", "frame_too_long", "longer than 1024 bytes")
                elif not proto.blank(raw):
                    frame(raw)
            if skip or len(rest) > 1024:
                if not skip:
                    op("err", "frame_too_long", "longer than 1024 bytes")
                skip, rest = True, b""
    # the end: of the client's stream, or of the hub's
    if not hub_open:
        end = time.monotonic() + 1.2
        shut = False
        while time.monotonic() < end:
            if not out and not shut:
                shut = True
                try:
                    cs.shutdown(socket.SHUT_WR)
                except OSError:
                    break
            r, w, _ = select.select([cs], [cs] if out else [], [], 0.1)
            try:
                if w:
                    n = cs.send(out)
                    del out[:n]
                if r and not cs.recv(65536):
                    break
            except BlockingIOError:
                pass
            except OSError:
                break
    else:
        hub.shutdown(socket.SHUT_WR)
    os._exit(0)


# ---- the hub -----------------------------------------------------------------------------------------------------------------
class Peer:
    def __init__(self, pid, sock):
        self.pid, self.sock, self.name = pid, sock, None
        self.inbuf, self.out, self.ended, self.kicked = b"", bytearray(), False, False


class Hub:
    def __init__(self, port):
        self.sel = selectors.DefaultSelector()
        self.peers, self.users, self.known, self.reserved = {}, {}, set(), set()
        self.later, self.grace, self.mail = [], {}, {}
        self.stop = False
        self.wr, self.ww = socket.socketpair()
        self.wr.setblocking(False)
        self.ls = socket.socket()
        self.ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.ls.bind(("127.0.0.1", port))
        self.ls.listen(200)
        self.ls.setblocking(False)
        a, b = socket.socketpair()
        self.operator_pid = os.fork()
        if self.operator_pid == 0:
            self.ls.close()
            a.close()
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            try:
                for line in sys.stdin.buffer:
                    b.sendall(line)
            finally:
                os._exit(0)
        b.close()
        self.opbuf = b""
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, self.signalled)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self.sel.register(self.ls, selectors.EVENT_READ, "accept")
        self.sel.register(self.wr, selectors.EVENT_READ, "wake")
        self.sel.register(a, selectors.EVENT_READ, "operator")
        self.op = a
        print("Listening on 127.0.0.1:%d" % self.ls.getsockname()[1], flush=True)

    def signalled(self, *_):
        self.stop = True
        self.ww.send(b"s")

    def accept(self):
        try:
            cs, _ = self.ls.accept()
        except OSError:
            return
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass
        mine, theirs = socket.socketpair()
        pid = os.fork()
        if pid == 0:
            for p in self.peers.values():
                p.sock.close()
            self.ls.close()
            self.op.close()
            mine.close()
            try:
                child(cs, theirs)
            finally:
                os._exit(0)
        cs.close()
        theirs.close()
        mine.setblocking(False)
        self.peers[mine] = Peer(pid, mine)
        self.sel.register(mine, selectors.EVENT_READ, self.peers[mine])

    def put(self, p, frame):
        if p.ended or p.kicked:
            return
        p.out += frame
        self.flush(p)
        if len(p.out) > LIMIT:
            p.kicked = True
            p.out.clear()
            self.later.append((0, lambda: self.kick(p)))

    def flush(self, p):
        try:
            while p.out:
                n = p.sock.send(p.out[:65536])
                del p.out[:n]
        except BlockingIOError:
            pass
        except OSError:
            p.out.clear()
        want = selectors.EVENT_READ | (selectors.EVENT_WRITE if p.out else 0)
        if self.sel.get_key(p.sock).events != want:
            self.sel.modify(p.sock, want, p)

    def kick(self, p):
        if p.ended:
            return
        try:
            os.kill(p.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.leave(p)

    def all(self, frame, but=None):
        for p in list(self.users.values()):
            if p is not but:
                self.put(p, frame)

    def leave(self, p):
        if p.ended:
            return
        p.ended = True
        self.sel.unregister(p.sock)
        p.sock.close()
        del self.peers[p.sock]
        n = p.name
        if n is not None:
            del self.users[n]
            if proto.F == "pm-grace":
                self.grace[n] = time.monotonic() + 1
            self.all(proto.system(n + " left the chat"))
        try:
            os.waitpid(p.pid, os.WNOHANG)
        except ChildProcessError:
            pass

    def request(self, p, a):
        if a[0] == "err":
            return self.put(p, proto.error(a[1], a[2]))
        if a[0] == "join":
            n = a[1]
            if proto.F == "second-reserved" and p.name is not None and n not in self.users:
                self.reserved.add(n)
            if p.name is not None:
                return self.put(p, proto.error("already_joined", "you have joined already"))
            if n in self.users or n in self.reserved:
                return self.put(p, proto.error("username_taken", "Username already taken"))
            p.name = n
            text = n + " joined the chat"
            if proto.F == "rejoined" and n in self.known:
                text = n + " rejoined the chat"
            self.known.add(n)
            self.users[n] = p
            if proto.F == "late-notice":
                self.put(p, proto.system(text))
                self.later.append((time.monotonic() + 0.08, lambda: self.all(proto.system(text), but=p)))
                return
            self.all(proto.system(text))
            for s, c in self.mail.pop(n, ()):
                self.put(p, proto.private(s, c))
            return
        if p.name is None:
            return self.put(p, proto.error("not_joined", "join first"))
        if a[0] == "msg":
            return self.all(proto.public(p.name, a[1]), but=p if a[2] else None)
        _, target, content, extra = a
        dest = self.users.get(target)
        ok = dest is not None
        if dest is not None and not (proto.F == "self-pm" and dest is p):
            self.put(dest, proto.private(p.name, content))
        if dest is None and proto.F == "offline-mail":
            self.mail.setdefault(target, []).append((p.name, content))
        if proto.F == "pm-grace" and self.grace.get(target, 0) > time.monotonic():
            ok = True
        reason = "User not found"
        if proto.F == "no-reason-known" and target in self.known:
            reason = None
        f = proto.confirm(target, content, ok, reason)
        if extra:
            f = proto.encode({**json.loads(f), **extra})
        self.put(p, f)

    def run(self):
        while not self.stop:
            for key, mask in self.sel.select(0.02 if self.later else 1):
                p = key.data
                if p == "accept":
                    self.accept()
                elif p == "wake":
                    self.wr.recv(100)
                elif p == "operator":
                    data = self.op.recv(65536)
                    if not data:
                        self.sel.unregister(self.op)
                        continue
                    *lines, self.opbuf = (self.opbuf + data).split(b"\n")
                    for line in lines:
                        f = proto.announce(line)
                        if f:
                            self.all(f)
                elif not p.ended:
                    if mask & selectors.EVENT_WRITE:
                        self.flush(p)
                    if mask & selectors.EVENT_READ:
                        try:
                            data = p.sock.recv(65536)
                        except BlockingIOError:
                            continue
                        except OSError:
                            data = b""
                        if not data:
                            self.leave(p)
                            continue
                        if p.kicked:
                            continue
                        *lines, p.inbuf = (p.inbuf + data).split(b"\n")
                        for line in lines:
                            self.request(p, json.loads(line))
            now = time.monotonic()
            due = [f for t, f in self.later if t <= now]
            self.later = [x for x in self.later if x[0] > now]
            for f in due:
                f()
        self.shutdown()

    def shutdown(self):
        self.ls.close()
        self.all(proto.system("The server stops"))
        try:
            os.kill(self.operator_pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        for p in self.peers.values():
            try:
                p.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        end = time.monotonic() + 2.5
        left = {p.pid for p in self.peers.values()}
        while left and time.monotonic() < end:
            for pid in list(left):
                try:
                    if os.waitpid(pid, os.WNOHANG)[0]:
                        left.discard(pid)
                except ChildProcessError:
                    left.discard(pid)
            time.sleep(0.05)
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        os._exit(0)


def main(port):
    Hub(port).run()
