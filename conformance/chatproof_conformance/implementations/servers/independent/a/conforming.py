"""Unusual servers that keep the specification."""
import collections, json, random, time
from server import *

ALL, CATALOGUE = {}, []


def conforming(name, says, ids=""):
    def deco(cls):
        ALL[name] = cls
        i = ids.split()
        CATALOGUE.append({"name": name, "kind": "conforming", "ids": i, "root": i[0] if i else None, "says": says, "subtle": True})
        return cls
    return deco


def escape_all(s):
    out = []
    for c in s:
        n = ord(c)
        if n > 0xffff:
            n -= 0x10000
            out.append("\\u%04X\\u%04x" % (0xd800 + (n >> 10), 0xdc00 + (n & 0x3ff)))
        else:
            out.append("\\u%04X" % n)
    return '"' + "".join(out) + '"'


@conforming("all-escapes", "writes every character of every value as a \\u escape, and that of type too")
class AllEscapes(Server):
    ANNOUNCE_MAX = 1200
    MAX_OUT = 24 << 20

    def encode(self, msg):
        f = lambda v: escape_all(v) if isinstance(v, str) else json.dumps(v)
        return ("{" + ",".join(json.dumps(k) + ":" + f(v) for k, v in msg.items()) + "}\n").encode()


@conforming("odd-layout", "writes members in reverse order, with tabs, CR and spaces around all tokens, escaped member names, and CR LF at the end")
class OddLayout(Server):
    def encode(self, msg):
        parts = [escape_all(k) + "\t:\r " + json.dumps(v, ensure_ascii=False) for k, v in reversed(list(msg.items()))]
        return (" \t{ \r" + " ,\t".join(parts) + "\r}\t \r\n").encode()


@conforming("blank-lines", "sends blank lines of several sorts after each frame, and to joined clients one every 200 ms")
class BlankLines(Server):
    def encode(self, msg):
        return super().encode(msg) + b"\n\r\n \t \n"

    def setup(self):
        self.later(0.2, self.tick)

    def tick(self):
        for c in list(self.users.values()):
            self.push(c, b" \n")
        self.later(0.2, self.tick)


@conforming("small-writes", "sends in single bytes and small pieces, cut at any byte")
class SmallWrites(Server):
    def refill(self, conn):
        data = conn.out.popleft()
        n = len(data)
        if conn.outlen < 1000 and len(self.open) < 12:
            n = 1
        elif conn.outlen < 65536:
            n = random.choice((1, 70, 400))
        conn.pend = data[:n]
        if data[n:]:
            conn.out.appendleft(data[n:])


class Delayed(Server):
    """All output of a connection comes later, in order."""
    def delay(self, conn):
        return 0.25

    def setup(self):
        self.pushing = False

    def push(self, conn, data):
        if self.pushing or self.stop_requested:
            return self.direct(conn, data)
        q = conn.__dict__.setdefault("late", collections.deque())
        at = int((time.monotonic() + self.delay(conn)) * 100 + 1) / 100
        at = conn.last_at = max(at, getattr(conn, "last_at", 0))
        q.append(data)
        self.later(at - time.monotonic(), lambda: q and self.direct_q(conn, q.popleft()))

    def direct_q(self, conn, data):
        if not conn.nowrite and not conn.closed and (not conn.ended or getattr(conn, "dying", False)):
            conn.out.append(data)
            conn.outlen += len(data)
            self.dirty[conn] = None

    def direct(self, conn, data):
        while conn.__dict__.get("late"):
            self.direct_q(conn, conn.late.popleft())
        self.direct_q(conn, data)

    def settle(self, conn):
        while conn.__dict__.get("late") and not conn.nowrite:
            data = conn.late.popleft()
            conn.out.append(data)
            conn.outlen += len(data)
        super().settle(conn)


@conforming("jitter", "sends what each client gets with its own changing delay of up to 300 ms, in order for each client")
class Jitter(Delayed):
    def delay(self, conn):
        return random.random() * 0.28


@conforming("late-leaves", "notices the end of a connection 2 seconds late; until then the user is joined and its name is in use")
class LateLeaves(Server):
    def on_eof(self, conn):
        self.want(conn, 0)
        self.later(2.0 if conn.joined else 0, lambda: Server.on_eof(self, conn))

    def want(self, conn, interest):
        if conn.peer_eof and not conn.ended:
            interest &= ~READ
        super().want(conn, interest)


@conforming("no-codes", "never sends a code with an error, and other texts in its errors where nothing is said of them")
class NoCodes(Server):
    CODES = False

    def error_message(self, r):
        text = r.text if r.code == "username_taken" else "\u00a1No! \U0001f645 \"%s\" \\ \n" % r.code
        return {"message": text, "type": "error"}


@conforming("talkative", "after the join notice welcomes each new client with several system messages, one of which names users that are present")
class Talkative(Server):
    def welcome(self, conn):
        self.send(conn, self.system("Welcome!"))
        names = [c.name for c in self.users.values() if c is not conn][:10]
        self.send(conn, self.system("Present: " + (", ".join(names) or "nobody else")))
        self.send(conn, self.system("Be kind.\nNo advertising."))


@conforming("far-zone", "keeps the time zone UTC+13:45")
class FarZone(Server):
    def clock(self):
        return time.gmtime(time.time() + 13 * 3600 + 45 * 60)


@conforming("close-64k", "closes a connection once 65,536 bytes have come with no LF, and one that has not joined after 10 seconds")
class Close64k(Server):
    def feed(self, conn, data):
        run = getattr(conn, "run", 0)
        i = data.find(b"\n")
        conn.run = run + len(data) if i < 0 else len(data) - data.rfind(b"\n") - 1
        super().feed(conn, data)
        if conn.run >= 65536:
            self.end(conn)

    def accepted(self, conn):
        self.later(10.5, lambda: conn.joined or self.end(conn))


@conforming("no-lf-objects", "handles a complete object at the end of a read without waiting for the LF (section 17)")
class NoLfObjects(Server):
    def feed(self, conn, data):
        super().feed(conn, data)
        b = conn.buf.strip(WS)
        if b[:1] == b"{" and b[-1:] == b"}" and not conn.ended:
            try:
                json.loads(b.decode("utf-8"))
            except (ValueError, RecursionError):
                return
            line, conn.buf = conn.buf, b""
            self.take_line(conn, line)


@conforming("last-code", "answers with the last code in the order of precedence that fits")
class LastCode(Server):
    def refuse(self, conn, r):
        super().refuse(conn, r)

    def dispatch(self, conn, obj):
        t = obj.get("type")
        if isinstance(t, str):
            if t != "join":
                self.need_joined(conn)
            elif conn.joined:
                raise Refuse("already_joined", "Already joined")
            elif "username" in obj and not isinstance(obj["username"], str):
                raise Refuse("username_invalid", "Username invalid")
        super().dispatch(conn, obj)


@conforming("round-robin", "handles one frame of each connection in a turn, and confirms before it delivers")
class RoundRobin(Server):
    def take_lines(self, conn, lines):
        conn.__dict__.setdefault("q", collections.deque()).extend(lines)
        self.step(conn)

    def step(self, conn):
        if getattr(conn, "busy", False) or not conn.q or conn.ended:
            return
        conn.busy = True

        def go():
            conn.busy = False
            if conn.q and not conn.ended:
                what = conn.q.popleft()
                if what is None:
                    Server.frame_too_long(self, conn)
                elif what is READ:
                    return Server.on_eof(self, conn)
                else:
                    conn.stepping = True
                    self.take_line(conn, what)
                    conn.stepping = False
            self.step(conn)
        self.later(0, go)

    def frame_too_long(self, conn):
        if not getattr(conn, "stepping", False) and conn.__dict__.get("q"):
            conn.q.append(None)
        else:
            super().frame_too_long(conn)

    def on_eof(self, conn):
        if conn.__dict__.get("q"):
            self.want(conn, conn.interest & ~READ)
            conn.q.append(READ)
        else:
            super().on_eof(conn)

    def want(self, conn, interest):
        if conn.peer_eof and not conn.ended:
            interest &= ~READ
        super().want(conn, interest)

    def deliver(self, conn, other, target, content, obj):
        self.confirm(conn, target, content, True, obj)
        self.send(other, self.private_message(conn, content, obj))


@conforming("patient-limit", "ignores blank lines of any length, sends the error for a frame that is too long only at its LF, and ignores a byte order mark")
class PatientLimit(Server):
    def feed(self, conn, data):
        lines = data.split(b"\n")
        tail = lines.pop()
        for line in lines:
            self.piece(conn, line)
            if conn.skipping:
                self.frame_too_long(conn)
            else:
                self.take_line(conn, conn.buf)
            conn.buf, conn.skipping = b"", False
            if conn.ended:
                return
        self.piece(conn, tail)

    def piece(self, conn, data):
        if conn.skipping:
            return
        conn.buf += data
        if len(conn.buf) > self.LIMIT:
            if conn.buf.strip(WS):
                conn.skipping, conn.buf = True, b""
            else:
                # blank so far: white space counts, but need not be kept
                conn.buf = conn.buf[:self.LIMIT + 1]

    def take_line(self, conn, line):
        if self.is_blank(line):
            return
        super().take_line(conn, line)

    def decode(self, line):
        return super().decode(line).removeprefix("\ufeff")


@conforming("own-words", "has its own words for notices, errors and confirmations, closes after a taken name, and stops without a word",
            "JOIN-3 JOIN-5 LEAVE-3 CONFIRM-3 STOP-2")
class OwnWords(Server):
    def join_text(self, name):
        return "--> " + name

    def leave_text(self, name):
        return "<-- " + name

    def name_taken(self, conn, name):
        raise Refuse("username_taken", "Sorry, somebody else has that name", close=True)

    def confirmation(self, conn, target, content, delivered, obj):
        m = super().confirmation(conn, target, content, delivered, obj)
        m.pop("reason", None)
        return m

    def stop_message(self):
        pass
