"""Base 4: a hub that accepts and orders, and three worker processes that talk with the clients."""
import json, os, selectors, signal, socket, sys, time
import announcing
import wire
from wire import Refuse, dump, stamp

F = B = ''
NW = 3
JOINED = ' joined the chat'
LEFT = ' left the chat'


class Pipe:
    """JSON lines over a non-blocking socket."""
    def __init__(self, sock, sel, key):
        self.sock, self.sel, self.key = sock, sel, key
        sock.setblocking(False)
        self.out = bytearray()
        self.inb = bytearray()
        self.up = True
        sel.register(sock, selectors.EVENT_READ, key)

    def put(self, *item):
        self.out += json.dumps(item).encode() + b'\n'
        if len(self.out) > 60000:
            self.flush()

    def flush(self):
        try:
            while self.out and self.up:
                n = self.sock.send(self.out[:262144])
                del self.out[:n]
        except BlockingIOError:
            pass
        except OSError:
            self.up = False
            self.out.clear()
        if self.up:
            self.sel.modify(self.sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out else 0), self.key)

    def get(self):
        """The items that have come; None at the end."""
        items = []
        try:
            data = self.sock.recv(262144)
        except BlockingIOError:
            return items
        except OSError:
            return None
        if not data:
            return None
        self.inb += data
        *lines, rest = bytes(self.inb).split(b'\n')
        self.inb = bytearray(rest)
        return [json.loads(x) for x in lines]


# ------------------------------------------------------------------ worker

class Conn:
    def __init__(self, cid, sock):
        self.cid, self.sock = cid, sock
        self.buf = bytearray()
        self.out = bytearray()
        self.skip = self.shut = self.ending = False
        self.name = None


class Worker:
    def __init__(self, index, up, fds):
        self.index = index
        self.sel = selectors.DefaultSelector()
        self.hub = Pipe(up, self.sel, 'hub')
        self.fds = fds
        fds.setblocking(False)
        self.sel.register(fds, selectors.EVENT_READ, 'fds')
        self.conns = {}
        self.local = {}          # name -> Conn, of this worker (fault)
        self.names = set()       # copy of all names (fault)
        self.stopping = False
        self.waiting = set()

    def take(self):
        while True:
            try:
                msg, fds, _, _ = socket.recv_fds(self.fds, 64, 4)
            except OSError:
                return
            if not msg:
                return
            cid = int(msg)
            s = socket.socket(fileno=fds[0])
            s.setblocking(False)
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            c = self.conns[cid] = Conn(cid, s)
            self.sel.register(s, selectors.EVENT_READ, c)

    def write(self, c, data):
        if c.ending:
            return
        idle = not c.out
        c.out += data
        if idle:
            self.flush(c)
        if len(c.out) > 1 << 20:
            c.ending = True
            try:
                c.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def flush(self, c):
        try:
            while c.out:
                n = c.sock.send(c.out)
                del c.out[:n]
        except BlockingIOError:
            pass
        except OSError:
            c.out.clear()
        if c.shut and not c.out:
            try:
                c.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass
        self.sel.modify(c.sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if c.out else 0), c)

    def close(self, c, how='gone'):
        del self.conns[c.cid]
        self.sel.unregister(c.sock)
        c.sock.close()
        if c.name is not None:
            self.local.pop(c.name, None)
        self.hub.put(how, c.cid)

    def readable(self, c):
        try:
            data = c.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            self.close(c, 'reset')
            return
        if not data:
            self.close(c)
            return
        if self.stopping or c.ending or c.shut:
            return
        c.buf += data
        count = 0
        while True:
            i = c.buf.find(10)
            if i < 0:
                break
            if F == 'frames-beyond-100-wait-for-next-read' and count == 100:
                return
            count += 1
            line = bytes(c.buf[:i])
            del c.buf[:i + 1]
            if c.skip:
                c.skip = False
                continue
            self.frame(c, line)
        if c.skip:
            c.buf.clear()
        elif len(c.buf) > 1024:
            self.error(c, 'frame_too_long', 'Frame too long')
            c.skip = True
            c.buf.clear()

    def error(self, c, code, text):
        if F == 'errors-answered-past-the-hub':
            self.write(c, dump({'type': 'error', 'code': code, 'message': text}).encode())
        else:
            self.hub.put('error', c.cid, code, text)

    def frame(self, c, line):
        if wire.is_blank(line):
            if B == 'musts-only':
                self.error(c, 'malformed_json', 'A blank line')
            return
        try:
            obj = wire.decode(line)
            if F == 'tab-before-object-refused' and isinstance(obj, dict) and line.lstrip(b' ')[:1] != b'{':
                raise Refuse('malformed_json', 'Not an object')
            if F == 'error-from-client-left-unanswered' and isinstance(obj, dict) and obj.get('type') == 'error':
                return
            what = wire.check(obj)
        except Refuse as e:
            self.error(c, e.code, e.text)
            return
        if F == 'frames-behind-join-in-one-read-refused' and what[0] != 'join' and c.name is None:
            self.error(c, 'not_joined', 'Join first')
            return
        if F == 'name-checked-against-copy-in-worker' and what[0] == 'join':
            if what[1] in self.names and c.name is None:
                self.error(c, 'username_taken', 'Username already taken')
                return
        if F == 'private-within-a-worker-overtakes' and what[0] == 'private_message' and c.name is not None:
            to = self.local.get(what[1])
            if to is not None:
                self.write(to, dump({'type': 'private_message', 'sender': c.name, 'content': what[2], 'timestamp': stamp()}).encode())
                self.write(c, dump({'type': 'private_confirmation', 'target': what[1], 'content': what[2], 'delivered': True, 'timestamp': stamp()}).encode())
                return
        if F == 'colon-in-target-misroutes-private' and what[0] == 'private_message':
            self.hub.put('private_message', c.cid, what[1] + ':' + what[2])
            return
        self.hub.put(what[0], c.cid, *what[1:])

    def from_hub(self, item):
        kind = item[0]
        if kind == 'out':
            data = item[2].encode()
            for cid in item[1]:
                c = self.conns.get(cid)
                if c is not None:
                    self.write(c, data)
        elif kind == 'end':
            c = self.conns.get(item[1])
            if c is not None:
                c.shut = True
                self.flush(c)
        elif kind == 'named':
            c = self.conns.get(item[1])
            if c is not None:
                c.name = item[2]
                self.local[c.name] = c
        elif kind == 'name+':
            self.names.add(item[1])
        elif kind == 'name-':
            self.names.discard(item[1])
        elif kind == 'stop':
            self.take()
            self.stopping = True
            self.until = time.monotonic() + 2.5
            for c in self.conns.values():
                c.shut = True
                self.flush(c)

    def run(self):
        while True:
            for key, ev in self.sel.select(0.2):
                if key.data == 'hub':
                    if ev & selectors.EVENT_WRITE:
                        self.hub.flush()
                    if ev & selectors.EVENT_READ:
                        items = self.hub.get()
                        if items is None:
                            os._exit(0)
                        for item in items:
                            self.from_hub(item)
                elif key.data == 'fds':
                    self.take()
                else:
                    c = key.data
                    if ev & selectors.EVENT_WRITE and c.cid in self.conns:
                        self.flush(c)
                    if ev & selectors.EVENT_READ and c.cid in self.conns:
                        self.readable(c)
            self.hub.flush()
            if self.stopping:
                if not self.conns or time.monotonic() > self.until:
                    for c in self.conns.values():
                        try:
                            c.sock.shutdown(socket.SHUT_WR)
                        except OSError:
                            pass
                    self.hub.flush()
                    if F == 'a-worker-outlives-the-main-process' and self.index == 0:
                        time.sleep(5)
                    os._exit(0)


# --------------------------------------------------------------------- hub

class Hub:
    def __init__(self):
        self.sel = selectors.DefaultSelector()
        self.workers = []
        self.where = {}         # cid -> worker index
        self.names = {}         # cid -> name
        self.users = {}         # name -> cid
        self.last_left = None
        self.leaked = 0
        self.ever = set()

    def to(self, cids, d):
        if isinstance(cids, int):
            cids = [cids]
        per = {}
        for cid in cids:
            w = self.where.get(cid)
            if w is not None:
                per.setdefault(w, []).append(cid)
        text = dump(d)
        if F == 'record-of-more-than-2048-bytes-cut' and len(text) > 2048:
            text = text[:2047] + '\n'
        for w, ids in per.items():
            self.workers[w].put('out', ids, text)

    def error(self, cid, code, text):
        self.to(cid, {'type': 'error', 'code': code, 'message': text})

    def system(self, cids, text):
        self.to(cids, {'type': 'system', 'message': text, 'timestamp': stamp()})

    def handle(self, item):
        kind, cid, *rest = item
        if kind in ('gone', 'reset'):
            self.where.pop(cid, None)
            name = self.names.pop(cid, None)
            if name is not None:
                if kind == 'reset' and F == 'place-of-reset-connection-not-given-back':
                    self.leaked += 1
                if self.users.get(name) == cid:
                    del self.users[name]
                if F == 'name-checked-against-copy-in-worker':
                    for w in self.workers:
                        w.put('name-', name)
                self.system(self.names, name + LEFT)
                self.last_left = name
            return
        if cid not in self.where:
            return
        me = self.names.get(cid)
        if kind == 'error':
            code, text = rest
            if B == 'musts-only':
                code = 'invalid_message'
            self.error(cid, code, text)
        elif kind == 'join':
            self.join(cid, me, rest[0])
        elif me is None:
            self.error(cid, 'not_joined', 'Join first')
        elif kind == 'message':
            self.to(self.names, {'type': 'message', 'username': me, 'content': rest[0], 'timestamp': stamp()})
        else:
            if F == 'colon-in-target-misroutes-private':
                rest = rest[0].split(':', 1)
            target, content = rest
            to = self.users.get(target)
            if F == 'target-normalised-before-look-up':
                import unicodedata
                to = self.users.get(unicodedata.normalize('NFC', target))
            if to is None and F == 'private-to-absent-goes-to-longer-name':
                for n, other in self.users.items():
                    if n.startswith(target):
                        to = other
            conf = {'type': 'private_confirmation', 'target': target, 'content': content, 'delivered': to is not None}
            if to is None:
                if B != 'musts-only':
                    conf['reason'] = 'User not found'
            else:
                self.to(to, {'type': 'private_message', 'sender': me, 'content': content, 'timestamp': stamp()})
            conf['timestamp'] = stamp()
            self.to(cid, conf)

    def join(self, cid, me, name):
        if me is not None:
            return self.error(cid, 'already_joined', 'Already joined')
        if name in self.users and F != 'name-checked-against-copy-in-worker':
            self.error(cid, 'username_taken', 'Name in use' if B == 'musts-only' else 'Username already taken')
            if B == 'musts-only':
                self.workers[self.where[cid]].put('end', cid)
                self.where.pop(cid)
            return
        most = 50 if B == 'full-with-50' else 64 if F == 'place-of-reset-connection-not-given-back' else 1000
        if len(self.names) + self.leaked >= most:
            self.error(cid, 'server_full', 'The server is full')
            self.workers[self.where[cid]].put('end', cid)
            self.where.pop(cid)
            return
        self.names[cid] = name
        self.users[name] = cid
        if F in ('private-within-a-worker-overtakes', 'frames-behind-join-in-one-read-refused'):
            self.workers[self.where[cid]].put('named', cid, name)
        if F == 'name-checked-against-copy-in-worker':
            for w in self.workers:
                w.put('name+', name)
        again = F == 'second-join-under-a-name-worded-as-return' and name in self.ever
        self.ever.add(name)
        self.system(self.names, name + (' is back in the chat' if again else JOINED))
        if F == 'list-for-newcomer-names-last-leaver':
            for n in self.users:
                if n != name:
                    self.system(cid, n + JOINED)
            if self.last_left is not None and self.last_left not in self.users:
                self.system(cid, self.last_left + JOINED)


def run(port, fault, behave):
    global F, B, JOINED, LEFT
    F, B = fault, behave
    if B == 'musts-only':
        JOINED, LEFT = ' is here now', ' is gone'
    asked = []
    signal.signal(signal.SIGTERM, lambda *a: asked.append(1))
    signal.signal(signal.SIGINT, lambda *a: asked.append(1))
    ls = socket.socket()
    ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ls.bind(('127.0.0.1', port))
    ls.setblocking(False)
    made, pids = [], []
    for i in range(NW):
        a, b = socket.socketpair()
        x, y = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            a.close()
            x.close()
            for p, q in made:
                p.close()
                q.close()
            if F != 'a-worker-outlives-the-main-process' or i:
                ls.close()
            try:
                Worker(i, b, y).run()
            finally:
                os._exit(1)
        b.close()
        y.close()
        made.append((a, x))
        pids.append(pid)
    hub = Hub()
    hub.workers = [Pipe(a, hub.sel, i) for i, (a, x) in enumerate(made)]
    ls.listen(512)
    hub.sel.register(ls, selectors.EVENT_READ, 'listen')
    cid = 0
    announcing.start()

    def accept_all():
        nonlocal cid
        while True:
            try:
                s, _ = ls.accept()
            except OSError:
                return
            cid += 1
            w = cid % NW
            hub.where[cid] = w
            for _ in range(1000):
                try:
                    socket.send_fds(made[w][1], [b'%d' % cid], [s.fileno()])
                    break
                except BlockingIOError:
                    time.sleep(0.002)
            s.close()

    while not asked:
        for key, ev in hub.sel.select(0.1):
            if key.data == 'listen':
                accept_all()
                continue
            w = hub.workers[key.data]
            if ev & selectors.EVENT_WRITE:
                w.flush()
            if ev & selectors.EVENT_READ:
                items = w.get()
                if items is None:
                    hub.sel.unregister(w.sock)
                    w.up = False
                    continue
                for item in items:
                    hub.handle(item)
        for text in announcing.waiting():
            hub.to(list(hub.names), {'type': 'server', 'message': text, 'timestamp': stamp()})
        for w in hub.workers:
            if w.up:
                w.flush()
    accept_all()
    if B != 'musts-only':
        hub.system([c for c in hub.names if F != 'stop-told-to-one-worker-only' or hub.where[c] == 0], 'The server is stopping')
    accept_all()
    ls.close()
    for w in hub.workers:
        w.put('stop')
        w.sock.setblocking(True)
    for w in hub.workers:
        w.sock.settimeout(1)
        try:
            w.sock.sendall(w.out)
        except OSError:
            pass
    end = time.monotonic() + 4
    left = set(pids)
    while left and time.monotonic() < end:
        for w in hub.workers:      # reads on, so that no worker waits
            w.sock.setblocking(False)
            try:
                w.sock.recv(262144)
            except OSError:
                pass
        for p in list(left):
            if os.waitpid(p, os.WNOHANG)[0]:
                left.discard(p)
        if F == 'a-worker-outlives-the-main-process' and len(left) == 1:
            break
        time.sleep(0.02)
