"""Sixty servers with one fault each."""
import json, re, select, socket, time
from datetime import datetime
from server import Server, Refuse, Conn, BAD_IN_NAME, LF, WS

CATALOGUE = []


def fault(name, root, ids, subtle, says):
    ids = ids.split()
    assert root in ids, name
    def deco(cls):
        CATALOGUE.append({"name": name, "kind": "faulty", "ids": ids, "root": root, "says": says,
                          "subtle": subtle, "cls": cls})
        return cls
    return deco


P, S = False, True

# ---------------------------------------------------------------------------- the wire


@fault("limit-1023", "FRAME-4", "FRAME-4 PUBLIC-1 PRIVATE-1 JOIN-1 PUBLIC-3", P, "Refuses a frame of exactly 1024 bytes: the limit counts the LF.")
class Limit1023(Server):
    LIMIT = 1023


@fault("iso-time", "FRAME-8", "FRAME-8", P, "Timestamps are datetime.isoformat(), with microseconds.")
class IsoTime(Server):
    def now(self):
        t = datetime.now().time()
        return t.replace(microsecond=t.microsecond or 1).isoformat()


@fault("reason-null", "FRAME-8", "FRAME-8", P, "A confirmation with delivered true has \"reason\": null.")
class ReasonNull(Server):
    def confirmation(self, target, content, delivered, obj):
        m = super().confirmation(target, content, delivered, obj)
        m.setdefault("reason", None)
        return m


@fault("unicode-strip", "ERROR-1", "ERROR-1 ERROR-6", S,
       "Strips frames with str.strip(): NBSP, FF, VT, U+2028 etc. around an object are accepted, a line of them alone counts as blank.")
class UnicodeStrip(Server):
    def on_line(self, c, line):
        try:
            line = line.decode("utf-8").strip().encode("utf-8")
        except UnicodeDecodeError:
            pass
        super().on_line(c, line)


@fault("splitlines", "PUBLIC-1", "PUBLIC-1 PRIVATE-1 PUBLIC-3 CONFIRM-1 CONFIRM-2 JOIN-1 ERROR-1 ERROR-4 ERROR-6", S,
       "Splits decoded text with str.splitlines(): a raw U+2028, U+0085 in content or a CR between tokens tears a frame apart.")
class Splitlines(Server):
    def on_line(self, c, line):
        try:
            parts = line.decode("utf-8").splitlines()
        except UnicodeDecodeError:
            return super().on_line(c, line)
        for part in parts:
            super().on_line(c, part.encode("utf-8"))


@fault("cr-not-counted", "FRAME-5", "FRAME-5", S, "Removes the CR of CR LF before it checks the length: a frame of 1024 bytes and a CR (1025) is accepted.")
class CrNotCounted(Server):
    def is_too_long(self, line):
        return len(line[:-1] if line.endswith(b"\r") else line) > self.LIMIT

    def long_tail(self, c, buf):
        if len(buf) == self.LIMIT + 1 and buf.endswith(b"\r"):
            return
        super().long_tail(c, buf)


@fault("overlong-tail", "FRAME-5", "FRAME-5 ERROR-11", S,
       "When a frame grows too long before its LF has come, the buffer is dropped but not the rest of the frame: what comes later, up to the LF, is handled as a frame.")
class OverlongTail(Server):
    def long_tail(self, c, buf):
        self.too_long(c)
        buf.clear()


@fault("frames-64", "FRAME-3", "FRAME-3 PUBLIC-1 PRIVATE-1 CONFIRM-1 LEAVE-6", S,
       "Handles at most 64 frames per read; the others wait in the buffer for the next read, and are lost if the stream ends.")
class Frames64(Server):
    def feed(self, c, data):
        c.buf += data
        n, pos = 0, 0
        while n < 64:
            i = c.buf.find(LF, pos)
            if i < 0:
                break
            pos, n = i + 1, n + 1
        rest = bytes(c.buf[pos:])
        chunk = bytes(c.buf[:pos])
        c.buf.clear()
        if n < 64:
            super().feed(c, chunk + rest)
        else:
            super().feed(c, chunk)
            c.buf += rest


@fault("brace-count", "FRAME-2", "FRAME-2 PUBLIC-1 PRIVATE-1 CONFIRM-1 CONFIRM-2 JOIN-1 PUBLIC-3", S,
       "To serve peers without LF, takes what it has read as a frame once its braces balance, also those in strings: a frame cut after a } in a string is torn apart.")
class BraceCount(Server):
    def feed(self, c, data):
        super().feed(c, data)
        if not c.ended and not c.skip and c.buf.lstrip(WS)[:1] == b"{" and c.buf.count(b"{") == c.buf.count(b"}"):
            line = bytes(c.buf)
            c.buf.clear()
            self.on_line(c, line)


@fault("shared-buffer", "FRAME-2", "FRAME-2 PUBLIC-1 PUBLIC-2 PRIVATE-1 JOIN-1 ERROR-11 LOAD-3", S,
       "The buffer for partial frames is a mutable default, shared by all connections: partial frames of two connections mix.")
class SharedBuffer(Server):
    def setup(self):
        self.shared, self.owner = bytearray(), None

    def on_accept(self, c):
        c.buf = self.shared

    def feed(self, c, data):
        self.owner = c
        super().feed(c, data)

    def end(self, c):
        if self.owner is c:
            self.shared.clear()
        super().end(c)


@fault("fd-state", "JOIN-1", "JOIN-1 FRAME-2 ERROR-11", S,
       "Partial frames are kept by file descriptor and not dropped at the end: the first frame of the next connection with that descriptor gets them in front.")
class FdState(Server):
    def setup(self):
        self.bufs = {}

    def on_accept(self, c):
        c.buf = self.bufs.setdefault(c.fd, bytearray())


# ---------------------------------------------------------------------------- names and content


@fault("casefold", "JOIN-7", "JOIN-7 JOIN-1", P, "Names that differ only in letter case count as the same.")
class Casefold(Server):
    def is_taken(self, name):
        return name.casefold() in [n.casefold() for n in self.users]


@fault("name-utf16", "JOIN-1", "JOIN-1 CONFIRM-2", S, "The 32 characters of a name are counted in UTF-16 units: a name of more than 16 emoji is refused.")
class NameUtf16(Server):
    def valid_name(self, name):
        return super().valid_name(name) and len(name.encode("utf-16-le")) <= 64


NAME_RE = re.compile("^(?! )[^" + BAD_IN_NAME.pattern[1:-1] + "]{1,32}(?<! )$")


@fault("regex-dollar", "JOIN-8", "JOIN-8 ERROR-4 FRAME-8", S, "Checks names with a pattern that ends with $, which lets one line feed at the end pass.")
class RegexDollar(Server):
    def valid_name(self, name):
        return NAME_RE.match(name) is not None


@fault("content-trim", "PUBLIC-2", "PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2", P, "Trims white space at both ends of content.")
class ContentTrim(Server):
    def get_content(self, obj):
        content = super().get_content(obj)
        return content.strip() or content


@fault("dedupe", "PUBLIC-1", "PUBLIC-1", S, "A public message that repeats the user's previous one within two seconds is taken for a double click and dropped.")
class Dedupe(Server):
    def public(self, c, content, obj):
        last, t = getattr(c, "last", (None, 0))
        c.last = (content, time.monotonic())
        if content == last and time.monotonic() - t < 2:
            return
        super().public(c, content, obj)


@fault("crlf-content", "PUBLIC-2", "PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2", S, "Line ends in content (CR LF, CR) are unified to LF.")
class CrlfContent(Server):
    def get_content(self, obj):
        return super().get_content(obj).replace("\r\n", "\n").replace("\r", "\n")


# ---------------------------------------------------------------------------- joining


@fault("users-first", "JOIN-2", "JOIN-2 JOIN-11", P, "A new client gets the list of users before the notice of its own join.")
class UsersFirst(Server):
    def joined(self, c):
        self.send(c, {"type": "system", "message": "%d users are here" % len(self.users), "timestamp": self.now()})
        super().joined(c)


@fault("cleanup-name", "JOIN-4", "JOIN-4 LEAVE-5 JOIN-13 PUBLIC-1 PRIVATE-1 LEAVE-1 LEAVE-2 LEAVE-7 JOIN-1 SERVER-1", S,
       "A connection remembers the name of a join refused as taken; when it ends without having joined, the clean-up removes that user, who is still there, and tells of a leave.")
class CleanupName(Server):
    def join_taken(self, c, name):
        c.name = name
        super().join_taken(c, name)

    def left(self, c):
        if self.users.get(c.name) is c:
            super().left(c)

    def end(self, c):
        ended = c.ended
        super().end(c)
        if not ended and not c.joined and c.name in self.users:
            del self.users[c.name]
            if not self.stopping:
                self.tell_left(c)


@fault("join-race", "JOIN-6", "JOIN-6", S, "Between the check whether a name is free and the join lie 30 ms of waiting, without a second check: two joins at once both succeed.")
class JoinRace(Server):
    def recipients(self):
        return [c for c in self.conns.values() if c.joined]

    def join(self, c, name):
        c.waiting, c.held = name, bytearray()
        self.later(0.03, self.complete, c)

    def complete(self, c):
        if getattr(c, "waiting", None) is None:
            return
        name, c.waiting = c.waiting, None
        super().join(c, name)
        held, c.held = bytes(c.held), bytearray()
        self.feed(c, held)

    def on_line(self, c, line):
        if getattr(c, "waiting", None) is not None:
            c.held += line + b"\n"
        else:
            super().on_line(c, line)

    def too_long(self, c):
        if getattr(c, "waiting", None) is not None:
            c.held += b"x" * 1025 + b"\n"
        else:
            super().too_long(c)

    def long_tail(self, c, buf):
        if getattr(c, "waiting", None) is not None:
            c.held += buf
            buf.clear()
        else:
            super().long_tail(c, buf)

    def feed(self, c, data):
        if getattr(c, "waiting", None) is not None:
            c.held += data       # keeps the order of frames
        else:
            super().feed(c, data)
            if getattr(c, "waiting", None) is not None:
                c.held += c.buf
                c.buf.clear()

    def on_eof(self, c):
        self.complete(c)
        super().on_eof(c)

    def on_reset(self, c):
        self.complete(c)
        super().on_reset(c)


@fault("prejoin-kept", "JOIN-9", "JOIN-9 ERROR-11", S, "A public message before the join gets its error, but is kept and published when the client joins.")
class PrejoinKept(Server):
    def do_message(self, c, obj):
        if not c.joined:
            self.__dict__.setdefault("kept", {}).setdefault(c, []).append(self.get_content(obj))
        super().do_message(c, obj)

    def joined(self, c):
        super().joined(c)
        for content in self.__dict__.setdefault("kept", {}).pop(c, []):
            self.public(c, content, {})

    def end(self, c):
        self.__dict__.setdefault("kept", {}).pop(c, None)
        super().end(c)


@fault("silent-takeover", "JOIN-4", "JOIN-4 LEAVE-7", S, "A join with the name of a user who has sent nothing for three seconds takes the name over; the connection of that user is closed.")
class SilentTakeover(Server):
    def feed(self, c, data):
        c.heard = time.monotonic()
        super().feed(c, data)

    def join_taken(self, c, name):
        old = self.users[name]
        if time.monotonic() - old.heard < 3:
            return super().join_taken(c, name)
        self.end(old)
        self.join(c, name)


@fault("seats", "LOAD-1", "LOAD-1 JOIN-1", S, "Is full at 60 connections, and counts those that have not joined.")
class Seats(Server):
    def is_full(self):
        return len(self.conns) > 60


@fault("limit-49", "LOAD-1", "LOAD-1 JOIN-1", P, "Is full with 49 users: the limit of 50 is off by one.")
class Limit49(Server):
    MAX_USERS = 49


# ---------------------------------------------------------------------------- leaving


@fault("eof-first", "LEAVE-6", "LEAVE-6 PUBLIC-1 PRIVATE-1 JOIN-1 LEAVE-1", P, "Collects what it reads for 25 ms before it handles it; if the stream ends in the meantime, the client leaves and the frames just read are dropped.")
class EofFirst(Server):
    def feed(self, c, data):
        got = c.__dict__.setdefault("got", bytearray())
        if not got:
            self.later(0.025, self.handle, c)
        got += data

    def handle(self, c):
        data, c.got = bytes(c.got), bytearray()
        if not c.ended and not c.closing:
            super().feed(c, data)


@fault("name-cooldown", "LEAVE-4", "LEAVE-4 JOIN-1", P, "The name of a user who left stays taken for 2.5 seconds after the notice.")
class NameCooldown(Server):
    def setup(self):
        self.cool = {}

    def left(self, c):
        self.cool[c.name] = time.monotonic() + 2.5
        super().left(c)

    def is_taken(self, name):
        return super().is_taken(name) or self.cool.get(name, 0) > time.monotonic()


@fault("idle-6s", "LEAVE-7", "LEAVE-7", P, "Disconnects a user who has sent nothing for six seconds.")
class Idle6s(Server):
    def feed(self, c, data):
        c.heard = time.monotonic()
        super().feed(c, data)

    def joined(self, c):
        super().joined(c)
        self.check(c)

    def check(self, c):
        left = c.heard + 6 - time.monotonic()
        if c.ended or c.closing:
            return
        if left <= 0:
            self.end(c)
        else:
            self.later(left, self.check, c)


@fault("half-close-stays", "LEAVE-1", "LEAVE-1", S,
       "Takes the end of a stream for a half close and goes on serving; it finds out by sending blank lines whether the connection is gone, so who only ends its sending side never leaves.")
class HalfCloseStays(Server):
    def on_eof(self, c):
        if not c.joined or self.stopping:
            return self.end(c)
        c.half = True
        self.sel.unregister(c.sock)
        self.probe(c)

    def interest(self, c):
        if not getattr(c, "half", False):
            super().interest(c)

    def probe(self, c):
        if c.ended:
            return
        if c.wdead or self.stopping:
            return self.end(c)
        self.queue(c, b"\n")
        self.flush(c)
        self.later(0.2, self.probe, c)


@fault("skip-next", "LEAVE-1", "LEAVE-1 LEAVE-2", S,
       "Connections that ended are removed from the list of users while it is iterated, so the user who joined next after the leaver misses the leave notice.")
class SkipNext(Server):
    def setup(self):
        self.roster = []

    def joined(self, c):
        self.roster.append(c)
        super().joined(c)

    def broadcast(self, msg):
        data = self.encode(msg)
        for c in self.roster:
            if c.ended:
                self.roster.remove(c)
                continue
            self.queue(c, data)


@fault("reconnect-quiet", "LEAVE-1", "LEAVE-1 LEAVE-2 JOIN-1 ORDER-2", S,
       "Waits a second with a leave notice; if the name is joined under again by then, the others hear neither of the leave nor of the join.")
class ReconnectQuiet(Server):
    def setup(self):
        self.gone = {}

    def tell_left(self, c):
        self.gone[c.name] = c
        self.later(1.0, self.tell, c)

    def tell(self, c):
        if self.gone.get(c.name) is c:
            del self.gone[c.name]
            if not self.stopping:
                super().tell_left(c)

    def joined(self, c):
        if self.gone.pop(c.name, None):
            self.send(c, self.join_notice(c.name))
        else:
            super().joined(c)


# ---------------------------------------------------------------------------- order


@fault("notice-priority", "ORDER-2", "ORDER-2 LEAVE-6 JOIN-2 ORDER-1", S,
       "Output is collected for 30 ms and leave notices go first: the notice overtakes messages that the user sent just before it left.")
class NoticePriority(Server):
    due = False

    def on_accept(self, c):
        c.hi, c.low = [], []

    def queue(self, c, data):
        if c.ended or c.closing or c.wdead:
            return
        (c.hi if self.__dict__.get("leaving") else c.low).append(data)
        self.dirty[c] = True

    def tell_left(self, c):
        self.leaving = True
        super().tell_left(c)
        self.leaving = False

    def flush_all(self):
        if self.dirty and not self.due:
            self.due = True
            self.later(0.03, self.really)

    def really(self):
        self.due = False
        super().flush_all()

    def flush(self, c):
        c.out += b"".join(c.hi) + b"".join(c.low)
        c.hi.clear()
        c.low.clear()
        super().flush(c)


@fault("public-batched", "ORDER-1", "ORDER-1", S, "Public messages are collected for 40 ms; private messages, confirmations and errors go at once and overtake them.")
class PublicBatched(Server):
    def setup(self):
        self.batch = []

    def public(self, c, content, obj):
        if not self.batch:
            self.later(0.04, self.spill)
        self.batch.append(self.public_msg(c, content, obj))

    def spill(self):
        batch, self.batch = self.batch, []
        for msg in batch:
            self.broadcast(msg)

    def join(self, c, name):
        self.spill()
        super().join(c, name)

    def left(self, c):
        self.spill()
        super().left(c)

    def stop(self):
        self.spill()
        super().stop()


@fault("own-first", "ORDER-3", "ORDER-3", S, "What a user causes reaches itself at once and the others 30 ms later: of two messages at the same time, each sender sees its own first.")
class OwnFirst(Server):
    current = None

    def setup(self):
        self.line = []

    def feed(self, c, data):
        self.current = c
        super().feed(c, data)
        self.current = None

    def queue(self, c, data):
        if c is self.current or self.stopping:
            return super().queue(c, data)
        self.line.append((c, data))
        self.later(0.03, self.next)

    def next(self):
        if self.line:
            super().queue(*self.line.pop(0))

    def stop(self):
        while self.line:
            self.next()
        super().stop()


# ---------------------------------------------------------------------------- public, unknown members


@fault("broadcast-16", "PUBLIC-1", "PUBLIC-1 LOAD-1", S, "Sends public messages in groups of 16 users; with more than 16 users, the last group is forgotten if it is not complete.")
class Broadcast16(Server):
    def public(self, c, content, obj):
        data = self.encode(self.public_msg(c, content, obj))
        to = self.recipients()
        n = len(to) if len(to) <= 16 else len(to) - len(to) % 16
        for r in to[:n]:
            self.queue(r, data)


@fault("timestamp-kept", "PUBLIC-3", "PUBLIC-3 PUBLIC-4 TIME-1", P, "A valid timestamp that the client adds to a public message is kept.")
class TimestampKept(Server):
    def public_msg(self, c, content, obj):
        m = super().public_msg(c, content, obj)
        t = obj.get("timestamp")
        if isinstance(t, str) and re.fullmatch("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]", t):
            m["timestamp"] = t
        return m


@fault("confirm-copies", "PUBLIC-4", "PUBLIC-4 FRAME-8", S, "A confirmation is a copy of the private message with members added, so members that the client added come back with it.")
class ConfirmCopies(Server):
    def confirmation(self, target, content, delivered, obj):
        return {**obj, **super().confirmation(target, content, delivered, obj)}


@fault("dup-global", "PUBLIC-3", "PUBLIC-3 PUBLIC-1 PRIVATE-1 CONFIRM-1 CONFIRM-2 JOIN-1", S,
       "Looks for repeated member names in the whole frame instead of in one object: a name that occurs again inside an ignored member makes it refuse the frame.")
class DupGlobal(Server):
    def loads(self, text):
        self.seen = set()
        return super().loads(text)

    def pairs(self, pairs):
        for k, _ in pairs:
            if k in self.seen:
                raise Refuse("malformed_json", "A member occurs twice")
            self.seen.add(k)
        return dict(pairs)


@fault("safe-int", "PUBLIC-3", "PUBLIC-3 PUBLIC-1 PRIVATE-1 CONFIRM-1 CONFIRM-2 JOIN-1", S, "Refuses a frame with an integer beyond 2^53 in an ignored member, though it has no more than 18 digits.")
class SafeInt(Server):
    def decoder(self):
        def parse(text):
            if abs(int(text)) > 2 ** 53:
                raise Refuse("malformed_json", "Number out of range")
            return int(text)
        return json.JSONDecoder(object_pairs_hook=self.pairs, parse_constant=self.constant, parse_int=parse)


# ---------------------------------------------------------------------------- private


@fault("self-private", "PRIVATE-3", "PRIVATE-3 PRIVATE-1", P, "A private message to oneself gets only the confirmation.")
class SelfPrivate(Server):
    def deliver(self, c, to, content):
        if to is not c:
            super().deliver(c, to, content)


@fault("offline-hold", "CONFIRM-2", "CONFIRM-2", S, "A private message to a user who is not there is kept and delivered when somebody joins under that name.")
class OfflineHold(Server):
    def setup(self):
        self.held = {}

    def private(self, c, target, content, obj):
        if target not in self.users:
            box = self.held.setdefault(target, [])
            box.append({"type": "private_message", "sender": c.name, "content": content})
            del box[:-10]
        super().private(c, target, content, obj)

    def joined(self, c):
        super().joined(c)
        for m in self.held.pop(c.name, []):
            self.send(c, {**m, "timestamp": self.now()})


@fault("stale-target", "PRIVATE-1", "PRIVATE-1 CONFIRM-1", S,
       "Each connection remembers the connection of a target it has written to: when the target has left and the name is joined under again, further private messages of that sender are lost.")
class StaleTarget(Server):
    def find(self, c, target):
        to = super().find(c, target)
        if to is None:
            return None
        return c.__dict__.setdefault("peers", {}).setdefault(target, to)


@fault("confirm-merged", "CONFIRM-1", "CONFIRM-1 CONFIRM-2", S, "Confirmations of one read are kept by target: of several private messages to one target that arrive together, only the last is confirmed.")
class ConfirmMerged(Server):
    def confirm(self, c, target, content, delivered, obj):
        d = c.__dict__.setdefault("confs", {})
        d.pop(target, None)
        d[target] = self.confirmation(target, content, delivered, obj)

    def spill(self, c):
        d = c.__dict__.get("confs")
        if d:
            for m in d.values():
                self.send(c, m)
            d.clear()

    def dispatch(self, c, obj):
        if not (isinstance(obj, dict) and obj.get("type") == "private_message"):
            self.spill(c)
        super().dispatch(c, obj)

    def refused(self, c, e):
        self.spill(c)
        super().refused(c, e)

    def too_long(self, c):
        self.spill(c)
        super().too_long(c)

    def feed(self, c, data):
        super().feed(c, data)
        self.spill(c)


# ---------------------------------------------------------------------------- errors


@fault("raw-controls", "ERROR-6", "ERROR-6", P, "Parses with strict=False: raw control characters in strings are accepted.")
class RawControls(Server):
    def decoder(self):
        return json.JSONDecoder(object_pairs_hook=self.pairs, parse_constant=self.constant, strict=False)


@fault("bad-utf8-replaced", "ERROR-5", "ERROR-5", P, "Decodes with errors=replace: a frame that is not UTF-8 is accepted.")
class BadUtf8Replaced(Server):
    def decode(self, line):
        return line.decode("utf-8", "replace")


@fault("server-type", "ERROR-9", "ERROR-9", P, "Passes on a server message that a joined client sends, as an announcement to all.")
class ServerType(Server):
    HANDLERS = {**Server.HANDLERS, "server": "do_server"}

    def do_server(self, c, obj):
        self.need_joined(c)
        text = obj.get("message")
        if not isinstance(text, str) or not text:
            raise Refuse("invalid_message", "A message is required")
        self.announce(text)


@fault("surrogate-ignored", "ERROR-7", "ERROR-7", S, "Looks for lone surrogates only in the members it knows: in other members and in member names they pass.")
class SurrogateIgnored(Server):
    def check_surrogates(self, text, obj):
        if isinstance(obj, dict):
            known = {k: obj[k] for k in ("type", "username", "target", "content") if k in obj}
            super().check_surrogates(text, known)


@fault("falsy", "ERROR-2", "ERROR-2 ERROR-3 JOIN-9", S, "Treats every value that Python takes for false (null, 0, false, \"\", [], {}) as nothing received, and does not answer.")
class Falsy(Server):
    def dispatch(self, c, obj):
        if not obj:
            return
        super().dispatch(c, obj)


@fault("type-unhashable", "ERROR-3", "ERROR-3 LEAVE-7 JOIN-12 JOIN-9", S, "Looks up the handler before it checks the type: an array or object as type raises an exception that ends the connection.")
class TypeUnhashable(Server):
    def dispatch(self, c, obj):
        if isinstance(obj, dict):
            try:
                self.HANDLERS.get(obj.get("type"))
            except TypeError:
                return self.end(c)
        super().dispatch(c, obj)


@fault("no-error-for-error", "ERROR-9", "ERROR-9 JOIN-9", S, "Never answers an error with an error: a frame of type error from a client is ignored.")
class NoErrorForError(Server):
    def dispatch(self, c, obj):
        if isinstance(obj, dict) and obj.get("type") == "error":
            return
        super().dispatch(c, obj)


@fault("deep-walk", "ERROR-10", "ERROR-10 ERROR-2 LEAVE-7 JOIN-12 JOIN-9", S, "Walks through every value recursively to find surrogates; at some hundred levels the recursion limit is hit and the connection ends.")
class DeepWalk(Server):
    def walk(self, v):
        if isinstance(v, str):
            v.encode("utf-8")
        elif isinstance(v, list):
            self.walk_all(v)
        elif isinstance(v, dict):
            self.walk_all(list(v))
            self.walk_all(list(v.values()))

    def walk_all(self, vs):
        return [self.walk(v) for v in vs]

    def check_surrogates(self, text, obj):
        try:
            self.walk(obj)
        except UnicodeEncodeError:
            raise Refuse("malformed_json", "A lone surrogate")

    def on_line(self, c, line):
        try:
            super().on_line(c, line)
        except RecursionError:
            self.end(c)


@fault("code-order", "ERROR-12", "ERROR-12", S, "Before the join, a frame that is not JSON gets the code not_joined.")
class CodeOrder(Server):
    def refused(self, c, e):
        if not c.joined and e.code == "malformed_json":
            e = Refuse("not_joined", "Join first")
        super().refused(c, e)


# ---------------------------------------------------------------------------- time, load


@fault("time-cached", "TIME-1", "TIME-1", S, "The text of the time is made anew only when someone joins or leaves.")
class TimeCached(Server):
    text = None

    def join_notice(self, name):
        self.text = super().now()
        return super().join_notice(name)

    def leave_notice(self, name):
        self.text = super().now()
        return super().leave_notice(name)

    def now(self):
        return self.text or super().now()


@fault("partial-blocks", "LOAD-3", "LOAD-3", P, "Waits up to 2.5 seconds for the rest of a partial frame, and serves nobody meanwhile.")
class PartialBlocks(Server):
    def feed(self, c, data):
        super().feed(c, data)
        if c.buf and not c.ended:
            self.flush_all()
            if not c.ended:
                p = select.poll()
                p.register(c.sock, select.POLLIN)
                p.poll(2500)


@fault("unbounded", "LOAD-4", "LOAD-4", P, "Queues without a limit for a client that stops reading.")
class Unbounded(Server):
    def overflow(self, c):
        pass


@fault("burst-limit", "LOAD-5", "LOAD-5 LEAVE-7 PUBLIC-1", S,
       "Checks the limit of unread data (24 KiB) when it queues, before it has tried to send: a burst of frames in one read disconnects clients that read.")
class BurstLimit(Server):
    RECV = 65536

    def queue(self, c, data):
        super().queue(c, data)
        if len(c.out) > 24 * 1024 and not c.closing and not c.ended:
            c.closing = True
            self.calls.append(lambda: self.overflow(c))


# ---------------------------------------------------------------------------- announcements, stopping


@fault("announce-batch", "SERVER-1", "SERVER-1", S, "Of several lines that one read of standard input returns, only the first is announced.")
class AnnounceBatch(Server):
    def stdin_data(self, data):
        if b"\n" in data:
            data = data[:data.index(b"\n") + 1]
        super().stdin_data(data)


@fault("announce-unjoined", "JOIN-11", "JOIN-11", P, "Announcements also go to connections that have not joined.")
class AnnounceUnjoined(Server):
    def announce(self, text):
        self.all = True
        super().announce(text)
        self.all = False

    def recipients(self):
        return list(self.conns.values()) if self.__dict__.get("all") else super().recipients()


@fault("stop-silent", "STOP-2", "STOP-2", P, "Stops without a word to its users.")
class StopSilent(Server):
    def stop_conn(self, c):
        self.finish(c)


@fault("stop-waits-flush", "STOP-1", "STOP-1", S, "A server that stops ends no connection before everything queued has been sent to all: one client that does not read holds up the end of all by 12 seconds.")
class StopWaitsFlush(Server):
    def stop(self):
        self.sel.unregister(self.lsock)
        self.lsock.close()
        for c in list(self.users.values()):
            self.send(c, {"type": "system", "message": "The server is stopping", "timestamp": self.now()})
        self.deadline = time.monotonic() + 12
        self.later(0.05, self.wait)

    def wait(self):
        if time.monotonic() < self.deadline and any(c.out for c in self.conns.values()):
            self.later(0.1, self.wait)
            return
        for c in list(self.conns.values()):
            self.finish(c)
        self.later(1, self.stop_fin)
        self.later(2, self.finish_stop)

    def overflow(self, c):
        if not self.stopping:
            super().overflow(c)


@fault("no-reuse", "STOP-3", "STOP-3", P, "Binds without SO_REUSEADDR, and retries until the port is free: after a stop with connected clients, the next start waits for a minute.")
class NoReuse(Server):
    def listen(self, port):
        end = time.monotonic() + 120
        while True:
            s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            try:
                s.bind(("127.0.0.1", port))
                break
            except OSError:
                s.close()
                if time.monotonic() > end:
                    raise
                time.sleep(0.25)
        s.listen(1024)
        s.setblocking(False)
        return s


assert len(CATALOGUE) == 60, len(CATALOGUE)
assert len({e["name"] for e in CATALOGUE}) == 60
