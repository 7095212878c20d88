"""A correct server of the TCP chat protocol, version 1. One thread, one epoll loop; every decision is a method that can be overridden."""
import heapq
import json
import os
import re
import selectors
import signal
import socket
import sys
import threading
import time
from collections import deque

BAD_IN_NAME = re.compile(
    '[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]')
MAYBE_SURROGATE = re.compile(rb'\\u[dD][89a-fA-F]')
SURROGATE = re.compile('[\ud800-\udfff]')

sys.setrecursionlimit(6000)


class Refuse(Exception):
    def __init__(self, code, text):
        super().__init__(code)
        self.code, self.text = code, text


class Conn:
    def __init__(self, sock):
        self.sock = sock
        self.fd = sock.fileno()
        self.buf = bytearray()      # read, not yet a line
        self.hold = False           # leave what was read in buf for now
        self.skipping = False       # inside a line that is too long
        self.out = bytearray()      # to be written
        self.name = None
        self.joined = False
        self.ended = False          # nothing more happens
        self.closing = False        # the server ends it, in order
        self.shut = False           # our sending side is shut down
        self.dead_out = False       # writing failed; reading goes on to the end
        self.want = selectors.EVENT_READ
        self.born = time.monotonic()


class Server:
    LIMIT = 1024
    RECV = 16384
    UNREAD = 1 << 20
    SNDBUF = 131072
    MAX_USERS = 2000
    REUSE = True
    STOP_FLUSH = 1.5       # seconds until a stop no longer waits for a slow reader
    STOP_END = 3.0         # seconds until a stop no longer reads on

    # ---------------------------------------------------------------- loop
    def __init__(self, port):
        self.port = port
        self.sel = selectors.DefaultSelector()
        self.conns = {}             # fd -> Conn, every open connection
        self.users = {}             # name -> Conn, the joined ones
        self.dirty = {}             # connections with new output (an ordered set)
        self.timers = []
        self.seq = 0
        self.posted = deque()
        self.stopping = False
        self.stop_wanted = False
        self.finished = False
        self.wake_r, self.wake_w = socket.socketpair()
        self.wake_r.setblocking(False)
        self.wake_w.setblocking(False)

    def call_later(self, seconds, fn, *args):
        self.seq += 1
        timer = [time.monotonic() + seconds, self.seq, fn, args]
        heapq.heappush(self.timers, timer)
        return timer

    @staticmethod
    def cancel(timer):
        timer[2] = None

    def listen(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if self.REUSE:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(('127.0.0.1', self.port))
        s.listen(512)
        s.setblocking(False)
        self.listener = s

    def run(self):
        signal.set_wakeup_fd(self.wake_w.fileno(), warn_on_full_buffer=False)
        for sig in (signal.SIGTERM, signal.SIGINT):
            signal.signal(sig, self.on_signal)
        self.sel.register(self.wake_r, selectors.EVENT_READ, self.on_wake)
        self.listen()
        self.sel.register(self.listener, selectors.EVENT_READ, self.on_accept)
        threading.Thread(target=self.read_stdin, daemon=True).start()
        self.started()
        while not self.finished:
            timeout = None
            while self.timers and self.timers[0][2] is None:
                heapq.heappop(self.timers)
            if self.timers:
                timeout = max(0.0, self.timers[0][0] - time.monotonic())
            for key, mask in self.sel.select(timeout):
                data = key.data
                if isinstance(data, Conn):
                    if mask & selectors.EVENT_READ and not data.ended:
                        self.on_readable(data)
                    if mask & selectors.EVENT_WRITE and not data.ended:
                        self.dirty[data] = True
                else:
                    data()
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                _, _, fn, args = heapq.heappop(self.timers)
                if fn is not None:
                    fn(*args)
            while self.posted:
                self.announce(self.posted.popleft())
            self.flush_all()
            if self.stop_wanted and not self.stopping:
                self.stop()
                self.flush_all()
            if self.stopping:
                self.stop_progress()

    def started(self):
        pass

    def on_signal(self, *_):
        self.stop_wanted = True

    def on_wake(self):
        try:
            self.wake_r.recv(4096)
        except OSError:
            pass

    # ---------------------------------------------------------------- operator
    def read_stdin(self):
        pending = b''
        while True:
            try:
                chunk = os.read(0, 65536)
            except OSError:
                return
            lines, pending = self.stdin_lines(pending + chunk, not chunk)
            for line in lines:
                text = self.stdin_text(line)
                if text:
                    self.posted.append(text)
            try:
                self.wake_w.send(b'.')
            except OSError:
                pass
            if not chunk:
                return

    def stdin_lines(self, data, end):
        *lines, rest = data.split(b'\n')
        if end and rest:
            lines, rest = lines + [rest], b''
        return lines, rest

    def stdin_text(self, line):
        return line.removesuffix(b'\r').decode('utf-8', 'replace')

    def announce(self, text):
        if self.stopping:
            return
        while text:                 # 8192 bytes are enough for 1300 escaped code points
            part, text = text[:1300], text[1300:]
            self.broadcast(self.make_server(part), self.announce_to())

    def announce_to(self):
        return list(self.users.values())

    # ---------------------------------------------------------------- connections
    def on_accept(self):
        for _ in range(64):
            try:
                sock, _ = self.listener.accept()
            except BlockingIOError:
                return
            except OSError:
                time.sleep(0.01)
                return
            self.accepted(sock)

    def accepted(self, sock):
        sock.setblocking(False)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.SNDBUF)
        conn = Conn(sock)
        self.conns[conn.fd] = conn
        self.sel.register(sock, conn.want, conn)
        self.connected(conn)
        return conn

    def connected(self, conn):
        pass

    def on_readable(self, conn):
        try:
            data = conn.sock.recv(self.RECV)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.on_reset(conn)
            return
        if not data:
            self.on_eof(conn)
        elif not conn.closing:
            self.feed(conn, data)

    def on_eof(self, conn):
        self.end(conn)

    def on_reset(self, conn):
        self.end(conn)

    def end(self, conn):
        """The connection is over: forget it, and tell the others if it had joined."""
        if conn.ended:
            return
        conn.ended = True
        self.discard(conn)
        if conn.joined:
            self.leave(conn)

    def discard(self, conn):
        conn.out.clear()
        conn.buf.clear()
        self.dirty.pop(conn, None)
        self.conns.pop(conn.fd, None)
        try:
            self.sel.unregister(conn.sock)
        except (KeyError, ValueError):
            pass
        conn.sock.close()

    def leave(self, conn):
        self.free_name(conn)
        if not self.stopping:
            self.broadcast(self.make_system(self.leave_text(conn.name)), self.everyone())

    def free_name(self, conn):
        if self.users.get(conn.name) is conn:
            del self.users[conn.name]

    def everyone(self):
        return list(self.users.values())

    # ---------------------------------------------------------------- writing
    def queue(self, conn, data):
        if conn.ended or conn.shut or conn.dead_out:
            return
        conn.out += data
        self.dirty[conn] = True
        if len(conn.out) > 262144:
            self.flush(conn)

    def flush_all(self):
        while self.dirty:
            conns, self.dirty = self.dirty, {}
            for conn in conns:
                if not conn.ended:
                    self.flush(conn)
                    if len(conn.out) > self.UNREAD and not conn.ended:
                        self.drop(conn)

    def flush(self, conn):
        if conn.out:
            try:
                while conn.out:
                    n = self.write(conn)
                    if n == 0:
                        break
                    del conn.out[:n]
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                conn.dead_out = True
                conn.out.clear()
        if conn.closing and not conn.out and not conn.shut:
            self.shut(conn)
        want = selectors.EVENT_READ
        if conn.out:
            want |= selectors.EVENT_WRITE
        if want != conn.want:
            conn.want = want
            self.sel.modify(conn.sock, want, conn)

    def write(self, conn):
        return conn.sock.send(conn.out)

    def drop(self, conn):
        """Too much unread data."""
        self.end(conn)

    def shut(self, conn):
        conn.shut = True
        try:
            conn.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close_politely(self, conn):
        """Flush, end the stream, read on for a moment."""
        conn.closing = True
        conn.buf.clear()
        self.dirty[conn] = True
        self.call_later(2.0, self.end, conn)

    def send(self, conn, obj):
        self.queue(conn, self.encode(obj))

    def broadcast(self, obj, conns):
        data = self.encode(obj)
        for conn in conns:
            self.queue(conn, data)

    def encode(self, obj):
        return json.dumps(obj, ensure_ascii=False).encode('utf-8') + b'\n'

    # ---------------------------------------------------------------- frames
    def feed(self, conn, data):
        conn.buf += data
        self.split(conn)

    def split(self, conn):
        buf, start = conn.buf, 0
        while not (conn.ended or conn.closing or conn.hold):
            i = buf.find(b'\n', start)
            if i < 0:
                break
            line = bytes(buf[start:i])
            start = i + 1
            self.on_line(conn, line)
        if conn.ended or conn.closing:
            buf.clear()
            return
        if start:
            del buf[:start]
        if conn.hold:
            return
        if conn.skipping:
            self.skipped(conn, buf)
            buf.clear()
        elif self.partial_too_long(conn, buf):
            conn.skipping = True
            buf.clear()
            self.refuse(conn, 'frame_too_long', 'Frame too long')

    def partial_too_long(self, conn, buf):
        return len(buf) > self.LIMIT

    def skipped(self, conn, buf):
        pass

    def on_line(self, conn, line):
        if conn.skipping:
            conn.skipping = False
        elif self.too_long(line):
            self.refuse(conn, 'frame_too_long', 'Frame too long')
        elif not self.is_blank(line):
            self.on_frame(conn, line)

    def too_long(self, line):
        return len(line) > self.LIMIT

    def is_blank(self, line):
        return not line.strip(b' \t\r')

    def on_frame(self, conn, frame):
        try:
            self.handle(conn, self.parse(frame))
        except Refuse as r:
            self.refuse(conn, r.code, r.text)

    def refuse(self, conn, code, text):
        self.send(conn, self.make_error(code, text))

    # ---------------------------------------------------------------- JSON
    def parse(self, frame):
        text = self.decode(frame)
        try:
            value = self.loads(text)
        except (ValueError, RecursionError):
            raise Refuse('malformed_json', 'Not valid JSON') from None
        if MAYBE_SURROGATE.search(frame) and self.has_lone_surrogate(frame, value):
            raise Refuse('malformed_json', 'Lone surrogate in a string')
        return value

    def decode(self, frame):
        try:
            return frame.decode('utf-8')
        except UnicodeDecodeError:
            raise Refuse('malformed_json', 'Not UTF-8') from None

    def loads(self, text):
        return DECODER.decode(text)

    def has_lone_surrogate(self, frame, value):
        stack = [value]
        while stack:
            v = stack.pop()
            if isinstance(v, str):
                if SURROGATE.search(v):
                    return True
            elif isinstance(v, list):
                stack.extend(v)
            elif isinstance(v, dict):
                stack.extend(v.keys())
                stack.extend(v.values())
        return False

    # ---------------------------------------------------------------- messages
    def handle(self, conn, obj):
        if not isinstance(obj, dict):
            raise Refuse('invalid_message', 'Not a JSON object')
        kind = obj.get('type')
        if not isinstance(kind, str):
            raise Refuse('invalid_message', 'No type')
        if kind == 'join':
            self.check_join(conn, obj)
            self.do_join(conn, obj)
        elif kind == 'message':
            self.check_message(conn, obj)
            self.need_joined(conn)
            self.do_message(conn, obj)
        elif kind == 'private_message':
            self.check_private(conn, obj)
            self.need_joined(conn)
            self.do_private(conn, obj)
        else:
            self.do_unknown(conn, obj)

    def check_join(self, conn, obj):
        if 'username' not in obj:
            raise Refuse('invalid_message', 'A join needs a username')
        if not self.is_name(obj['username']):
            raise Refuse('username_invalid', 'Invalid username')

    def check_message(self, conn, obj):
        if not self.is_content(obj.get('content')):
            raise Refuse('invalid_message', 'A message needs content')

    def check_private(self, conn, obj):
        if not self.is_name(obj.get('target')):
            raise Refuse('invalid_message', 'A private message needs a target that is a name')
        if not self.is_content(obj.get('content')):
            raise Refuse('invalid_message', 'A message needs content')

    def need_joined(self, conn):
        if not conn.joined:
            raise Refuse('not_joined', 'Join first')

    def is_name(self, v):
        return (isinstance(v, str) and self.name_length_ok(v) and v[0] != ' ' and v[-1] != ' '
                and not BAD_IN_NAME.search(v))

    def name_length_ok(self, v):
        return 1 <= len(v) <= 32

    def is_content(self, v):
        return isinstance(v, str) and v != ''

    def do_unknown(self, conn, obj):
        raise Refuse('unknown_type', 'Unknown type')

    def do_join(self, conn, obj):
        name = obj['username']
        if conn.joined:
            raise Refuse('already_joined', 'You have already joined')
        if self.name_taken(name):
            raise Refuse('username_taken', 'Username already taken')
        if self.is_full():
            self.refuse(conn, 'server_full', 'The server is full')
            self.close_politely(conn)
            return
        self.enter(conn, name)

    def name_taken(self, name):
        return name in self.users

    def is_full(self):
        return len(self.users) >= self.MAX_USERS

    def enter(self, conn, name):
        conn.name = name
        conn.joined = True
        self.users[name] = conn
        self.join_notice(conn)
        self.after_join(conn)

    def join_notice(self, conn):
        self.broadcast(self.make_system(self.join_text(conn.name)), self.everyone())

    def after_join(self, conn):
        pass

    def do_message(self, conn, obj):
        self.broadcast(self.make_message(conn, obj), self.everyone())

    def do_private(self, conn, obj):
        target = self.find_target(conn, obj['target'])
        if target is None:
            self.send(conn, self.make_confirmation(conn, obj, False))
        else:
            self.deliver(conn, target, obj)
            self.send(conn, self.make_confirmation(conn, obj, True))

    def find_target(self, conn, name):
        return self.users.get(name)

    def deliver(self, conn, target, obj):
        self.send(target, self.make_private(conn, obj))

    # ---------------------------------------------------------------- what is sent
    def now(self):
        return time.strftime('%H:%M:%S')

    def join_text(self, name):
        return name + ' joined the chat'

    def leave_text(self, name):
        return name + ' left the chat'

    def make_error(self, code, text):
        return {'type': 'error', 'message': text, 'code': code}

    def make_system(self, text):
        return {'type': 'system', 'message': text, 'timestamp': self.now()}

    def make_server(self, text):
        return {'type': 'server', 'message': text, 'timestamp': self.now()}

    def make_message(self, conn, obj):
        return {'type': 'message', 'username': conn.name, 'content': obj['content'], 'timestamp': self.now()}

    def make_private(self, conn, obj):
        return {'type': 'private_message', 'sender': conn.name, 'content': obj['content'],
                'timestamp': self.now()}

    def make_confirmation(self, conn, obj, delivered):
        m = {'type': 'private_confirmation', 'target': obj['target'], 'content': obj['content'],
             'delivered': delivered, 'timestamp': self.now()}
        if not delivered:
            m['reason'] = 'User not found'
        return m

    # ---------------------------------------------------------------- stopping
    def stop(self):
        self.stopping = True
        self.stop_at = time.monotonic()
        self.on_accept()
        self.on_accept()
        self.sel.unregister(self.listener)
        self.listener.close()
        self.say_goodbye()
        self.stop_conns()

    def stop_conns(self):
        for conn in list(self.conns.values()):
            self.stop_conn(conn)
        self.call_later(self.STOP_FLUSH, self.stop_give_up_flush)
        self.call_later(self.STOP_END, self.stop_now)

    def say_goodbye(self):
        self.broadcast(self.make_system('The server is stopping'), self.everyone())

    def stop_conn(self, conn):
        conn.closing = True
        self.dirty[conn] = True

    def stop_give_up_flush(self):
        for conn in list(self.conns.values()):
            if not conn.shut:
                conn.out.clear()
                self.shut(conn)
                self.dirty[conn] = True

    def stop_now(self):
        for conn in list(self.conns.values()):
            try:
                for _ in range(64):
                    if not conn.sock.recv(65536):
                        break
            except OSError:
                pass
            self.end(conn)
        self.finished = True

    def stop_progress(self):
        if not self.conns:
            self.finished = True


def _pairs(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError('a member name twice')
    return d


def _constant(_):
    raise ValueError('not JSON')


def make_decoder(pairs=_pairs, constant=_constant, integer=lambda s: 0, real=lambda s: 0):
    return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=constant, parse_int=integer,
                            parse_float=real)


DECODER = make_decoder()


def prepare_process():
    try:
        os.fstat(0)
    except OSError:
        os.open(os.devnull, os.O_RDONLY)
    try:
        import resource
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 8192) if hard > 0 else 8192, hard))
    except (ImportError, ValueError, OSError):
        pass
