"""Unusual servers that keep every requirement."""
import json
import random
import time

from server import ChatServer, Refused, Link, WHITE
from faults import too_deep
import server

CONFORMING = {}


def conforming(name, says):
    def add(cls):
        CONFORMING[name] = {"cls": cls, "says": says}
        return cls
    return add


def escaped(s):
    units = s.encode("utf-16-be")
    out = []
    for i in range(0, len(units), 2):
        u = units[i] << 8 | units[i + 1]
        out.append(("\\u%04x" if u & 1 else "\\u%04X") % u)
    return '"' + "".join(out) + '"'


@conforming("escape-all", "Every character of every string, member names included, is written as an escape of six bytes.")
class EscapeAll(ChatServer):
    def encode(self, msg):
        return ("{" + ",".join(
            escaped(k) + ":" + (escaped(v) if type(v) is str else json.dumps(v)) for k, v in msg.items()) + "}").encode()


@conforming("shuffled-white", "Members in random order, with spaces, tabs and CR between tokens and around the object, lines end in CR LF.")
class ShuffledWhite(ChatServer):
    def encode(self, msg):
        def w():
            return random.choice(("", " ", "\t", "\r", " \t ", "\r ", "    "))
        items = list(msg.items())
        random.shuffle(items)
        body = ",".join(w() + json.dumps(k) + w() + ":" + w() + self.value(v) + w() for k, v in items)
        return (w() + "{" + body + "}" + w() + "\r").encode()

    def value(self, v):
        text = json.dumps(v, ensure_ascii=random.random() < 0.5)
        return text.replace("/", "\\/") if random.random() < 0.5 else text


@conforming("keepalive-blanks", "Joined clients get blank lines (LF, CR LF, white space) between and without messages.")
class KeepaliveBlanks(ChatServer):
    BLANKS = (b"\n", b"\r\n", b" \t\r\n", b"  \n\n")

    def push(self, link, data):
        if link.name is not None and link.__dict__.get("greeted"):
            data = random.choice(self.BLANKS) + data
        elif link.name is not None:
            link.greeted = True
        super().push(link, data)

    def announce_join(self, link):
        super().announce_join(link)
        self.later(0.4, self.beat, link)

    def beat(self, link):
        if not link.gone and not self.stopping:
            ChatServer.push(self, link, random.choice(self.BLANKS))
            self.later(0.4, self.beat, link)


@conforming("dribble", "Output leaves in segments of a few bytes, cut inside tokens and characters, with pauses.")
class Dribble(ChatServer):
    def write_some(self, link, chunk):
        if len(chunk) > 4000:
            return link.sock.send(chunk)
        n = link.sock.send(chunk[:random.randint(1, 3)])
        if n < len(chunk) and random.random() < 0.05:
            time.sleep(0.001)
        while n < len(chunk):
            try:
                n += link.sock.send(chunk[n:n + random.choice((1, 7, 13, 60))])
            except (BlockingIOError, InterruptedError):
                break
            except OSError:
                if n:
                    break
                raise
        return n


@conforming("unhurried", "Output is collected and sent five times a second; a stop takes three seconds.")
class Unhurried(ChatServer):
    collecting = False

    def settle(self):
        if self.stopping:
            super().settle()
            return
        doomed, self.doomed = self.doomed, []
        for link in doomed:
            self.end(link, "kick")
        if self.dirty and not self.collecting:
            self.collecting = True
            self.later(0.2, self.collected)

    def collected(self):
        self.collecting = False
        dirty, self.dirty = self.dirty, set()
        for link in dirty:
            self.flush(link)

    warned = False

    def begin_stop(self):
        """Warns, serves for two seconds more, and then stops."""
        if self.warned:
            super().begin_stop()
            return
        self.warned = True
        self.stop_asked = False
        for link in list(self.names.values()):
            self.post(link, self.system("The server will stop in two seconds"))
        self.later(2, self.on_signal, 0, None)


@conforming("no-codes", "Errors have no code; their texts are long, in several lines, with emoji and quotes; the one for a name in use is the usual one.")
class NoCodes(ChatServer):
    def error(self, r):
        text = r.text
        if r.code != "username_taken":
            text = "\U0001f6ab \"" + text + "\"\n\t\u2014 \u00bfqu\u00e9? {\"type\": \"error\"}\r\n" + "\u3042" * 200
        return {"message": text, "type": "error"}


@conforming("last-codes", "Of the codes that fit, the last one in the order of precedence is used.")
class LastCodes(ChatServer):
    def frame(self, link, raw):
        try:
            self.dispatch(link, self.parse(link, raw))
            return
        except Refused as r:
            code = r.code
            try:
                obj = self.to_value(link, self.to_text(link, raw))
            except Refused:
                obj = None
            if type(obj) is dict:
                if obj.get("type") == "join":
                    if link.name is not None:
                        code = "already_joined"
                    elif code == "invalid_message" and "username" in obj:
                        code = "username_invalid"
                elif link.name is None:
                    code = "not_joined"
            self.refuse(link, Refused(code, r.text, r.close))


@conforming("extra-members", "Every message has additional members of the server's own, nested ones and null included, and errors a timestamp.")
class ExtraMembers(ChatServer):
    serial = 0

    def encode(self, msg):
        self.serial += 1
        return super().encode({"srv_version": 1.5, **msg, "srv_serial": self.serial, "srv_flags": [None, True, {"k": []}],
                               "srv_note": None, "srv_big": 1234567890123456789012})


@conforming("roster", "After the notice of its own join a client gets a welcome, the users present in the wording of joins, and a message of the day with names.")
class Roster(ChatServer):
    def announce_join(self, link):
        super().announce_join(link)
        self.post(link, self.system("Welcome, %s! %d here. Nobody left the chat today." % (link.name, len(self.names))))
        for name in self.names:
            if name != link.name:
                self.post(link, self.system(name + " joined the chat"))
        self.post(link, self.system("Say hello to: " + ", ".join(list(self.names)[:30]) + "."))


@conforming("eager-objects", "A complete object at the end of a read, or at the end of the stream, is handled without waiting for LF.")
class EagerObjects(ChatServer):
    def feed(self, link, data):
        super().feed(link, data)
        buf = link.buf
        if buf and not (link.held or link.gone or link.doomed or link.skipping) and buf.rstrip(WHITE)[-1:] == b"}":
            try:
                value = json.loads(buf.decode("utf-8"))
            except (ValueError, RecursionError):
                return
            if type(value) is dict:
                raw = bytes(buf)
                buf.clear()
                self.line(link, raw)


@conforming("deadlines", "Ends what it may end: who has not joined after 10.5 seconds, a line not ended within 10.5 seconds, 65,536 bytes with no LF; the error of a long frame comes with its LF.")
class Deadlines(ChatServer):
    def opened(self, link):
        link.begun = None
        link.run = 0
        self.later(10.5, self.check_login, link)

    def check_login(self, link):
        if link.name is None and not link.gone and not self.stopping:
            self.end(link, "policy")

    def check_line(self, link, begun):
        if link.begun == begun and not link.gone and not self.stopping:
            self.end(link, "policy")

    def feed(self, link, data):
        i = data.rfind(b"\n")
        if i < 0:
            link.run += len(data)
        else:
            link.run = len(data) - i - 1
            link.begun = None
        super().feed(link, data)
        if link.gone:
            return
        if link.run >= 65536:
            self.end(link, "policy")
        elif link.run and link.begun is None:
            link.begun = time.monotonic()
            self.later(10.5, self.check_line, link, link.begun)

    def too_long(self, link):
        if link.skipping:
            link.owed = True
        else:
            super().too_long(link)

    def line_skipped(self, link):
        super().too_long(link)


@conforming("capacity-50", "Fifty joined clients at most; the next join gets server_full and the end of the stream.")
class Capacity50(ChatServer):
    CAPACITY = 50


@conforming("late-leave", "A leave takes effect three seconds after the end of the connection: until then the name is in use and private messages are delivered.")
class LateLeave(ChatServer):
    def depart(self, link, how):
        if self.stopping:
            super().depart(link, how)
        else:
            self.later(3, self.depart_late, link, how)

    def depart_late(self, link, how):
        super().depart(link, how)


@conforming("confirm-first", "The confirmation comes before the message to oneself, has a reason when delivered, and each recipient gets timestamps of another time zone.")
class ConfirmFirst(ChatServer):
    zone = 0

    def stamp(self):
        return time.strftime("%H:%M:%S", time.gmtime(time.time() + 45900))

    def do_private(self, link, obj):
        other = self.find(link, obj["target"])
        self.post(link, self.confirmation(link, obj, other is not None))
        if other is not None:
            self.post(other, self.private(link, obj))

    def confirmation(self, link, obj, delivered):
        m = super().confirmation(link, obj, delivered)
        m["reason"] = "queued for " + obj["target"] if delivered else "User not found\n(" + obj["target"] + ")"
        return m

    def broadcast(self, msg):
        for link in self.names.values():
            self.push(link, self.pack(dict(msg, timestamp=self.stamp())))


@conforming("strict-limits", "Refuses all that may be refused: a byte order mark, more than 33 levels, more than 64 digits, numbers that a double rounds to infinity or zero.")
class StrictLimits(ChatServer):
    def make_decoder(self):
        def integer(text):
            if len(text.lstrip("-")) > 64:
                raise ValueError("too many digits")
            return int(text)

        def real(text):
            run = most = 0
            for c in text:
                run = run + 1 if c.isdigit() else 0
                most = max(most, run)
            v = float(text)
            mantissa = text.lower().split("e")[0]
            if most > 64 or v in (float("inf"), float("-inf")) or (v == 0 and mantissa.strip("-0.")):
                raise ValueError("out of range")
            return v
        return json.JSONDecoder(object_pairs_hook=server.unique, parse_constant=server.no_constant,
                                parse_int=integer, parse_float=real)

    def to_value(self, link, text):
        value = super().to_value(link, text)
        if too_deep(value, 33):
            raise Refused("invalid_message", "Too many levels")
        return value
