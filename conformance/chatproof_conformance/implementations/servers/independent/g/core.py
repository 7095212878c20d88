"""What all Python servers share: frames, JSON, the rules of the chat.  Every part is a class that a subject may replace."""
import json
import re
import threading
import time

LIMIT = 1024
TOO_LONG = object()
TYPES = ("join", "message", "private_message")


class Refuse(Exception):
    def __init__(self, code, text):
        super().__init__(text)
        self.code, self.text = code, text


class Framer:
    """Bytes in, frames out; TOO_LONG stands for a frame over the limit."""
    limit = LIMIT

    def __init__(self):
        self.buf = bytearray()
        self.skip = False

    def feed(self, data):
        out = []
        self.buf += data
        while True:
            end = self.buf.find(b"\n")
            if end < 0:
                break
            line = bytes(self.buf[:end])
            del self.buf[:end + 1]
            if self.skip:
                self.skip = False
            else:
                self.line(line, out)
        if self.skip:
            self.buf.clear()
        elif len(self.buf) > self.limit:
            self.buf.clear()
            self.skip = True
            out.append(TOO_LONG)
        return out

    def line(self, line, out):
        if len(line) > self.limit:
            out.append(TOO_LONG)
        elif not self.blank(line):
            out.append(line)

    def blank(self, line):
        return not line.strip(b" \t\r")


class Codec:
    bad = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")

    def name_ok(self, v):
        return isinstance(v, str) and 1 <= len(v) <= 32 and not self.bad.search(v) and v[0] != " " != v[-1]

    def target_ok(self, v):
        return self.name_ok(v)

    def content_ok(self, v):
        return isinstance(v, str) and v != ""

    def text(self, frame):
        return frame.decode("utf-8")

    def pairs(self, pairs):
        out = dict(pairs)
        if len(out) != len(pairs):
            raise ValueError("a member name twice")
        return out

    def constant(self, word):
        raise ValueError(word)

    def load(self, text):
        return json.loads(text, object_pairs_hook=self.pairs, parse_constant=self.constant)

    def surrogates(self, value, text):
        """Raises if a string holds half of a pair."""
        json.dumps(value, ensure_ascii=False).encode("utf-8")

    def parse(self, frame):
        try:
            text = self.text(frame)
            value = self.load(text)
            self.surrogates(value, text)
        except (ValueError, RecursionError) as e:
            raise Refuse("malformed_json", "This is not JSON: %s" % type(e).__name__) from None
        return value

    def validate(self, msg):
        kind = msg.get("type")
        if not isinstance(kind, str):
            raise Refuse("invalid_message", "A message needs a type")
        if kind not in TYPES:
            raise Refuse("unknown_type", "Clients do not send this type")
        if kind == "join":
            if "username" not in msg:
                raise Refuse("invalid_message", "A join needs a username")
            if not self.name_ok(msg["username"]):
                raise Refuse("username_invalid", "This is not a name")
            return
        if kind == "private_message" and not self.target_ok(msg.get("target")):
            raise Refuse("invalid_message", "A private message needs a target")
        if not self.content_ok(msg.get("content")):
            raise Refuse("invalid_message", "A message needs content")

    def decode(self, frame):
        msg = self.parse(frame)
        if not isinstance(msg, dict):
            raise Refuse("invalid_message", "A message is an object")
        self.validate(msg)
        return msg

    def encode(self, msg):
        return json.dumps(msg, ensure_ascii=False, separators=(",", ":")).encode("utf-8") + b"\n"


class Hub:
    """The chat.  A connection `c` has name, gone, doomed, backlog(), send(bytes) and abort()."""
    MAX = 1 << 20

    def __init__(self, kit):
        self.kit, self.codec = kit, kit.Codec()
        self.users, self.doomed = {}, []
        self.lock = threading.RLock()
        self.stopping = False

    def now(self):
        return time.strftime("%H:%M:%S")

    # -- entries, called by the transports
    def opened(self, c):
        pass

    def frame(self, c, raw):
        with self.lock:
            if c.gone or c.doomed or self.stopping:
                return
            try:
                self.handle(c, raw)
            except Refuse as e:
                self.error(c, e.code, e.text)
            self.reap()

    def leave(self, c):
        with self.lock:
            self.ended(c)
            self.reap()

    def announce(self, text):
        with self.lock:
            if text and not self.stopping:
                self.to_all(dict(type="server", message=text, timestamp=self.now()))
                self.reap()

    def goodbye(self):
        with self.lock:
            self.to_all(dict(type="system", message="The server is stopping", timestamp=self.now()))
            self.stopping = True
            self.reap()

    # -- what is inside
    def handle(self, c, raw):
        if raw is TOO_LONG:
            raise Refuse("frame_too_long", "A frame has at most 1024 bytes")
        self.dispatch(c, self.codec.decode(raw))

    def dispatch(self, c, msg):
        kind = msg["type"]
        if kind == "join":
            self.on_join(c, msg)
        elif c.name is None:
            raise Refuse("not_joined", "Join first")
        elif kind == "message":
            self.on_message(c, msg)
        else:
            self.on_private(c, msg)

    def on_join(self, c, msg):
        name = msg["username"]
        if c.name is not None:
            raise Refuse("already_joined", "You have joined already")
        if name in self.users:
            raise Refuse("username_taken", "Username already taken")
        self.admit(c, name)

    def admit(self, c, name):
        self.users[name] = c
        c.name = name
        self.notice(name, "joined")

    def on_message(self, c, msg):
        self.to_all(dict(type="message", username=c.name, content=msg["content"], timestamp=self.now()))

    def find(self, c, target):
        return self.users.get(target)

    def on_private(self, c, msg):
        target, content = msg["target"], msg["content"]
        to = self.find(c, target)
        if to is not None:
            self.to(to, dict(type="private_message", sender=c.name, content=content, timestamp=self.now()))
        self.confirm(c, target, content, to is not None)

    def confirm(self, c, target, content, delivered):
        msg = dict(type="private_confirmation", target=target, content=content, delivered=delivered,
                   timestamp=self.now())
        if not delivered:
            msg["reason"] = "User not found"
        self.to(c, msg)

    def notice(self, name, verb):
        self.to_all(dict(type="system", message="%s %s the chat" % (name, verb), timestamp=self.now()))

    def error(self, c, code, text):
        self.to(c, dict(type="error", message=text, code=code))

    def ended(self, c):
        if c.gone:
            return
        c.gone = True
        if c.name is not None and self.users.get(c.name) is c:
            del self.users[c.name]
            if not self.stopping:
                self.notice(c.name, "left")

    def to(self, c, msg):
        self.push(c, self.codec.encode(msg))

    def to_all(self, msg):
        data = self.codec.encode(msg)
        for c in list(self.users.values()):
            self.push(c, data)

    def push(self, c, data):
        if c.gone or c.doomed:
            return
        if c.backlog() + len(data) > self.MAX:
            c.doomed = True
            self.doomed.append(c)
        else:
            c.send(data)

    def reap(self):
        while self.doomed:
            c = self.doomed.pop(0)
            self.ended(c)
            c.abort()
