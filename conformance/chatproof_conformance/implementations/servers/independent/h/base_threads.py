"""Base 2: two threads per connection, one lock for the room."""
import os, queue, signal, socket, threading, time
from collections import deque
import announcing
import wire
from wire import Refuse, dump, stamp

F = B = ''
lock = threading.RLock()
users = {}
room = []
clients = set()
stopping = False
pool_q = None
template = {}


def system(text):
    if F == 'notice-of-more-than-100-bytes-cut':
        text = text.encode()[:100].decode('utf-8', 'ignore')
    return dump({'type': 'system', 'message': text, 'timestamp': stamp()}).encode()


def broadcast(data):
    if stopping:
        return
    for c in room:
        c.put(data)


class Client:
    def __init__(self, sock):
        self.sock = sock
        self.name = None
        self.alias = None
        self.gone = False
        self.dead = False
        self.q = deque()
        self.qbytes = 0
        self.nput = 0
        self.busy = False
        self.finishing = False
        self.cond = threading.Condition()
        self.born = self.heard = time.monotonic()
        self.skip = False
        self.buf = b''
        self.done = threading.Event()
        self.tr = threading.Thread(target=self.read_on, daemon=True)
        self.tw = threading.Thread(target=self.write_on, daemon=True)

    def start(self):
        self.tr.start()
        if pool_q is None:
            self.tw.start()

    # --- out
    def put(self, data):
        with self.cond:
            if self.finishing or self.dead:
                return
            self.nput += 1
            if F == 'ring-of-512-loses-one-at-the-wrap' and self.nput % 512 == 0:
                return
            self.q.append(data)
            self.qbytes += len(data)
            if self.qbytes > 1 << 20:
                self.kill()
                return
            if pool_q is not None:
                if not self.busy:
                    self.busy = True
                    pool_q.put(self)
            else:
                self.cond.notify()

    def kill(self):
        self.dead = True
        self.q.clear()
        self.cond.notify()
        try:
            self.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def finish(self):
        with self.cond:
            self.finishing = True
            if pool_q is not None:
                if not self.busy:
                    self.busy = True
                    pool_q.put(self)
            self.cond.notify()

    def write_some(self):
        """Writes what there is; False when all is over."""
        while True:
            with self.cond:
                if not self.q:
                    if self.finishing or self.dead:
                        break
                    self.busy = False
                    return True
                data = b''.join(self.q)
                self.q.clear()
            try:
                self.sock.sendall(data)
            except OSError:
                with self.cond:
                    self.kill()
                break
            with self.cond:
                self.qbytes -= len(data)
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.done.set()
        return False

    def write_on(self):
        while True:
            with self.cond:
                while not (self.q or self.finishing or self.dead):
                    self.cond.wait(2 if B == 'spacious-json-with-cr-lf-and-blank-lines' else None)
                    if not self.q and self.name is not None and not self.finishing and B == 'spacious-json-with-cr-lf-and-blank-lines':
                        self.q.append(b'\r\n \t \n')
                        self.qbytes += 6
            if not self.write_some():
                return

    def error(self, code, text):
        self.put(dump({'type': 'error', 'message': text, 'code': code}).encode())

    # --- in
    def read_on(self):
        try:
            while True:
                try:
                    data = self.sock.recv(4096 if F == 'read-of-exactly-4096-bytes-waits-for-more' else 65536)
                    while F == 'read-of-exactly-4096-bytes-waits-for-more' and data and len(data) % 4096 == 0:
                        more = self.sock.recv(4096)
                        if not more:
                            break
                        data += more
                except OSError:
                    break
                if not data:
                    break
                if stopping or self.dead or self.gone:
                    continue
                self.heard = time.monotonic()
                self.feed(data)
        finally:
            self.leave()
            self.finish()
            if not self.done.wait(4):
                try:
                    self.sock.shutdown(socket.SHUT_RDWR)
                except OSError:
                    pass
                self.done.wait(4)
            with lock:
                clients.discard(self)
                if users.get(self.name) is self:
                    del users[self.name]
            self.sock.close()

    def feed(self, data):
        if self.skip:
            i = data.find(b'\n')
            if i < 0 or (i == 0 and F == 'line-feed-at-start-of-read-does-not-end-skip'):
                return
            self.skip = False
            data = data[i + 1:]
        *lines, self.buf = (self.buf + data).split(b'\n')
        for line in lines:
            self.frame(line)
        if len(self.buf) > 1024:
            self.error('frame_too_long', 'Frame too long')
            self.buf = b''
            self.skip = True

    def frame(self, line):
        if wire.is_blank(line):
            return
        try:
            obj = wire.decode(line)
            what = wire.check(obj)
        except Refuse as e:
            code = e.code
            if B == 'last-fitting-code-and-confirmation-first':
                if self.name is None and code in ('invalid_message', 'unknown_type') and isinstance(obj, dict) and isinstance(obj.get('type'), str) and obj['type'] != 'join':
                    code = 'not_joined'
                elif code == 'invalid_message' and isinstance(obj, dict) and obj.get('type') == 'join' and 'username' in obj:
                    code = 'username_invalid'
                if self.name is not None and code in ('username_invalid', 'invalid_message') and isinstance(obj, dict) and obj.get('type') == 'join':
                    code = 'already_joined'
            self.error(code, e.text)
            return
        kind = what[0]
        if kind == 'join':
            self.join(what[1])
        elif kind == 'message':
            if F == 'shared-template-mixes-messages-under-load' and self.name is not None:
                template.update(type='message', content=what[1], timestamp=stamp())
                time.sleep(0)
                template['username'] = self.name
                data = dump(template).encode()
                with lock:
                    broadcast(data)
                return
            if F == 'sender-gets-own-message-before-the-lock' and self.name is not None:
                data = dump({'type': 'message', 'username': self.name, 'content': what[1], 'timestamp': stamp()}).encode()
                self.put(data)
                time.sleep(0)
                with lock:
                    for c in room:
                        if c is not self:
                            c.put(data)
                return
            with lock:
                if self.name is None:
                    self.error('not_joined', 'Join first')
                else:
                    content = what[1]
                    if F == 'same-content-again-within-a-second-dropped':
                        t = time.monotonic()
                        old, self.last = getattr(self, 'last', ('', 0)), (content, t)
                        if old[0] == content and t - old[1] < 1:
                            return
                    if F == 'cr-lf-in-content-becomes-lf':
                        content = content.replace('\r\n', '\n')
                    broadcast(dump({'type': 'message', 'username': self.name, 'content': content, 'timestamp': stamp()}).encode())
        else:
            with lock:
                if self.name is None:
                    self.error('not_joined', 'Join first')
                else:
                    self.private(what[1], what[2])

    def join(self, name):
        if F == 'simultaneous-joins-lose-a-recipient' and self.name is None and name not in users:
            with lock:
                if name in users:
                    self.error('username_taken', 'Username already taken')
                    return
                users[name] = self
                self.name = name
            global room
            new = room + [self]
            time.sleep(0.002)
            room = new
            data = system(name + ' joined the chat')
            self.put(data)
            with lock:
                for c in room:
                    if c is not self:
                        c.put(data)
            return
        with lock:
            if self.name is not None:
                if F == 'refused-second-join-renames-sender-of-private':
                    self.alias = name
                self.error('already_joined', 'You have joined already')
                return
            if F == 'refused-joiner-takes-the-name-along' and self.alias is None:
                self.alias = name
            if name in users:
                old = users[name]
                if F == 'name-of-user-idle-5s-taken-over' and time.monotonic() - old.heard > 5:
                    room.remove(old)
                    old.gone = True
                    del users[name]
                    broadcast(system(name + ' left the chat'))
                    old.finish()
                else:
                    self.error('username_taken', 'Username already taken')
                    if B == 'taken-name-ends-connection':
                        self.finish()
                        self.gone = True
                    return
            if self.gone:
                return
            self.alias = self.name = name
            users[name] = self
            room.append(self)
            broadcast(system(name + ' joined the chat'))

    def private(self, target, content):
        to = users.get(target)
        conf = {'type': 'private_confirmation', 'target': target, 'content': content, 'delivered': to is not None}
        if to is None:
            conf['reason'] = 'User not found'
        elif F == 'reason-null-for-private-to-oneself' and to is self:
            conf['reason'] = None
        conf['timestamp'] = stamp()
        if B == 'last-fitting-code-and-confirmation-first':
            self.put(dump(conf).encode())
        if to is not None:
            sender = self.alias if F == 'refused-second-join-renames-sender-of-private' else self.name
            to.put(dump({'type': 'private_message', 'sender': sender, 'content': content, 'timestamp': stamp()}).encode())
        if B != 'last-fitting-code-and-confirmation-first':
            self.put(dump(conf).encode())

    def leave(self):
        with lock:
            if self.gone:
                return
            self.gone = True
            if stopping:
                return
            if F == 'refused-joiner-takes-the-name-along' and self.name is None and self.alias in users:
                del users[self.alias]
            if self.name is None:
                return
            if users.get(self.name) is self and F != 'name-freed-only-when-threads-have-ended':
                del users[self.name]
            if self in room:
                room.remove(self)
            broadcast(system(self.name + ' left the chat'))


def pool_worker():
    while True:
        c = pool_q.get()
        c.write_some()


def beat():
    while True:
        time.sleep(10)
        with lock:
            for c in list(clients):
                if c.name is None and not c.finishing:
                    c.gone = True
                    c.finish()


def accept_on(ls):
    while True:
        try:
            s, _ = ls.accept()
        except OSError:
            return
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if F == 'silent-connection-holds-up-accepting':
            s.settimeout(2)
            try:
                s.recv(1, socket.MSG_PEEK)
            except OSError:
                pass
            s.settimeout(None)
        if F == 'write-of-small-backlog-times-out-after-5s':
            s.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, (5).to_bytes(8, 'little') + bytes(8))
        with lock:
            c = Client(s)
            clients.add(c)
            late = stopping
        c.start()
        if late:
            c.finish()


def announce():
    while True:
        time.sleep(0.02)
        for text in announcing.waiting():
            with lock:
                broadcast(dump({'type': 'server', 'message': text, 'timestamp': stamp()}).encode())


def run(port, fault, behave):
    global F, B, stopping, pool_q
    F, B = fault, behave
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM, signal.SIGINT])
    threading.stack_size(256 * 1024)
    if F == 'four-stalled-readers-use-up-the-writers':
        pool_q = queue.SimpleQueue()
        for _ in range(4):
            threading.Thread(target=pool_worker, daemon=True).start()
    ls = socket.socket()
    ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if F == 'write-of-small-backlog-times-out-after-5s':
        ls.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    if F in ('four-stalled-readers-use-up-the-writers', 'name-freed-only-when-threads-have-ended', 'stalled-client-holds-up-the-stop'):
        ls.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
    ls.bind(('127.0.0.1', port))
    ls.listen(512)
    threading.Thread(target=accept_on, args=(ls,), daemon=True).start()
    announcing.start()
    threading.Thread(target=announce, daemon=True).start()
    if F == 'those-not-joined-ended-at-every-tenth-second':
        threading.Thread(target=beat, daemon=True).start()
    signal.sigwait([signal.SIGTERM, signal.SIGINT])
    time.sleep(0.03)
    with lock:
        if F not in ('stalled-client-holds-up-the-stop', 'stop-ends-clients-one-by-one'):
            for c in room:
                c.put(system('The server is stopping'))
        stopping = True
        all_ = list(clients)
    time.sleep(0.02)
    ls.setblocking(False)
    late = []
    while True:
        try:
            late.append(ls.accept()[0])
        except OSError:
            break
    ls.shutdown(socket.SHUT_RDWR)
    ls.close()
    if F in ('stalled-client-holds-up-the-stop', 'stop-ends-clients-one-by-one'):
        for c in sorted(all_, key=lambda c: c.born):
            if c.name is not None:
                c.put(system('The server is stopping'))
            c.finish()
            if F == 'stop-ends-clients-one-by-one':
                c.done.wait(2)
                time.sleep(0.15)
            else:
                c.done.wait(7)
        os._exit(0)
    for s in late:
        s.setblocking(True)
        c = Client(s)
        with lock:
            clients.add(c)
        c.start()
    with lock:
        all_ = list(clients)
    for c in all_:
        c.finish()
    end = time.monotonic() + 2.5
    while time.monotonic() < end:
        with lock:
            if not clients:
                break
        time.sleep(0.03)
    for c in all_:
        try:
            c.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
    time.sleep(0.05)
    os._exit(0)
