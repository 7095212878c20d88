"""The chat itself, apart from any input and output. A transport calls opened, received, eof and reset; faults override methods."""
import json
import re
import time


class Refuse(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


TOO_LONG, EOF = "too long", "eof"
BAD = re.compile("[\0-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
SURROGATE = re.compile("[\ud800-\udfff]")
CLIENT_TYPES = ("join", "message", "private_message")


class Conn:
    """A connection, as the hub sees it. Transports subclass it: write(bytes), kill(), finish(), pending."""

    def __init__(self):
        self.buf, self.skip, self.skipped = bytearray(), False, 0
        self.lines, self.paused, self.pumping = [], False, False
        self.name, self.joined, self.ended, self.doomed = None, False, False, False
        self.out, self.off = [], 0
        self.x = {}  # for faults


class Hub:
    limit = 1 << 20  # bytes that may wait for a client
    max = 1024
    sndbuf = None
    nodelay = True

    def __init__(self, transport):
        self.t = transport
        self.conns = []
        self.users = {}
        self.stopping = False
        self.setup()

    def setup(self):
        pass

    # -- events of the transport
    def opened(self, c):
        self.conns.append(c)

    def received(self, c, data):
        if c.ended or self.stopping:
            return
        self.extract(c, data)
        self.pump(c)

    def eof(self, c):
        if c.ended:
            return
        c.lines.append(EOF)
        self.pump(c)

    def reset(self, c):
        if not c.ended:
            c.lines.clear()
            self.leave(c, "reset")

    # -- frames
    def extract(self, c, data):
        pos = 0
        while True:
            i = data.find(b"\n", pos)
            if i < 0:
                break
            if c.skip:
                self.more_skipped(c, i - pos)
                c.skip = False
            else:
                c.lines.append(bytes(c.buf) + data[pos:i])
            c.buf.clear()
            pos = i + 1
        rest = data[pos:]
        if c.skip:
            self.more_skipped(c, len(rest))
        else:
            c.buf += rest
            if len(c.buf) > self.max:
                c.lines.append(TOO_LONG)
                c.skip, c.skipped = True, 0
                self.more_skipped(c, len(c.buf))
                c.buf.clear()

    def more_skipped(self, c, n):
        c.skipped += n

    def pump(self, c):
        if c.pumping:
            return
        c.pumping = True
        while c.lines and not c.paused and not c.ended:
            line = c.lines.pop(0)
            if line is EOF:
                self.leave(c, "eof")
            elif line is TOO_LONG:
                self.refuse(c, "frame_too_long", "That frame is too long", b"")
            else:
                self.line(c, line)
        c.pumping = False

    def resume(self, c):
        c.paused = False
        self.pump(c)

    def blank(self, line):
        return not line.strip(b" \t\r")

    def too_long(self, line):
        return len(line) > self.max

    def line(self, c, line):
        if self.blank(line):
            return self.blank_line(c, line)
        if self.too_long(line):
            return self.refuse(c, "frame_too_long", "That frame is too long", b"")
        try:
            message = self.parse(c, line)
            self.check(c, message)
        except Refuse as r:
            return self.refuse(c, r.code, r.text, line)
        self.handle(c, message)

    def blank_line(self, c, line):
        pass

    def decode(self, line):
        return line.decode("utf-8")

    def pairs(self, pairs):
        d = dict(pairs)
        if len(d) != len(pairs):
            raise Refuse("malformed_json", "A member occurs twice")
        return d

    def constant(self, name):
        raise ValueError(name)

    def loads(self, text):
        return json.loads(text, object_pairs_hook=self.pairs, parse_constant=self.constant)

    def parse(self, c, line):
        try:
            value = self.loads(self.decode(line))
        except Refuse:
            raise
        except (ValueError, RecursionError) as e:
            raise Refuse("malformed_json", "That is not JSON") from e
        self.surrogates(value)
        return value

    def surrogates(self, value):
        todo = [value]
        while todo:
            v = todo.pop()
            if isinstance(v, str):
                if SURROGATE.search(v):
                    raise Refuse("malformed_json", "A lone surrogate")
            elif isinstance(v, list):
                todo += v
            elif isinstance(v, dict):
                todo += v.keys()
                todo += v.values()

    def valid_name(self, name):
        return 1 <= len(name) <= 32 and not BAD.search(name) and name[0] != " " and name[-1] != " "

    valid_username = valid_target = valid_name

    def check(self, c, m):
        if not isinstance(m, dict):
            raise Refuse("invalid_message", "That is not an object")
        kind = m.get("type")
        if not isinstance(kind, str):
            raise Refuse("invalid_message", "A message needs a type")
        if kind not in CLIENT_TYPES:
            raise Refuse("unknown_type", "Unknown type")
        if kind == "join":
            name = m.get("username")
            if not isinstance(name, str):
                raise Refuse("invalid_message" if "username" not in m else "username_invalid", "A join needs a username")
            if not self.valid_username(name):
                raise Refuse("username_invalid", "That is not a valid username")
        else:
            content = m.get("content")
            if not isinstance(content, str) or not content:
                raise Refuse("invalid_message", "A message needs content")
            if kind == "private_message":
                target = m.get("target")
                if not isinstance(target, str) or not self.valid_target(target):
                    raise Refuse("invalid_message", "A private message needs a target")
        self.check_state(c, m)

    def check_state(self, c, m):
        if m["type"] == "join":
            if c.joined:
                raise Refuse("already_joined", "You have joined already")
        elif not c.joined:
            raise Refuse("not_joined", "Join first")

    def refuse(self, c, code, text, line):
        self.send(c, {"type": "error", "message": text, "code": code})

    # -- what messages do
    def handle(self, c, m):
        {"join": self.do_join, "message": self.do_message, "private_message": self.do_private}[m["type"]](c, m)

    def taken(self, name, c):
        return name in self.users

    def full(self):
        return False

    def do_join(self, c, m):
        name = m["username"]
        if self.full():
            self.send(c, {"type": "error", "message": "The server is full", "code": "server_full"})
            self.end(c)
            return
        if self.taken(name, c):
            return self.refuse_taken(c, name)
        self.register(c, name)

    def refuse_taken(self, c, name):
        self.send(c, {"type": "error", "message": "Username already taken", "code": "username_taken"})

    def register(self, c, name):
        c.name, c.joined = name, True
        self.users[name] = c
        self.join_notice(c)

    def join_text(self, name):
        return f"{name} joined the chat"

    def leave_text(self, name, how):
        return f"{name} left the chat"

    def join_notice(self, c):
        self.broadcast(self.system(self.join_text(c.name)), c)

    def do_message(self, c, m):
        self.broadcast({"type": "message", "username": c.name, "content": m["content"], "timestamp": self.now()}, c)

    def find(self, c, target):
        return self.users.get(target)

    def do_private(self, c, m):
        to = self.find(c, m["target"])
        if to:
            self.send(to, self.private(c, m), c)
        self.confirm(c, m, bool(to))

    def private(self, c, m):
        return {"type": "private_message", "sender": c.name, "content": m["content"], "timestamp": self.now()}

    def confirm(self, c, m, delivered):
        answer = {"type": "private_confirmation", "target": m["target"], "content": m["content"], "delivered": delivered}
        if not delivered:
            answer["reason"] = self.reason(c, m)
        answer["timestamp"] = self.now()
        self.send(c, answer, c)

    def reason(self, c, m):
        return "User not found"

    # -- out
    def now(self):
        return time.strftime("%H:%M:%S")

    def system(self, text):
        return {"type": "system", "message": text, "timestamp": self.now()}

    def joined(self):
        return [c for c in self.conns if c.joined and not c.ended]

    def broadcast(self, message, cause=None):
        for c in self.joined():
            self.send(c, message, cause)

    def encode(self, message):
        return json.dumps(message, ensure_ascii=False).encode()

    def send(self, c, message, cause=None):
        self.put(c, self.encode(message) + b"\n")

    def put(self, c, data):
        if c.ended or c.doomed:
            return
        c.write(data)
        if c.pending() > self.limit:
            self.doom(c)

    def doom(self, c):
        if not c.doomed and not c.ended:
            c.doomed = True
            self.t.later(0, lambda: self.overrun(c))

    def overrun(self, c):
        if not c.ended:
            self.leave(c, "kill")

    def end(self, c):
        """The server itself ends the connection, in order."""
        if not c.ended:
            self.leave(c, "end")

    # -- the end of a connection
    def leave(self, c, how):
        was = c.joined
        c.ended, c.joined = True, False
        if c in self.conns:
            self.conns.remove(c)
        if how == "end":
            c.finish()
        else:
            c.kill()
        if was:
            self.left(c, how)
        else:
            self.guest_left(c, how)

    def free(self, c):
        if self.users.get(c.name) is c:
            del self.users[c.name]

    def left(self, c, how):
        self.free(c)
        self.leave_notice(c, how)

    def leave_notice(self, c, how):
        self.broadcast(self.system(self.leave_text(c.name, how)), c)

    def guest_left(self, c, how):
        pass

    # -- the operator
    def announce(self, text):
        if text and not self.stopping:
            self.broadcast({"type": "server", "message": text, "timestamp": self.now()})

    def farewell(self):
        """Called once by the transport when it is asked to stop; the transport ends the connections afterwards."""
        self.say_farewell()
        self.stopping = True

    def say_farewell(self):
        self.broadcast(self.system("The server is stopping"))
