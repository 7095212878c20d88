"""Faults of framing, JSON and errors."""
import json
import re

from core import TOO_LONG, Refuse
from registry import fault


@fault("full-buffer-waits", "threads", "FRAME-3 ORDER-1",
       "After a read that filled its buffer of 4096 bytes it reads on before it handles anything, and so waits for more although nothing more comes.")
def _(B):
    class Server(B.Server):
        def reader(self, c):
            framer, data = self.kit.Framer(), b""
            try:
                while True:
                    chunk = c.sock.recv(4096)
                    data += chunk
                    if len(chunk) == 4096 and len(data) < 65536:
                        continue
                    self.got(c, framer.feed(data))
                    data = b""
                    if not chunk:
                        break
            except OSError:
                pass
            self.eof(c)
    B.Server = Server


@fault("crlf-not-counted", "aio", "FRAME-5",
       "The length of a line is measured without its CR, so that a frame of 1024 bytes and a CR is accepted.")
def _(B):
    class Framer(B.Framer):
        def line(self, line, out):
            super().line(line[:-1] if line.endswith(b"\r") else line, out)
    B.Framer = Framer


@fault("reason-quotes-content", "threads", "FRAME-1",
       "The reason of an undelivered confirmation quotes the content, and since every character is written as an escape, such a frame can be longer than 8192 bytes.")
def _(B):
    def string(s):
        u = s.encode("utf-16-be")
        return '"' + "".join("\\u%02x%02x" % (u[i], u[i + 1]) for i in range(0, len(u), 2)) + '"'

    class Codec(B.Codec):
        def encode(self, msg):
            return ("{" + ",".join('"%s":%s' % (k, string(v) if isinstance(v, str) else json.dumps(v))
                                   for k, v in msg.items()) + "}\n").encode()

    class Hub(B.Hub):
        def confirm(self, c, target, content, delivered):
            msg = dict(type="private_confirmation", target=target, content=content, delivered=delivered, timestamp=self.now())
            if not delivered:
                msg["reason"] = "User not found: " + content
            self.to(c, msg)
    B.Codec, B.Hub = Codec, Hub


@fault("exact-1024-in-parts", "aio", "FRAME-4 FRAME-2",
       "A frame of exactly 1024 bytes is refused if all of it has arrived before its LF (>= in the check of the part that waits).")
def _(B):
    class Framer(B.Framer):
        def feed(self, data):
            out = super().feed(data)
            if len(self.buf) >= self.limit:
                self.buf.clear()
                self.skip = True
                out.append(TOO_LONG)
            return out
    B.Framer = Framer


@fault("long-bytes-add-up", "select", "FRAME-5",
       "The count of skipped bytes is never reset, so that many frames that are a little too long end the connection as one of 65,536 bytes would.")
def _(B):
    class Framer(B.Framer):
        total = 0

        def feed(self, data):
            skipping, out = self.skip, super().feed(data)
            if skipping or TOO_LONG in out:
                self.total += len(data)
            return out

    class Server(B.Server):
        def got(self, c, frames):
            super().got(c, frames)
            if c.framer.total >= 65536:
                c.reading = False
                self.eof(c)
    B.Framer, B.Server = Framer, Server


@fault("buffer-by-fd", "select", "FRAME-2 JOIN-1",
       "Partial lines are kept by file descriptor and not thrown away at the end, so that the next connection inherits the rest of an earlier one.")
def _(B):
    class Conn(B.Conn):
        def __init__(self, sock, server):
            super().__init__(sock, server)
            self.framer = server.__dict__.setdefault("framers", {}).setdefault(sock.fileno(), self.framer)
    B.Conn = Conn


@fault("cesu-accepted", "pool", "ERROR-5",
       "UTF-8 is decoded with 'surrogatepass', so that an emoji written as two encoded surrogates (CESU-8) is accepted and passed on.")
def _(B):
    class Codec(B.Codec):
        def text(self, frame):
            return frame.decode("utf-8", "surrogatepass")

        def surrogates(self, value, text):
            s = json.dumps(value, ensure_ascii=False)
            if re.search("[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]", s):
                raise ValueError("lone surrogate")

        def encode(self, msg):
            return json.dumps(msg).encode() + b"\n"
    B.Codec = Codec


@fault("batch-array", "threads", "ERROR-2",
       "An array of messages is taken as a batch: each of them is handled, and there is no error.", subtle=False)
def _(B):
    class Hub(B.Hub):
        def handle(self, c, raw):
            if raw is not TOO_LONG and raw.lstrip()[:1] == b"[":
                batch = self.codec.parse(raw)
                if batch and all(isinstance(m, dict) for m in batch):
                    for m in batch:
                        self.codec.validate(m)
                    for m in batch:
                        self.dispatch(c, m)
                    return
            super().handle(c, raw)
    B.Hub = Hub


@fault("depth-counted-in-strings", "aio", "PUBLIC-1 PRIVATE-1",
       "The guard against deep nesting counts opening brackets in the bytes, and so refuses a content such as 40 times '['.")
def _(B):
    class Codec(B.Codec):
        def text(self, frame):
            depth = 0
            for b in frame:
                depth += (b in b"[{") - (b in b"]}")
                if depth > 33:
                    raise Refuse("invalid_message", "Nested too deeply")
            return super().text(frame)
    B.Codec = Codec


@fault("surrogates-by-regex", "threads", "PUBLIC-1 PRIVATE-1",
       "Lone surrogates are sought in the raw text, so that a content with an escaped backslash before 'ud83d' is refused.")
def _(B):
    class Codec(B.Codec):
        def surrogates(self, value, text):
            if re.search(r"\\u[dD][89abAB]..(?!\\u[dD][c-fC-F])|(?<!\\u[dD][89abAB]..)\\u[dD][c-fC-F]", text):
                raise ValueError("lone surrogate")
            super().surrogates(value, text)
    B.Codec = Codec


@fault("error-to-last-active", "select", "ERROR-11 FRAME-5 JOIN-11",
       "The error for a frame that is too long goes to the connection whose frame was handled last, which is another one if others are talking.")
def _(B):
    class Hub(B.Hub):
        active = None

        def handle(self, c, raw):
            if raw is TOO_LONG:
                self.error(self.active or c, "frame_too_long", "A frame has at most 1024 bytes")
                return
            self.active = c
            super().handle(c, raw)
    B.Hub = Hub


@fault("stale-error-code", "pool", "ERROR-12",
       "After a join with a name in use, every later error before the join has the code username_taken again.")
def _(B):
    class Hub(B.Hub):
        def error(self, c, code, text):
            if c.name is None and getattr(c, "code", "") == "username_taken":
                code = c.code
            c.code = code
            super().error(c, code, text)
    B.Hub = Hub


@fault("lone-low-accepted", "select", "ERROR-7 FRAME-1",
       "Only high surrogates without a low one are sought; a lone low surrogate is accepted and passed on as an escape.", subtle=False)
def _(B):
    class Codec(B.Codec):
        def surrogates(self, value, text):
            if re.search("[\ud800-\udbff]", json.dumps(value, ensure_ascii=False)):
                raise ValueError("lone surrogate")

        def encode(self, msg):
            return json.dumps(msg).encode() + b"\n"
    B.Codec = Codec


@fault("absent-before-content", "actors", "ERROR-4 FRAME-8",
       "The target is looked up before the content is checked: a private message to somebody absent with no valid content is confirmed as undelivered.")
def _(B):
    class Codec(B.Codec):
        def validate(self, msg):
            if msg.get("type") == "private_message" and self.target_ok(msg.get("target")) and "content" in msg:
                return
            super().validate(msg)

    class Hub(B.Hub):
        def on_private(self, c, msg):
            if self.find(c, msg["target"]) and not self.codec.content_ok(msg["content"]):
                raise Refuse("invalid_message", "A message needs content")
            super().on_private(c, msg)
    B.Codec, B.Hub = Codec, Hub


@fault("error-quotes-last-text", "pool", "PRIVATE-2 ERROR-11 JOIN-11",
       "The error for a frame that is not JSON quotes the parser's buffer, which still holds the last good frame, of whichever connection.")
def _(B):
    class Codec(B.Codec):
        last = ""

        def parse(self, frame):
            try:
                value = super().parse(frame)
            except Refuse as e:
                raise Refuse(e.code, "Not JSON, near: " + (self.last or "the beginning")) from None
            self.last = self.text(frame)
            return value
    B.Codec = Codec
