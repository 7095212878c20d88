"""A server of the TCP Chat Protocol, version 1. One thread, one event loop; every decision is a method."""
import collections, heapq, itertools, json, os, re, selectors, signal, socket, sys, threading, time

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
BAD_NAME = re.compile("[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SURROGATE = re.compile("[\ud800-\udfff]")
WS = b" \t\r"
MISSING = object()
SERVER_TYPES = ("system", "server", "error", "private_confirmation")


class Refuse(Exception):
    def __init__(self, code, text, close=False):
        super().__init__(text)
        self.code, self.text, self.close = code, text, close


class Conn:
    def __init__(self, sock):
        self.sock, self.fd = sock, sock.fileno()
        self.name, self.joined, self.ended = None, False, False
        self.buf, self.skipping = b"", False
        self.out, self.outlen, self.pend = collections.deque(), 0, b""
        self.nowrite = self.peer_eof = self.closed = self.fin_sent = False
        self.interest = READ
        self.born = time.monotonic()


def no_constant(c):
    raise ValueError("constant " + c)


def unique(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError("member twice")
    return d


class Server:
    LIMIT = 1024
    READ_SIZE = 65536
    MAX_OUT = 4 << 20
    MAX_CLIENTS = 2000
    REUSE = True
    LINGER = 2.0
    CODES = True
    ANNOUNCE_MAX = 7800

    def __init__(self, port):
        self.port = port
        self.sel = selectors.DefaultSelector()
        self.conns, self.users = {}, {}
        self.open = set()
        self.dirty = {}
        self.timers, self.seq = [], itertools.count()
        self.stop_requested = self.stopping = self.done = False
        self.lines = collections.deque()
        self.setup()

    def setup(self):
        pass

    # ---- loop
    def serve(self):
        try:
            import resource
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))
        except Exception:
            pass
        self.wake_r, self.wake_w = socket.socketpair()
        self.wake_r.setblocking(False)
        self.wake_w.setblocking(False)
        signal.set_wakeup_fd(self.wake_w.fileno(), warn_on_full_buffer=False)
        for s in (signal.SIGTERM, signal.SIGINT):
            signal.signal(s, self.on_signal)
        self.listener = socket.socket()
        if self.REUSE:
            self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", self.port))
        self.listener.listen(512)
        self.listener.setblocking(False)
        self.sel.register(self.listener, READ, self.on_accept)
        self.sel.register(self.wake_r, READ, self.on_wake)
        threading.Thread(target=self.stdin_thread, daemon=True).start()
        while not self.done:
            timeout = None
            if self.timers:
                timeout = max(0, self.timers[0][0] - time.monotonic())
            for key, mask in self.sel.select(timeout):
                if isinstance(key.data, Conn):
                    self.on_event(key.data, mask)
                else:
                    key.data(mask)
            now = time.monotonic()
            while self.timers and self.timers[0][0] <= now:
                heapq.heappop(self.timers)[2]()
            self.end_of_turn()
            self.flush_dirty()
            if self.stop_requested and not self.stopping:
                self.stopping = True
                self.stop()
                self.flush_dirty()
            if self.stopping and not self.open:
                self.finished()
        self.exit()

    def exit(self):
        os._exit(0)

    def finished(self):
        self.done = True

    def end_of_turn(self):
        pass

    def later(self, delay, fn):
        heapq.heappush(self.timers, (time.monotonic() + delay, next(self.seq), fn))

    def on_signal(self, *_):
        self.stop_requested = True

    def on_wake(self, mask):
        try:
            while self.wake_r.recv(4096):
                pass
        except BlockingIOError:
            pass
        while self.lines:
            line = self.lines.popleft()
            if not self.stopping:
                self.on_operator_line(line)

    # ---- operator
    def stdin_thread(self):
        buf = b""
        while True:
            try:
                data = os.read(0, 65536)
            except OSError:
                return
            if not data:
                if buf:
                    self.operator_bytes([buf])
                return
            *lines, buf = self.split_stdin(buf + data)
            self.operator_bytes(lines)

    def split_stdin(self, data):
        return data.split(b"\n")

    def operator_bytes(self, lines):
        for line in lines:
            self.lines.append(line)
        try:
            self.wake_w.send(b"x")
        except OSError:
            pass

    def on_operator_line(self, line):
        text = self.operator_text(line)
        if text:
            while len(json.dumps(text)) > self.ANNOUNCE_MAX:
                text = text[:-max(1, len(text) // 50)]
            self.announce(text)

    def operator_text(self, line):
        return line.decode("utf-8", "replace").rstrip("\r\n")

    def announce(self, text):
        self.broadcast({"type": "server", "message": text, "timestamp": self.now("server")})

    # ---- sockets
    def on_accept(self, mask):
        for _ in range(256):
            try:
                sock, _a = self.listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError:
                self.sel.unregister(self.listener)
                self.later(0.1, lambda: self.stopping or self.sel.register(self.listener, READ, self.on_accept))
                return
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            conn = Conn(sock)
            self.conns[conn.fd] = conn
            self.open.add(conn)
            self.sel.register(sock, READ, conn)
            self.accepted(conn)

    def accepted(self, conn):
        pass

    def want(self, conn, interest):
        if conn.closed or interest == conn.interest:
            return
        if conn.interest and interest:
            self.sel.modify(conn.sock, interest, conn)
        elif interest:
            self.sel.register(conn.sock, interest, conn)
        else:
            self.sel.unregister(conn.sock)
        conn.interest = interest

    def on_event(self, conn, mask):
        if mask & WRITE and not conn.closed:
            self.flush(conn)
        if mask & READ and not conn.closed:
            self.on_readable(conn)

    def on_readable(self, conn):
        try:
            data = conn.sock.recv(self.READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            if conn.ended:
                self.hard_close(conn)
            else:
                self.on_reset(conn)
            return
        if not data:
            conn.peer_eof = True
            if conn.ended:
                self.settle(conn)
            else:
                self.on_eof(conn)
        elif not conn.ended and not self.stopping:
            self.feed(conn, data)

    def on_eof(self, conn):
        self.end(conn)

    def on_reset(self, conn):
        conn.nowrite = True
        self.end(conn)

    def end(self, conn):
        """The connection has ended: nothing more happens on it but the sending of what is queued."""
        if conn.ended:
            return
        conn.ended = True
        if self.conns.get(conn.fd) is conn:
            del self.conns[conn.fd]
        if conn.joined:
            self.leave(conn)
        else:
            self.never_joined_ended(conn)
        self.settle(conn)
        self.later(self.LINGER, lambda: self.hard_close(conn))

    def never_joined_ended(self, conn):
        pass

    def settle(self, conn):
        """Send the rest, then the end of the stream, then wait for the peer's end."""
        if conn.closed:
            return
        if conn.nowrite:
            return self.hard_close(conn)
        if conn.outlen:
            self.dirty[conn] = None
            self.want(conn, WRITE if conn.peer_eof else READ | WRITE)
        elif conn.peer_eof:
            self.hard_close(conn)
        else:
            if not conn.fin_sent:
                conn.fin_sent = True
                try:
                    conn.sock.shutdown(socket.SHUT_WR)
                except OSError:
                    return self.hard_close(conn)
            self.want(conn, READ)

    def hard_close(self, conn):
        if conn.closed:
            return
        try:
            for _ in range(64):
                if not conn.sock.recv(65536):
                    break
        except OSError:
            pass
        self.want(conn, 0)
        conn.closed = True
        self.open.discard(conn)
        conn.sock.close()

    # ---- output
    def push(self, conn, data):
        if conn.ended or conn.nowrite:
            return
        conn.out.append(data)
        conn.outlen += len(data)
        self.dirty[conn] = None

    def flush_dirty(self):
        while self.dirty:
            dirty, self.dirty = self.dirty, {}
            for conn in dirty:
                if not conn.closed:
                    self.flush(conn)

    def flush(self, conn):
        while conn.outlen:
            if not conn.pend:
                self.refill(conn)
            try:
                n = conn.sock.send(conn.pend)
            except (BlockingIOError, InterruptedError):
                self.blocked(conn)
                break
            except OSError:
                self.write_failed(conn)
                break
            conn.outlen -= n
            conn.pend = conn.pend[n:]
        if conn.closed:
            return
        if conn.ended:
            self.settle_after_flush(conn)
        else:
            if self.too_much(conn):
                self.overflow(conn)
            else:
                self.want(conn, (READ | WRITE) if conn.outlen else READ)

    def settle_after_flush(self, conn):
        if not conn.outlen or conn.nowrite:
            self.settle(conn)
        else:
            self.want(conn, WRITE if conn.peer_eof else READ | WRITE)

    def refill(self, conn):
        parts, size = [], 0
        while conn.out and size < 131072:
            parts.append(conn.out.popleft())
            size += len(parts[-1])
        conn.pend = b"".join(parts)

    def blocked(self, conn):
        pass

    def too_much(self, conn):
        return conn.outlen > self.MAX_OUT

    def overflow(self, conn):
        conn.nowrite = True
        conn.out.clear()
        conn.outlen, conn.pend = 0, b""
        self.end(conn)

    def write_failed(self, conn):
        # what the peer sent before is still to be read; the reading side finds the end
        conn.nowrite = True
        conn.out.clear()
        conn.outlen, conn.pend = 0, b""

    # ---- frames
    def feed(self, conn, data):
        if conn.skipping:
            i = data.find(b"\n")
            if i < 0:
                return
            conn.skipping = False
            data = data[i + 1:]
        lines = (conn.buf + data).split(b"\n")
        conn.buf = lines.pop()
        self.take_lines(conn, lines)
        if self.too_long(conn.buf) and not conn.ended:
            conn.buf = b""
            conn.skipping = True
            self.frame_too_long(conn)

    def take_lines(self, conn, lines):
        for line in lines:
            if conn.ended:
                return
            self.take_line(conn, line)

    def too_long(self, line):
        return len(line) > self.LIMIT

    def take_line(self, conn, line):
        if self.too_long(line):
            self.frame_too_long(conn)
        elif self.is_blank(line):
            self.blank(conn)
        else:
            self.handle_frame(conn, line)

    def is_blank(self, line):
        return not line.strip(WS)

    def blank(self, conn):
        pass

    def frame_too_long(self, conn):
        self.refuse(conn, Refuse("frame_too_long", "Frame too long"))

    def handle_frame(self, conn, line):
        try:
            obj = self.parse(line)
            if not isinstance(obj, dict):
                raise Refuse("invalid_message", "Not an object")
            self.dispatch(conn, obj)
        except Refuse as r:
            self.refuse(conn, r)

    def refuse(self, conn, r):
        self.send(conn, self.error_message(r))
        if r.close:
            self.end(conn)

    def error_message(self, r):
        m = {"type": "error", "message": r.text}
        if self.CODES and r.code:
            m["code"] = r.code
        return m

    # ---- JSON
    def decode(self, line):
        return line.decode("utf-8")

    def loads(self, text):
        return json.loads(text, object_pairs_hook=unique, parse_constant=no_constant)

    def parse(self, line):
        try:
            text = self.decode(line)
            obj = self.loads(text)
        except RecursionError:
            return self.too_deep()
        except ValueError:
            raise Refuse("malformed_json", "Not valid JSON in UTF-8") from None
        if b"\\" in line and self.has_surrogate(obj):
            raise Refuse("malformed_json", "Lone surrogate")
        return obj

    def too_deep(self):
        raise Refuse("malformed_json", "Nested too deeply")

    def has_surrogate(self, obj):
        todo = [obj]
        while todo:
            v = todo.pop()
            if isinstance(v, str):
                if SURROGATE.search(v):
                    return True
            elif isinstance(v, dict):
                todo.extend(v.keys())
                todo.extend(v.values())
            elif isinstance(v, list):
                todo.extend(v)
        return False

    # ---- messages
    def dispatch(self, conn, obj):
        t = obj.get("type", MISSING)
        if not isinstance(t, str):
            raise Refuse("invalid_message", "No type")
        if t == "join":
            self.on_join(conn, obj)
        elif t == "message":
            self.on_message(conn, obj)
        elif t == "private_message":
            self.on_private(conn, obj)
        else:
            self.unknown_type(conn, t, obj)

    def unknown_type(self, conn, t, obj):
        raise Refuse("unknown_type", "Unknown type")

    def name_ok(self, s):
        return 1 <= len(s) <= 32 and s[0] != " " and s[-1] != " " and not BAD_NAME.search(s)

    def get_username(self, obj):
        v = obj.get("username", MISSING)
        if v is MISSING:
            raise Refuse("invalid_message", "No username")
        if not isinstance(v, str):
            raise Refuse("invalid_message", "Username is not a string")
        if not self.name_ok(v):
            raise Refuse("username_invalid", "Username invalid")
        return v

    def get_target(self, obj):
        v = obj.get("target", MISSING)
        if not isinstance(v, str) or not self.name_ok(v):
            raise Refuse("invalid_message", "Target missing or not a name")
        return v

    def get_content(self, obj):
        v = obj.get("content", MISSING)
        if not isinstance(v, str) or not v:
            raise Refuse("invalid_message", "Content missing or not a string of 1 or more characters")
        return v

    def key(self, name):
        return name

    def lookup(self, name):
        return self.users.get(self.key(name))

    def find_target(self, conn, name):
        return self.lookup(name)

    # joins
    def on_join(self, conn, obj):
        name = self.get_username(obj)
        if conn.joined:
            return self.join_again(conn, name)
        if self.lookup(name):
            return self.name_taken(conn, name)
        if self.full():
            raise Refuse("server_full", "Server is full", close=True)
        self.joined(conn, name)

    def join_again(self, conn, name):
        raise Refuse("already_joined", "Already joined")

    def name_taken(self, conn, name):
        raise Refuse("username_taken", "Username already taken")

    def full(self):
        return len(self.users) >= self.MAX_CLIENTS

    def joined(self, conn, name):
        self.register(conn, name)
        self.tell_join(conn)
        self.welcome(conn)

    def register(self, conn, name):
        conn.name, conn.joined = name, True
        self.users[self.key(name)] = conn

    def unregister(self, conn):
        if self.users.get(self.key(conn.name)) is conn:
            del self.users[self.key(conn.name)]

    def join_text(self, name):
        return name + " joined the chat"

    def leave_text(self, name):
        return name + " left the chat"

    def tell_join(self, conn):
        self.broadcast(self.system(self.join_text(conn.name)))

    def welcome(self, conn):
        pass

    def leave(self, conn):
        self.unregister(conn)
        self.tell_leave(conn)

    def tell_leave(self, conn):
        self.broadcast(self.system(self.leave_text(conn.name)))

    # public
    def need_joined(self, conn):
        if not conn.joined:
            raise Refuse("not_joined", "Join first")

    def on_message(self, conn, obj):
        content = self.get_content(obj)
        self.need_joined(conn)
        self.public(conn, content, obj)

    def public_message(self, conn, content, obj):
        return {"type": "message", "username": conn.name, "content": content, "timestamp": self.now("message", conn, obj)}

    def public(self, conn, content, obj):
        self.broadcast(self.public_message(conn, content, obj), sender=conn)

    # private
    def on_private(self, conn, obj):
        target, content = self.get_target(obj), self.get_content(obj)
        self.need_joined(conn)
        other = self.find_target(conn, target)
        if other:
            self.deliver(conn, other, target, content, obj)
        else:
            self.undelivered(conn, target, content, obj)

    def private_message(self, conn, content, obj):
        return {"type": "private_message", "sender": conn.name, "content": content, "timestamp": self.now("private_message", conn, obj)}

    def confirmation(self, conn, target, content, delivered, obj):
        m = {"type": "private_confirmation", "target": target, "content": content, "delivered": delivered,
             "timestamp": self.now("private_confirmation", conn, obj)}
        if not delivered:
            m["reason"] = "User not found"
        return m

    def deliver(self, conn, other, target, content, obj):
        self.send(other, self.private_message(conn, content, obj))
        self.confirm(conn, target, content, True, obj)

    def undelivered(self, conn, target, content, obj):
        self.confirm(conn, target, content, False, obj)

    def confirm(self, conn, target, content, delivered, obj):
        self.send(conn, self.confirmation(conn, target, content, delivered, obj))

    # ---- output of messages
    def clock(self):
        return time.localtime()

    def now(self, kind, conn=None, obj=None):
        t = self.clock()
        return "%02d:%02d:%02d" % (t.tm_hour, t.tm_min, min(59, t.tm_sec))

    def system(self, text):
        return {"type": "system", "message": text, "timestamp": self.now("system")}

    def encode(self, msg):
        return json.dumps(msg, ensure_ascii=False).encode("utf-8") + b"\n"

    def send(self, conn, msg):
        self.push(conn, self.encode(msg))

    def recipients(self, msg):
        return list(self.users.values())

    def broadcast(self, msg, sender=None):
        data = self.encode(msg)
        for c in self.recipients(msg):
            self.push(c, data)

    # ---- stopping
    def close_listener(self):
        self.on_accept(READ)
        try:
            self.sel.unregister(self.listener)
        except KeyError:
            pass
        self.listener.close()

    def stop_message(self):
        for c in list(self.users.values()):
            self.send(c, self.system("The server is stopping"))

    def stop(self):
        self.close_listener()
        self.stop_message()
        for c in list(self.open):
            self.stop_conn(c)
        self.later(3.5, self.finished)

    def stop_conn(self, c):
        c.ended = True
        self.settle(c)
        self.later(self.LINGER, lambda: self.hard_close(c))
