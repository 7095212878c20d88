"""A chat server, protocol version 1.

One thread, one event loop.  The pieces are small methods, so that a variant can replace one of them:

    bytes -> feed -> line -> frame -> parse -> dispatch -> do_join / do_message / do_private
    message -> pack -> push -> flush -> bytes
"""
import errno
import heapq
import json
import os
import re
import resource
import selectors
import signal
import socket
import sys
import threading
import time
from collections import deque
from itertools import islice

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
WHITE = b" \t\r"
BAD_IN_NAME = re.compile(
    "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SURROGATE = re.compile("[\ud800-\udfff]")
CLIENT_TYPES = ("join", "message", "private_message")


class Refused(Exception):
    """A frame that gets one error and nothing else."""

    def __init__(self, code, text, close=False):
        super().__init__(text)
        self.code, self.text, self.close = code, text, close


class Link:
    """One connection."""

    def __init__(self, sock):
        self.sock = sock
        self.fd = sock.fileno()
        self.name = None           # set once joined, and kept after the end
        self.born = time.monotonic()
        self.buf = bytearray()     # read, but not yet a line
        self.skipping = False      # within a line that was too long
        self.out = deque()         # frames to send
        self.head = 0              # bytes of out[0] that are sent
        self.pending = 0           # bytes of out that are not sent
        self.events = READ
        self.held = False          # frames wait in buf
        self.eof = False           # the end was read while held
        self.mute = False          # nothing can be sent any more
        self.doomed = False        # will be ended at the end of this turn
        self.gone = False          # ended, as far as the chat is concerned
        self.shut = False          # our side of the stream is ended
        self.closed = False


def lone_surrogates(value):
    todo = [value]
    while todo:
        v = todo.pop()
        if type(v) is str:
            if SURROGATE.search(v):
                return True
        elif type(v) is dict:
            todo.extend(v)
            todo.extend(v.values())
        elif type(v) is list:
            todo.extend(v)
    return False


def unique(pairs):
    d = dict(pairs)
    if len(d) != len(pairs):
        raise ValueError("member name twice")
    return d


def no_constant(text):
    raise ValueError(text)


class ChatServer:
    MAX_FRAME = 1024
    OUT_LIMIT = 4 << 20      # unread bytes at which a client is ended
    OUT_BURST = 128 << 10    # unsent bytes at which a flush does not wait for the end of the turn
    READ_SIZE = 16384
    CAPACITY = 5000
    REUSE = True
    FLUSH_AT_STOP = 2.5
    DRAIN_AT_STOP = 3.5

    def __init__(self, host="127.0.0.1", port=0):
        self.host, self.port = host, port
        self.sel = selectors.DefaultSelector()
        self.links = set()       # not ended
        self.leaving = set()     # ended, the socket still open
        self.names = {}          # key of name -> Link
        self.dirty = set()
        self.doomed = []
        self.timers = []
        self.seq = 0
        self.stop_asked = self.stopping = self.finished = False
        self.operator = deque()
        self.listener = None
        self.decoder = self.make_decoder()
        self._stamp = (None, "")

    # ---- small things -------------------------------------------------------------------------------------------

    def make_decoder(self):
        return json.JSONDecoder(object_pairs_hook=unique, parse_constant=no_constant)

    def stamp(self):
        now = int(time.time())
        if self._stamp[0] != now:
            self._stamp = (now, time.strftime("%H:%M:%S", time.localtime(now)))
        return self._stamp[1]

    def later(self, delay, fn, *args):
        self.seq += 1
        heapq.heappush(self.timers, (time.monotonic() + delay, self.seq, fn, args))

    def key(self, name):
        return name

    # ---- sockets ------------------------------------------------------------------------------------------------

    def listen(self):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        if self.REUSE:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((self.host, self.port))
        s.listen(1024)
        s.setblocking(False)
        self.listener = s
        self.port = s.getsockname()[1]
        self.sel.register(s, READ, self.accept)

    def accept(self, mask=0):
        for _ in range(64):
            try:
                sock, _addr = self.listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError as e:
                if e.errno in (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM):
                    self.sel.unregister(self.listener)
                    self.later(0.1, self.accept_again)
                    return
                continue   # the client has gone again
            sock.setblocking(False)
            try:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            except OSError:
                pass
            link = Link(sock)
            self.links.add(link)
            self.sel.register(sock, READ, link)
            self.opened(link)

    def accept_again(self):
        if self.listener is not None:
            try:
                self.sel.register(self.listener, READ, self.accept)
            except KeyError:
                pass

    def opened(self, link):
        pass

    def want(self, link, events):
        if link.closed or link.events == events:
            return
        if events and link.events:
            self.sel.modify(link.sock, events, link)
        elif events:
            self.sel.register(link.sock, events, link)
        else:
            self.sel.unregister(link.sock)
        link.events = events

    def readable(self, link):
        try:
            data = link.sock.recv(self.READ_SIZE)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = None
        if link.gone or self.stopping:
            if not data:
                self.close(link)
        elif data is None:
            self.end(link, "reset")
        elif data:
            self.feed(link, data)
        elif link.held:
            link.eof = True
            self.want(link, link.events & ~READ)
        else:
            self.end(link, "eof")

    def write_some(self, link, chunk):
        return link.sock.send(chunk)

    def flush(self, link):
        while link.out and not link.mute and not link.closed:
            first = link.out[0]
            if len(link.out) == 1:
                chunk = first[link.head:] if link.head else first
            else:
                chunk = b"".join(islice(link.out, 256))
                if link.head:
                    chunk = chunk[link.head:]
            try:
                n = self.write_some(link, chunk)
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                self.muted(link)
                break
            self.consume(link, n)
            if n < len(chunk):
                break
        if link.closed:
            return
        if link.out:
            self.want(link, link.events | WRITE)
        else:
            self.want(link, link.events & ~WRITE)
            if link.gone or self.stopping:
                self.drained(link)

    def consume(self, link, n):
        link.pending -= n
        n += link.head
        while link.out and n >= len(link.out[0]):
            n -= len(link.out.popleft())
        link.head = n

    def muted(self, link):
        """Sending failed.  What the client sent before may still be there to read: that decides when it leaves."""
        link.mute = True
        link.out.clear()
        link.head = link.pending = 0

    def drained(self, link):
        """All is sent on a connection that ends."""
        if link.closed:
            return
        if link.mute or (link.gone and link.eof):
            self.close(link)
        elif not link.shut:
            link.shut = True
            try:
                link.sock.shutdown(socket.SHUT_WR)
            except OSError:
                pass

    def close(self, link):
        if link.closed:
            return
        self.want(link, 0)
        link.closed = link.gone = True
        link.sock.close()
        self.links.discard(link)
        self.leaving.discard(link)

    # ---- from bytes to messages ---------------------------------------------------------------------------------

    def length(self, raw):
        return len(raw)

    def feed(self, link, data):
        buf = link.buf
        buf += data
        while not (link.held or link.gone or link.doomed):
            i = buf.find(b"\n")
            if i < 0:
                if link.skipping:
                    buf.clear()
                elif len(buf) > self.MAX_FRAME and self.length(buf) > self.MAX_FRAME:
                    buf.clear()
                    link.skipping = True
                    self.too_long(link)
                return
            raw = bytes(buf[:i])
            del buf[:i + 1]
            if link.skipping:
                link.skipping = False
                self.line_skipped(link)
            else:
                self.line(link, raw)

    def hold(self, link):
        link.held = True
        self.want(link, link.events & ~READ)

    def resume(self, link):
        link.held = False
        if link.gone:
            return
        self.feed(link, b"")
        if link.held or link.gone:
            return
        if link.eof:
            self.end(link, "eof")
        else:
            self.want(link, link.events | READ)

    def too_long(self, link):
        self.refuse(link, Refused("frame_too_long", "A frame may have 1024 bytes at most"))

    def line_skipped(self, link):
        """The LF of a line that was too long: its error was sent before."""

    def line(self, link, raw):
        if len(raw) > self.MAX_FRAME and self.length(raw) > self.MAX_FRAME:
            self.too_long(link)
        elif raw.strip(WHITE):
            self.frame(link, raw)

    def frame(self, link, raw):
        try:
            self.dispatch(link, self.parse(link, raw))
        except Refused as r:
            self.refuse(link, r)

    def refuse(self, link, r):
        self.post(link, self.error(r))
        if r.close:
            self.end(link, "policy")

    def to_text(self, link, raw):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("malformed_json", "The frame is not UTF-8") from None

    def to_value(self, link, text):
        try:
            value = self.decoder.decode(text)
        except (ValueError, RecursionError):
            raise Refused("malformed_json", "The frame is not a valid JSON text") from None
        if "\\" in text and lone_surrogates(value):
            raise Refused("malformed_json", "The frame has a lone surrogate")
        return value

    def parse(self, link, raw):
        return self.check(link, self.to_value(link, self.to_text(link, raw)))

    def check(self, link, obj):
        if type(obj) is not dict:
            raise Refused("invalid_message", "A message is a JSON object")
        kind = obj.get("type")
        if type(kind) is not str:
            raise Refused("invalid_message", "A message has a type, which is a string")
        if kind not in CLIENT_TYPES:
            raise Refused("unknown_type", "This type of message is not known")
        self.check_members(link, kind, obj)
        return obj

    def check_members(self, link, kind, obj):
        if kind == "join":
            self.check_username(obj)
        else:
            if kind == "private_message":
                self.check_target(obj)
            self.check_content(obj)

    def check_username(self, obj):
        name = obj.get("username")
        if type(name) is not str:
            raise Refused("invalid_message", "A join has a username, which is a string")
        if not self.valid_name(name):
            raise Refused("username_invalid", "This username is not allowed")

    def check_target(self, obj):
        name = obj.get("target")
        if type(name) is not str or not self.valid_name(name):
            raise Refused("invalid_message", "A private message has a target, which is a name")

    def check_content(self, obj):
        content = obj.get("content")
        if type(content) is not str or not content:
            raise Refused("invalid_message", "A message has a content, which is a string and not empty")

    def valid_name(self, name):
        return 1 <= len(name) <= 32 and name[0] != " " and name[-1] != " " and not BAD_IN_NAME.search(name)

    # ---- what messages do ---------------------------------------------------------------------------------------

    def dispatch(self, link, obj):
        kind = obj["type"]
        if kind == "join":
            self.do_join(link, obj)
            return
        if link.name is None:
            self.not_joined(link, obj)
        if kind == "message":
            self.do_message(link, obj)
        else:
            self.do_private(link, obj)

    def not_joined(self, link, obj):
        raise Refused("not_joined", "Join first")

    def check_join(self, link, obj):
        if link.name is not None:
            raise Refused("already_joined", "You have joined already")
        if self.key(obj["username"]) in self.names:
            raise Refused("username_taken", "Username already taken")
        if len(self.names) >= self.CAPACITY:
            raise Refused("server_full", "The server is full", close=True)

    def do_join(self, link, obj):
        self.check_join(link, obj)
        self.enter(link, obj["username"])

    def enter(self, link, name):
        link.name = name
        self.names[self.key(name)] = link
        self.announce_join(link)

    def announce_join(self, link):
        self.broadcast(self.system(link.name + " joined the chat"))

    def do_message(self, link, obj):
        self.broadcast(self.public(link, obj))

    def find(self, link, target):
        return self.names.get(self.key(target))

    def do_private(self, link, obj):
        other = self.find(link, obj["target"])
        if other is not None:
            self.post(other, self.private(link, obj))
        self.post(link, self.confirmation(link, obj, other is not None))

    # ---- messages -----------------------------------------------------------------------------------------------

    def error(self, r):
        return {"type": "error", "message": r.text, "code": r.code}

    def system(self, text):
        return {"type": "system", "message": text, "timestamp": self.stamp()}

    def public(self, link, obj):
        return {"type": "message", "username": link.name, "content": obj["content"], "timestamp": self.stamp()}

    def private(self, link, obj):
        return {"type": "private_message", "sender": link.name, "content": obj["content"],
                "timestamp": self.stamp()}

    def confirmation(self, link, obj, delivered):
        m = {"type": "private_confirmation", "target": obj["target"], "content": obj["content"],
             "delivered": delivered}
        if not delivered:
            m["reason"] = "User not found"
        m["timestamp"] = self.stamp()
        return m

    # ---- from messages to bytes ---------------------------------------------------------------------------------

    def encode(self, msg):
        return json.dumps(msg, ensure_ascii=False).encode("utf-8")

    def pack(self, msg):
        return self.encode(msg) + b"\n"

    def post(self, link, msg):
        self.push(link, self.pack(msg))

    def broadcast(self, msg):
        data = self.pack(msg)
        for link in self.names.values():
            self.push(link, data)

    def push(self, link, data):
        if link.gone or link.mute or link.doomed:
            return
        link.out.append(data)
        link.pending += len(data)
        self.dirty.add(link)
        if link.pending > self.OUT_BURST and not link.events & WRITE:
            self.flush(link)
        if link.pending > self.OUT_LIMIT:
            self.flush(link)
            if link.pending > self.OUT_LIMIT:
                self.doom(link)

    def doom(self, link):
        if not link.doomed:
            link.doomed = True
            self.doomed.append(link)

    # ---- ends ---------------------------------------------------------------------------------------------------

    def end(self, link, how):
        """how: eof, reset, kick (too much unread), policy (another reason of the server)."""
        if link.gone:
            return
        link.gone = True
        link.eof = how == "eof"
        self.links.discard(link)
        self.leaving.add(link)
        if how in ("reset", "kick"):
            self.close(link)
        else:
            if how == "eof":
                self.want(link, link.events & ~READ)
            self.flush(link)
            if not link.closed:
                self.later(3, self.close, link)
        if link.name is not None:
            self.depart(link, how)
        self.ended(link, how)

    def ended(self, link, how):
        pass

    def depart(self, link, how):
        self.release(link)
        self.announce_leave(link)

    def release(self, link):
        k = self.key(link.name)
        if self.names.get(k) is link:
            del self.names[k]

    def announce_leave(self, link):
        if not self.stopping:
            self.broadcast(self.system(link.name + " left the chat"))

    # ---- the operator -------------------------------------------------------------------------------------------

    def announce(self, text):
        for i in range(0, len(text), 1200):
            self.broadcast({"type": "server", "message": text[i:i + 1200], "timestamp": self.stamp()})

    def read_operator(self):
        """In a thread: lines of standard input."""
        rest = b""
        while True:
            try:
                data = os.read(0, 65536)
            except OSError:
                return
            if not data:
                return
            *lines, rest = (rest + data).split(b"\n")
            for raw in lines:
                text = raw.decode("utf-8", "replace").strip("\r")
                if text.strip():
                    self.operator.append(text)
            os.write(self.wake_w, b"x")

    def begin_stop(self):
        self.stopping = True
        if self.listener is not None:
            try:
                self.sel.unregister(self.listener)
            except KeyError:
                pass
            self.listener.close()
            self.listener = None
        for link in list(self.names.values()):
            self.farewell(link)
        self.end_all()
        self.later(self.FLUSH_AT_STOP, self.shut_all)
        self.later(self.DRAIN_AT_STOP, self.close_all)

    def farewell(self, link):
        self.post(link, self.system("The server is stopping"))

    def end_all(self):
        for link in list(self.links):
            if not link.eof:
                self.want(link, link.events | READ)
            self.flush(link)

    def shut_all(self):
        for link in list(self.links):
            link.out.clear()
            link.head = link.pending = 0
            self.flush(link)

    def close_all(self):
        for link in list(self.links | self.leaving):
            self.close(link)
        self.finished = True

    # ---- the loop -----------------------------------------------------------------------------------------------

    def on_signal(self, signum, frame):
        self.stop_asked = True

    def woken(self, mask):
        try:
            os.read(self.wake_r, 65536)
        except BlockingIOError:
            pass

    def setup(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65536) if hard > 0 else 65536, hard))
        except (ValueError, OSError):
            pass
        self.wake_r, self.wake_w = os.pipe()
        os.set_blocking(self.wake_r, False)
        os.set_blocking(self.wake_w, False)
        self.sel.register(self.wake_r, READ, self.woken)
        signal.set_wakeup_fd(self.wake_w, warn_on_full_buffer=False)
        signal.signal(signal.SIGTERM, self.on_signal)
        signal.signal(signal.SIGINT, self.on_signal)
        if hasattr(signal, "SIGTTIN"):
            signal.signal(signal.SIGTTIN, signal.SIG_IGN)

    def run(self):
        self.setup()
        self.listen()
        try:
            print("listening on %s:%d" % (self.host, self.port), flush=True)
        except OSError:
            pass
        threading.Thread(target=self.read_operator, daemon=True).start()
        while not self.finished:
            self.turn()

    def turn(self):
        timeout = None
        if self.timers:
            timeout = max(0, self.timers[0][0] - time.monotonic())
        for key, mask in self.sel.select(timeout):
            link = key.data
            if type(link) is not Link:
                link(mask)
                continue
            if mask & WRITE and not link.closed:
                self.flush(link)
            if mask & READ and not link.closed:
                self.readable(link)
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            _, _, fn, args = heapq.heappop(self.timers)
            fn(*args)
        while self.operator:
            text = self.operator.popleft()
            if not self.stopping:
                self.announce(text)
        self.settle()
        if self.stop_asked and not self.stopping:
            self.begin_stop()
            self.settle()
        if self.stopping and not self.links and not self.leaving:
            self.all_gone()

    def all_gone(self):
        self.finished = True

    def settle(self):
        while self.dirty or self.doomed:
            dirty, self.dirty = self.dirty, set()
            for link in dirty:
                self.flush(link)
            doomed, self.doomed = self.doomed, []
            for link in doomed:
                self.end(link, "kick")
