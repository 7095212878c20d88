"""Base 1: asyncio, one protocol object per connection."""
import asyncio, signal, socket, struct, sys, time
import announcing
import wire
from wire import Refuse, dump, stamp

F = B = ''
conns = {}          # Conn -> None, in order of arrival
users = {}          # name -> Conn
room = []           # joined, in order of joining
stopping = False
loop = None
kept = {}           # offline mail (fault)
MAXOUT = 1 << 20
last_leaver = None


def system(text):
    return dump({'type': 'system', 'message': text, 'timestamp': stamp()})


def broadcast(frame, counted=True):
    if F == 'client-after-leaver-misses-the-notice':
        for c in room:
            if c.gone:
                room.remove(c)
            else:
                c.send(frame)
        return
    for c in list(room):
        c.send(frame)
    if F == 'refused-joiner-hears-the-talk':
        for c in list(conns):
            if c.tried and c.name is None and not c.gone:
                c.send(frame)


pending_leave = None


class Conn(asyncio.Protocol):
    def connection_made(self, tr):
        self.tr = tr
        tr.max_size = 8192
        self.buf = bytearray()
        self.skip = False
        self.name = None
        self.gone = self.dead = False
        self.tried = 0
        self.uncounted = 0
        self.line_timer = None
        self.queue = None
        self.busy = False
        tr.get_extra_info('socket').setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        conns[self] = None
        if stopping:
            tr.write_eof()
            return
        if F == 'join-timer-runs-on-after-second-try':
            self.timer = loop.call_later(10.3, self.timed_out)
        if F == 'unread-queue-of-100-overflows-in-one-read':
            self.queue = asyncio.Queue(100)
            self.writer = loop.create_task(self.write_on())

    async def write_on(self):
        while True:
            data = await self.queue.get()
            self.tr.write(data)

    def timed_out(self):
        if not self.gone:
            self.leave()
            self.tr.close()

    def send(self, frame, private=False):
        if self.gone or self.dead:
            return
        data = frame.encode()
        if self.queue is not None:
            try:
                self.queue.put_nowait(data)
            except asyncio.QueueFull:
                self.dead = True
                self.tr.abort()
            return
        if private and F == 'private-messages-not-counted-as-unread':
            self.uncounted += len(data)
        self.tr.write(data)
        if self.tr.get_write_buffer_size() - self.uncounted > MAXOUT:
            self.dead = True
            self.tr.abort()

    def error(self, code, text):
        self.send(dump({'type': 'error', 'message': text, 'code': code}))

    def data_received(self, data):
        if self.gone or stopping:
            return
        buf = self.buf
        buf += data
        if F == 'timer-of-a-half-line-not-cleared' and self.line_timer is None and b'\n' not in data:
            self.line_timer = loop.call_later(10.3, self.timed_out)
        while True:
            if self.busy:
                return
            i = buf.find(10)
            if F == 'carriage-return-between-tokens-ends-frame' and i >= 0:
                j = buf.find(13)
                if 0 <= j < i - 1:
                    i = j
            if i < 0:
                if B == 'objects-without-lf-served' and not self.skip:
                    self.whole_object()
                if self.skip:
                    buf.clear()
                elif len(buf) > (1025 if F == 'carriage-return-left-out-of-limit' else 1024):
                    self.error('frame_too_long', 'Frame too long')
                    self.skip = True
                    buf.clear()
                return
            line = bytes(buf[:i])
            del buf[:i + 1]
            if self.skip:
                self.skip = False
                continue
            self.frame(line)
            if self.gone:
                return

    def whole_object(self):
        line = bytes(self.buf)
        if len(line) > 1024 or not line.lstrip(b' \t\r').startswith(b'{') or not line.rstrip(b' \t\r').endswith(b'}'):
            return
        try:
            obj = wire.decode(line)
        except Refuse as e:
            if e.text not in ('Member name used twice', 'Lone surrogate'):
                return
        self.buf.clear()
        self.frame(line)

    def frame(self, line):
        if wire.is_blank(line):
            if B == 'bom-ignored-and-long-blanks-refused' and len(line) > 1024:
                self.error('frame_too_long', 'A blank line of such a length')
            return
        obj = None
        try:
            obj = wire.decode(line)
            what = wire.check(obj)
        except Refuse as e:
            self.error(e.code, e.text)
            return
        kind = what[0]
        if kind == 'join':
            if F == 'join-that-ends-while-looked-up-leaves-a-ghost':
                self.busy = True
                loop.call_later(0.03, self.join, what[1])
                return
            self.join(what[1])
        elif self.name is None:
            self.error('not_joined', 'Join first')
        elif kind == 'message':
            if F == 'long-message-overtaken-by-short-one' and len(what[1]) > 800:
                loop.call_later(0.01, broadcast, dump({'type': 'message', 'username': self.name, 'content': what[1], 'timestamp': stamp()}))
                return
            broadcast(dump({'type': 'message', 'username': self.name, 'content': what[1], 'timestamp': stamp()}))
        else:
            self.private(what[1], what[2], obj)

    def join(self, name):
        if F == 'join-that-ends-while-looked-up-leaves-a-ghost':
            self.busy = False
            loop.call_soon(self.data_received, b'')
        if self.name is not None:
            self.error('already_joined', 'You have joined already')
            return
        if name in users:
            self.tried += 1
            self.error('username_taken', 'Username already taken')
            if F == 'second-taken-name-ends-connection' and self.tried == 2:
                self.leave()
                self.tr.close()
            return
        if F == 'connections-not-joined-count-as-places' and len(conns) > 55:
            self.error('server_full', 'Server full')
            self.leave()
            self.tr.close()
            return
        self.name = name
        self.since = time.time()
        users[name] = self
        if F == 'join-timer-runs-on-after-second-try' and not self.tried:
            self.timer.cancel()
        if F == 'newcomer-deaf-for-a-moment-after-own-notice':
            self.send(system(name + ' joined the chat'))
            broadcast(system(name + ' joined the chat'))
            loop.call_later(0.04, lambda: None if self.gone else room.append(self))
            return
        room.append(self)
        if F == 'talk-reaches-newcomer-before-own-notice':
            self.busy = True
            loop.call_later(0.03, self.announce)
            return
        broadcast(system(name + ' joined the chat'))
        if B == 'welcome-and-list-after-own-notice' or F == 'list-for-newcomer-names-last-leaver':
            self.send(system('Welcome, %s! Present: %s. %s joined the chat just now' % (name, ', '.join(list(users)[:20]), name)))
            for other in list(users):
                if other != name:
                    self.send(system(other + ' joined the chat'))
            if F == 'list-for-newcomer-names-last-leaver' and last_leaver and last_leaver not in users:
                self.send(system(last_leaver + ' joined the chat'))
        if F == 'private-to-absent-kept-for-the-next-of-that-name':
            for f in kept.pop(name, ()):
                self.send(f)

    def announce(self):
        self.busy = False
        if not self.gone:
            broadcast(system(self.name + ' joined the chat'))
            self.data_received(b'')

    def private(self, target, content, obj):
        to = users.get(target)
        now = stamp(self.since) if F == 'private-message-bears-time-of-join' else stamp()
        conf = {'type': 'private_confirmation', 'target': target, 'content': content}
        f = dump({'type': 'private_message', 'sender': self.name, 'content': content, 'timestamp': now})
        if to is not None:
            to.send(f, True)
            conf['delivered'] = True
        else:
            if F == 'failed-confirmation-copies-the-frame':
                conf = dict(obj, **conf)
            conf['delivered'] = False
            conf['reason'] = 'User not found'
            if F == 'private-to-absent-kept-for-the-next-of-that-name':
                kept.setdefault(target, []).append(f)
        conf['timestamp'] = stamp()
        self.send(dump(conf))

    def eof_received(self):
        if stopping:
            return False
        self.leave()
        loop.call_later(5, self.tr.abort)
        return False

    def connection_lost(self, exc):
        if F == 'user-of-reset-connection-kept-12s' and exc is not None and self.name and not self.gone and not stopping:
            self.dead = True
            loop.call_later(12, self.leave)
            return
        self.lost = exc is not None
        self.leave()
        conns.pop(self, None)
        if self.queue is not None:
            self.writer.cancel()

    def leave(self):
        global pending_leave, last_leaver
        if self.gone:
            return
        self.gone = True
        conns.pop(self, None)
        if self.name is None or stopping:
            return
        if users.get(self.name) is self:
            del users[self.name]
        last_leaver = self.name
        if F == 'client-after-leaver-misses-the-notice':
            broadcast(system(self.name + ' left the chat'))
            return
        if self in room:
            room.remove(self)
        if F == 'more-than-five-leaves-at-once-summed-up':
            if not leavers:
                loop.call_later(0.08, tell_leaves)
            leavers.append(self.name)
            return
        if F == 'talk-reaches-newcomer-before-own-notice' and self.busy:
            return
        if F == 'leave-after-reset-worded-otherwise' and getattr(self, 'lost', False):
            broadcast(system(self.name + ' lost the connection'))
            return
        if F == 'second-leave-within-a-moment-untold':
            if pending_leave is None:
                loop.call_later(0.08, tell_leave)
            pending_leave = self.name
            return
        broadcast(system(self.name + ' left the chat'))


leavers = []


def tell_leaves():
    if len(leavers) > 5:
        broadcast(system('%s and %d others left the chat' % (leavers[0], len(leavers) - 1)))
    else:
        for name in leavers:
            broadcast(system(name + ' left the chat'))
    leavers.clear()


def tell_leave():
    global pending_leave
    name, pending_leave = pending_leave, None
    broadcast(system(name + ' left the chat'))


async def main(port):
    global loop, stopping
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, stop.set)
    ls = socket.socket()
    ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ls.bind(('127.0.0.1', port))
    ls.setblocking(False)
    srv = await loop.create_server(Conn, sock=ls, backlog=512)
    announcing.start()
    while not stop.is_set():
        for text in announcing.waiting():
            broadcast(dump({'type': 'server', 'message': text, 'timestamp': stamp()}))
        await asyncio.sleep(0.02)
    await asyncio.sleep(0.02)
    bye = system('The server is stopping')
    for c in list(room):
        c.send(bye)
    if F == 'unread-queue-of-100-overflows-in-one-read':
        await asyncio.sleep(0.05)
    stopping = True
    late = []
    while True:
        try:
            late.append(ls.accept()[0])
        except OSError:
            break
    srv.close()
    for s in late:
        s.shutdown(socket.SHUT_WR)
    for c in list(conns):
        if F == 'stop-resets-connections-not-joined' and c.name is None:
            c.tr.get_extra_info('socket').setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0))
            c.tr.abort()
            continue
        try:
            c.tr.write_eof()
        except (OSError, RuntimeError):
            pass
    end = loop.time() + 2.5
    while conns and loop.time() < end:
        await asyncio.sleep(0.05)
    for c in list(conns):
        try:
            c.tr.get_extra_info('socket').shutdown(socket.SHUT_WR)
        except OSError:
            pass
    for s in late:
        s.setblocking(False)
        try:
            while s.recv(65536):
                pass
        except OSError:
            pass
        s.close()
    await asyncio.sleep(0.05)


def run(port, fault, behave):
    global F, B
    F, B = fault, behave
    asyncio.run(main(port))
