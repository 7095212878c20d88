"""A correct chat server (SPEC.md, version 1): one thread, one selector, hooks as methods."""
import errno, heapq, json, os, re, resource, selectors, signal, socket, struct, threading, time
from collections import deque

LF = 10
WS = b" \t\r"
BAD_IN_NAME = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


class Refuse(Exception):
    def __init__(self, code, text):
        Exception.__init__(self, text)
        self.code, self.text = code, text


class Conn:
    def __init__(self, sock):
        self.sock = sock
        self.fd = sock.fileno()
        self.buf = bytearray()
        self.out = bytearray()
        self.skip = False      # inside a frame that was too long
        self.name = None
        self.joined = False
        self.ended = False
        self.closing = False   # nothing more is queued; FIN when out is empty; input is dropped
        self.fin_sent = False
        self.wdead = False     # sending failed; read on until the end
        self.writing = False   # registered for EVENT_WRITE
        self.born = time.monotonic()


class Server:
    LIMIT = 1024
    OUT_LIMIT = 2 * 1024 * 1024
    MAX_USERS = 2000
    RECV = 16384
    SNDBUF = 131072
    FLUSH_AT = 131072
    STOP_FIN = 1.5     # then FIN even to those that do not read
    STOP_END = 3.0     # then exit

    # ---- life -------------------------------------------------------------------------------

    def __init__(self):
        self.sel = selectors.DefaultSelector()
        self.users = {}        # name -> Conn, in order of joining
        self.conns = {}        # fd -> Conn
        self.dirty = {}
        self.pending = 0
        self.timers = []
        self.seq = 0
        self.calls = deque()
        self.stop_asked = False
        self.stopping = False
        self.done = False
        self.stdin_buf = b""
        self.lsock = None
        self.accept_paused = False
        self.setup()

    def setup(self):
        pass

    def listen(self, port):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(("127.0.0.1", port))
        s.listen(1024)
        s.setblocking(False)
        return s

    def run(self, port):
        try:
            soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
            resource.setrlimit(resource.RLIMIT_NOFILE, (hard if hard != resource.RLIM_INFINITY else 65536, hard))
        except (ValueError, OSError):
            pass
        self.wake_r, self.wake_w = socket.socketpair()
        self.wake_r.setblocking(False)
        self.wake_w.setblocking(False)
        signal.set_wakeup_fd(self.wake_w.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self.on_signal)
        signal.signal(signal.SIGINT, self.on_signal)
        self.lsock = self.listen(port)
        self.sel.register(self.lsock, selectors.EVENT_READ, "accept")
        self.sel.register(self.wake_r, selectors.EVENT_READ, "wake")
        threading.Thread(target=self.stdin_thread, daemon=True).start()
        while not self.done:
            self.once()

    def once(self):
        timeout = None
        if self.calls:
            timeout = 0
        elif self.timers:
            timeout = max(0.0, self.timers[0][0] - time.monotonic())
        for key, mask in self.sel.select(timeout):
            what = key.data
            if what == "accept":
                self.accept()
            elif what == "wake":
                try:
                    while self.wake_r.recv(4096):
                        pass
                except OSError:
                    pass
            else:
                if what.ended:
                    continue
                if mask & selectors.EVENT_WRITE:
                    self.dirty[what] = True
                if mask & selectors.EVENT_READ:
                    self.readable(what)
                if self.pending > self.FLUSH_AT:
                    self.flush_all()
        while self.calls:
            self.calls.popleft()()
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            _, _, fn, args = heapq.heappop(self.timers)
            fn(*args)
        self.tick()
        self.flush_all()
        if self.stop_asked and not self.stopping:
            self.stopping = True
            self.stop()
            self.flush_all()
        if self.stopping and not self.conns:
            self.finish_stop()

    def tick(self):
        pass

    def later(self, delay, fn, *args):
        self.seq += 1
        heapq.heappush(self.timers, (time.monotonic() + delay, self.seq, fn, args))

    def on_signal(self, *_):
        self.stop_asked = True

    # ---- the operator -------------------------------------------------------------------------

    def stdin_thread(self):
        try:
            while True:
                data = os.read(0, 65536)
                self.calls.append(lambda d=data: self.stdin_data(d))
                self.wake_w.send(b"x")
                if not data:
                    return
        except OSError:
            pass

    def stdin_data(self, data):
        self.stdin_buf += data
        if not data and self.stdin_buf:
            self.stdin_buf += b"\n"
        *lines, self.stdin_buf = self.stdin_buf.split(b"\n")
        for line in lines:
            text = line.rstrip(b"\r").decode("utf-8", "replace")
            if text and not self.stopping:
                self.announce(text)

    def announce(self, text):
        msg = {"type": "server", "message": text, "timestamp": self.now()}
        while len(self.encode(msg)) > 8193:
            msg["message"] = msg["message"][:len(msg["message"]) * 9 // 10]
        self.broadcast(msg)

    # ---- stopping -------------------------------------------------------------------------------

    def stop(self):
        self.sel.unregister(self.lsock)
        self.lsock.close()
        for c in list(self.conns.values()):
            self.stop_conn(c)
        self.later(self.STOP_FIN, self.stop_fin)
        self.later(self.STOP_END, self.finish_stop)

    def stop_conn(self, c):
        if c.joined:
            self.send(c, {"type": "system", "message": "The server is stopping", "timestamp": self.now()})
        self.finish(c)

    def stop_fin(self):
        for c in list(self.conns.values()):
            self.fin(c)

    def finish_stop(self):
        for c in list(self.conns.values()):
            self.fin(c)
            try:
                while c.sock.recv(65536):
                    pass
            except OSError:
                pass
            self.end(c)
        self.done = True

    # ---- sockets -------------------------------------------------------------------------------

    def accept(self):
        for _ in range(64):
            try:
                sock, _ = self.lsock.accept()
            except BlockingIOError:
                return
            except OSError as e:
                if e.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self.sel.unregister(self.lsock)
                    self.later(0.2, self.accept_again)
                    return
                continue
            sock.setblocking(False)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.SNDBUF:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.SNDBUF)
            c = Conn(sock)
            self.conns[c.fd] = c
            self.sel.register(sock, selectors.EVENT_READ, c)
            self.on_accept(c)

    def accept_again(self):
        if not self.stopping:
            self.sel.register(self.lsock, selectors.EVENT_READ, "accept")

    def on_accept(self, c):
        pass

    def readable(self, c):
        try:
            data = c.sock.recv(self.RECV)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            self.on_reset(c)
            return
        if not data:
            self.on_eof(c)
        elif not c.closing:
            self.feed(c, data)

    def on_eof(self, c):
        self.end(c)

    def on_reset(self, c):
        self.end(c)

    def end(self, c):
        if c.ended:
            return
        c.ended = True
        self.close_sock(c)
        if c.joined:
            self.left(c)

    def close_sock(self, c):
        self.conns.pop(c.fd, None)
        self.dirty.pop(c, None)
        try:
            self.sel.unregister(c.sock)
        except (KeyError, ValueError):
            pass
        if c.out and not c.wdead and not c.fin_sent:
            try:
                c.sock.send(c.out)
            except OSError:
                pass
        c.sock.close()

    def finish(self, c):
        """Ends the connection in order: what is queued, FIN, then reading on for a moment."""
        c.closing = True
        self.dirty[c] = True
        if not self.stopping:
            self.later(2.0, self.end, c)

    def fin(self, c):
        if c.fin_sent or c.ended:
            return
        c.fin_sent = True
        c.closing = True
        c.out.clear()
        try:
            c.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        self.interest(c)

    def interest(self, c):
        want = bool(c.out) and not c.wdead
        if want != c.writing and not c.ended:
            c.writing = want
            self.sel.modify(c.sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if want else 0), c)

    # ---- sending -------------------------------------------------------------------------------

    def queue(self, c, data):
        if c.ended or c.closing or c.wdead:
            return
        c.out += data
        self.pending += len(data)
        self.dirty[c] = True

    def flush_all(self):
        while self.dirty:
            todo = list(self.dirty)
            self.dirty.clear()
            for c in todo:
                if not c.ended:
                    self.flush(c)
        self.pending = 0

    def write(self, c):
        """Sends what the socket takes."""
        while c.out:
            n = c.sock.send(c.out)
            del c.out[:n]

    def flush(self, c):
        if not c.wdead:
            try:
                self.write(c)
            except (BlockingIOError, InterruptedError):
                pass
            except OSError:
                c.wdead = True
                c.out.clear()
        self.interest(c)
        if c.closing and (not c.out or c.wdead):
            self.fin(c)
        elif len(c.out) > self.OUT_LIMIT:
            self.overflow(c)

    def overflow(self, c):
        c.out.clear()
        self.end(c)

    def encode(self, msg):
        return json.dumps(msg, ensure_ascii=False).encode("utf-8") + b"\n"

    def send(self, c, msg):
        self.queue(c, self.encode(msg))

    def recipients(self):
        return list(self.users.values())

    def broadcast(self, msg):
        data = self.encode(msg)
        for c in self.recipients():
            self.queue(c, data)

    def clock(self):
        return time.localtime()

    def now(self):
        t = self.clock()
        return "%02d:%02d:%02d" % (t.tm_hour, t.tm_min, min(t.tm_sec, 59))

    def error(self, c, code, text):
        self.send(c, {"type": "error", "message": text, "code": code})

    # ---- frames -------------------------------------------------------------------------------

    def feed(self, c, data):
        buf = c.buf
        buf += data
        pos = 0
        while True:
            if c.closing or c.ended:
                buf.clear()
                return
            i = buf.find(LF, pos)
            if i < 0:
                break
            line = bytes(buf[pos:i])
            pos = i + 1
            if c.skip:
                c.skip = False
            elif self.is_too_long(line):
                self.too_long(c)
            else:
                self.on_line(c, line)
        del buf[:pos]
        if c.skip:
            buf.clear()
        elif len(buf) > self.LIMIT:
            self.long_tail(c, buf)

    def is_too_long(self, line):
        return len(line) > self.LIMIT

    def long_tail(self, c, buf):
        """More than the limit has come without an LF."""
        self.too_long(c)
        c.skip = True
        buf.clear()

    def too_long(self, c):
        self.error(c, "frame_too_long", "Frame longer than %d bytes" % self.LIMIT)

    def is_blank(self, line):
        return not line.strip(WS)

    def on_line(self, c, line):
        if self.is_blank(line):
            return
        try:
            self.dispatch(c, self.parse(line))
        except Refuse as e:
            self.refused(c, e)

    def refused(self, c, e):
        self.error(c, e.code, e.text)

    def decode(self, line):
        try:
            return line.decode("utf-8")
        except UnicodeDecodeError:
            raise Refuse("malformed_json", "Not UTF-8")

    def pairs(self, pairs):
        d = dict(pairs)
        if len(d) != len(pairs):
            raise Refuse("malformed_json", "A member occurs twice")
        return d

    def constant(self, text):
        raise Refuse("malformed_json", "Not JSON: " + text)

    def decoder(self):
        return json.JSONDecoder(object_pairs_hook=self.pairs, parse_constant=self.constant)

    _dec = None

    def loads(self, text):
        if self._dec is None:
            self._dec = self.decoder()
        try:
            return self._dec.decode(text)
        except Refuse:
            raise
        except RecursionError:
            raise Refuse("malformed_json", "Nested too deeply")
        except ValueError as e:
            raise Refuse("malformed_json", "Not JSON: %s" % e)

    def check_surrogates(self, text, obj):
        if "\\u" in text:
            try:
                json.dumps(obj, ensure_ascii=False).encode("utf-8")
            except UnicodeEncodeError:
                raise Refuse("malformed_json", "A lone surrogate")
            except (RecursionError, ValueError):
                raise Refuse("malformed_json", "Nested too deeply")

    def parse(self, line):
        text = self.decode(line)
        obj = self.loads(text)
        self.check_surrogates(text, obj)
        return obj

    # ---- messages -------------------------------------------------------------------------------

    HANDLERS = {"join": "do_join", "message": "do_message", "private_message": "do_private"}

    def dispatch(self, c, obj):
        if not isinstance(obj, dict):
            raise Refuse("invalid_message", "A message is an object")
        if not isinstance(obj.get("type"), str):
            raise Refuse("invalid_message", "A message has a type, which is a string")
        handler = self.HANDLERS.get(obj["type"])
        if handler is None:
            raise Refuse("unknown_type", "Unknown type of message")
        getattr(self, handler)(c, obj)

    def valid_name(self, name):
        return (1 <= len(name) <= 32 and name[0] != " " and name[-1] != " "
                and not BAD_IN_NAME.search(name))

    def get_name(self, obj, member, code):
        name = obj.get(member)
        if not isinstance(name, str):
            raise Refuse("invalid_message", "A %s is required, and is a string" % member)
        if not self.valid_name(name):
            raise Refuse(code, "The %s is not a valid name" % member)
        return name

    def get_content(self, obj):
        content = obj.get("content")
        if not isinstance(content, str) or not content:
            raise Refuse("invalid_message", "A content is required, and is a string that is not empty")
        return content

    def need_joined(self, c):
        if not c.joined:
            raise Refuse("not_joined", "Join first")

    def do_join(self, c, obj):
        name = self.get_name(obj, "username", "username_invalid")
        if c.joined:
            self.join_again(c, name)
        elif self.is_taken(name):
            self.join_taken(c, name)
        elif self.is_full():
            self.join_full(c, name)
        else:
            self.join(c, name)

    def is_taken(self, name):
        return name in self.users

    def is_full(self):
        return len(self.users) >= self.MAX_USERS

    def join_again(self, c, name):
        raise Refuse("already_joined", "Already joined")

    def join_taken(self, c, name):
        raise Refuse("username_taken", "Username already taken")

    def join_full(self, c, name):
        self.error(c, "server_full", "The server is full")
        self.finish(c)

    def join(self, c, name):
        c.name = name
        c.joined = True
        self.users[name] = c
        self.joined(c)

    def joined(self, c):
        self.broadcast(self.join_notice(c.name))

    def left(self, c):
        if self.users.get(c.name) is c:
            del self.users[c.name]
        if not self.stopping:
            self.tell_left(c)

    def tell_left(self, c):
        self.broadcast(self.leave_notice(c.name))

    def join_notice(self, name):
        return {"type": "system", "message": name + " joined the chat", "timestamp": self.now()}

    def leave_notice(self, name):
        return {"type": "system", "message": name + " left the chat", "timestamp": self.now()}

    def do_message(self, c, obj):
        content = self.get_content(obj)
        self.need_joined(c)
        self.public(c, content, obj)

    def public(self, c, content, obj):
        self.broadcast(self.public_msg(c, content, obj))

    def public_msg(self, c, content, obj):
        return {"type": "message", "username": c.name, "content": content, "timestamp": self.now()}

    def do_private(self, c, obj):
        target = self.get_name(obj, "target", "invalid_message")
        content = self.get_content(obj)
        self.need_joined(c)
        self.private(c, target, content, obj)

    def find(self, c, target):
        return self.users.get(target)

    def private(self, c, target, content, obj):
        to = self.find(c, target)
        if to is not None:
            self.deliver(c, to, content)
        self.confirm(c, target, content, to is not None, obj)

    def deliver(self, c, to, content):
        self.send(to, {"type": "private_message", "sender": c.name, "content": content, "timestamp": self.now()})

    def confirmation(self, target, content, delivered, obj):
        msg = {"type": "private_confirmation", "target": target, "content": content, "delivered": delivered,
               "timestamp": self.now()}
        if not delivered:
            msg["reason"] = "User not found"
        return msg

    def confirm(self, c, target, content, delivered, obj):
        self.send(c, self.confirmation(target, content, delivered, obj))


class Correct(Server):
    pass
