"""Faulty servers: each has one fault."""
import json
import re
import socket
import time
import unicodedata

import server
from server import ChatServer, Refused, READ, SURROGATE, WHITE

FAULTS = {}


def fault(name, ids, says, subtle=True):
    def add(cls):
        assert name not in FAULTS
        FAULTS[name] = {"cls": cls, "ids": ids.split(), "says": says, "subtle": subtle}
        return cls
    return add


# ---- section 2 ------------------------------------------------------------------------------------------------------

@fault("utf8-cut-at-read", "FRAME-2 PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2 JOIN-1",
       "Each read is turned into text by itself, so a character that is cut by the end of a read becomes U+FFFD.")
class Utf8CutAtRead(ChatServer):
    def feed(self, link, data):
        need = getattr(link, "need", 0)
        while need and data and 0x80 <= data[0] < 0xC0:
            data = data[1:]
            need -= 1
        if data:
            need = 0
        for back in (1, 2, 3):
            if len(data) >= back:
                b = data[-back]
                if b >= 0xC0:
                    size = 2 if b < 0xE0 else 3 if b < 0xF0 else 4
                    if size > back:
                        data = data[:-back] + "\ufffd".encode()
                        need = size - back
                    break
                if b < 0x80:
                    break
        link.need = need
        super().feed(link, data)


@fault("partial-expires", "FRAME-2 PUBLIC-1 JOIN-1 PRIVATE-1",
       "The beginning of a frame is dropped when more than a second passes before the next bytes come.")
class PartialExpires(ChatServer):
    def feed(self, link, data):
        now = time.monotonic()
        if link.buf and now - link.last > 1.0:
            link.buf.clear()
        link.last = now
        super().feed(link, data)


@fault("eager-any-value", "FRAME-2 ERROR-1 ERROR-2",
       "Without waiting for LF it takes not only a complete object but any complete JSON value at the end of a read for a frame.")
class EagerAnyValue(ChatServer):
    def feed(self, link, data):
        super().feed(link, data)
        if link.buf.strip(WHITE) and not link.gone:
            try:
                json.loads(link.buf)
            except (ValueError, RecursionError):
                return
            raw = bytes(link.buf)
            link.buf.clear()
            self.line(link, raw)


@fault("cr-ends-line", "PUBLIC-1 JOIN-1 PRIVATE-1 ERROR-1 ERROR-12",
       "A CR alone ends a line, too, so an object with CR between its tokens falls apart.")
class CrEndsLine(ChatServer):
    def feed(self, link, data):
        super().feed(link, data.replace(b"\r", b"\n"))


@fault("limit-in-chars", "FRAME-5", "The limit of 1024 counts characters instead of bytes.")
class LimitInChars(ChatServer):
    def length(self, raw):
        return len(raw.decode("utf-8", "replace"))


@fault("closes-at-4096", "FRAME-5",
       "A line of more than 4096 bytes gets its error, and then the connection is closed.")
class ClosesAt4096(ChatServer):
    def feed(self, link, data):
        run = getattr(link, "run", 0)
        parts = data.split(b"\n")
        for i, part in enumerate(parts):
            run = run + len(part) if i == 0 else len(part)
            last = i == len(parts) - 1
            super().feed(link, part if last else part + b"\n")
            if run > 4096:
                self.end(link, "policy")
                return
        link.run = run


@fault("no-leading-space", "FRAME-6 ERROR-12",
       "White space after the object is accepted, but a frame that begins with white space is refused.", False)
class NoLeadingSpace(ChatServer):
    def frame(self, link, raw):
        if raw[0] in WHITE:
            self.refuse(link, Refused("malformed_json", "Expected { at column 1"))
        else:
            super().frame(link, raw)


@fault("unicode-blank", "ERROR-1 ERROR-6",
       "It strips every Unicode white space (VT, FF, U+0085, U+00A0, U+3000) around the object, not only that of JSON.")
class UnicodeBlank(ChatServer):
    def frame(self, link, raw):
        try:
            text = raw.decode().strip()
        except UnicodeDecodeError:
            text = None
        if text == "":
            return
        super().frame(link, raw if text is None else text.encode())


@fault("last-words-no-lf", "FRAME-1 STOP-2", "The system message at the stop is sent without its LF.")
class LastWordsNoLf(ChatServer):
    def farewell(self, link):
        self.push(link, self.encode(self.system("The server is stopping")))


@fault("cesu-out", "FRAME-1 PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2 JOIN-1",
       "Characters beyond U+FFFF are written as two surrogates of three bytes each, which is not UTF-8.")
class CesuOut(ChatServer):
    def encode(self, msg):
        text = json.dumps(msg, ensure_ascii=False)
        if text.isascii():
            return text.encode()
        units = text.encode("utf-16-be")
        return "".join(chr(units[i] << 8 | units[i + 1]) for i in range(0, len(units), 2)).encode(
            "utf-8", "surrogatepass")


@fault("brace-counting", "ERROR-1 PUBLIC-1 PRIVATE-1 CONFIRM-1 FRAME-3 JOIN-1",
       "Lines are put together until the braces balance, those inside strings and of broken JSON included.")
class BraceCounting(ChatServer):
    def line(self, link, raw):
        acc = getattr(link, "acc", b"")
        if acc:
            raw = acc + b" " + raw
        link.acc = b""
        if raw.count(b"{") > raw.count(b"}") and len(raw) <= self.MAX_FRAME:
            link.acc = raw
        else:
            super().line(link, raw)


@fault("bom-line-blank", "ERROR-1",
       "A byte order mark is ignored, and a line with nothing else counts as blank and gets no error.")
class BomLineBlank(ChatServer):
    def frame(self, link, raw):
        if raw.startswith(b"\xef\xbb\xbf"):
            raw = raw[3:]
            if not raw.strip(WHITE):
                return
        super().frame(link, raw)


@fault("tab-line-error", "FRAME-7", "A line with a TAB among its white space is not taken for blank and gets an error.")
class TabLineError(ChatServer):
    def line(self, link, raw):
        if raw and not raw.strip(WHITE) and b"\t" in raw:
            self.frame(link, raw)
        else:
            super().line(link, raw)


@fault("error-flushes-buffer", "FRAME-3 PUBLIC-1 JOIN-1 PRIVATE-1 LEAVE-6 ERROR-1",
       "After a frame that is not JSON, whatever else has been read with it is thrown away.")
class ErrorFlushesBuffer(ChatServer):
    def refuse(self, link, r):
        if r.code == "malformed_json":
            link.buf.clear()
        super().refuse(link, r)


@fault("limit-1023", "FRAME-4 PUBLIC-1 JOIN-1 PRIVATE-1 ERROR-12", "The LF is counted, so a frame of exactly 1024 bytes is refused.",
       False)
class Limit1023(ChatServer):
    MAX_FRAME = 1023


# ---- section 3 ------------------------------------------------------------------------------------------------------

@fault("name-utf16-units", "JOIN-1 CONFIRM-2 ERROR-12",
       "The length of names is counted in UTF-16 units, so 17 emoji are refused.")
class NameUtf16Units(ChatServer):
    def valid_name(self, name):
        return super().valid_name(name) and len(name.encode("utf-16-le")) <= 64


@fault("name-c1-ok", "JOIN-8 ERROR-4 FRAME-8",
       "Only the control characters of ASCII are excluded from names, not U+0080 to U+009F.")
class NameC1Ok(ChatServer):
    C1 = re.compile("[\x80-\x9f]")

    def valid_name(self, name):
        if not 1 <= len(name) <= 32:
            return False
        return super().valid_name(self.C1.sub("x", name))


@fault("name-key-nfc", "JOIN-7 JOIN-1 CONFIRM-2 PRIVATE-2 ERROR-12",
       "Names are compared after normalisation to NFC, so two spellings of one letter are one user.")
class NameKeyNfc(ChatServer):
    def key(self, name):
        return unicodedata.normalize("NFC", name)


@fault("content-chomp", "PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2", "A line feed at the end of the content is removed.")
class ContentChomp(ChatServer):
    def check_content(self, obj):
        super().check_content(obj)
        c = obj["content"]
        if len(c) > 1 and c.endswith("\n"):
            obj["content"] = c[:-1]


@fault("blank-content-refused", "PUBLIC-1 PRIVATE-1 CONFIRM-1 CONFIRM-2 ERROR-12",
       "Content of white space alone is refused as if it were empty.")
class BlankContentRefused(ChatServer):
    def check_content(self, obj):
        super().check_content(obj)
        if not obj["content"].strip():
            raise Refused("invalid_message", "The content is empty")


# ---- sections 4 and 18 ----------------------------------------------------------------------------------------------

@fault("reason-null", "FRAME-8", "A confirmation with `delivered` true has a `reason` of null.")
class ReasonNull(ChatServer):
    def confirmation(self, link, obj, delivered):
        m = super().confirmation(link, obj, delivered)
        m.setdefault("reason", None)
        return m


@fault("user-list-type", "FRAME-8", "After the notice of its join, a client gets a message of the type `user_list`.", False)
class UserListType(ChatServer):
    def announce_join(self, link):
        super().announce_join(link)
        self.post(link, {"type": "user_list", "users": list(self.names)[:40], "timestamp": self.stamp()})


# ---- sections 5 and 6 -----------------------------------------------------------------------------------------------

@fault("login-timeout-5s", "JOIN-12", "A connection that has not joined after five seconds is closed.", False)
class LoginTimeout(ChatServer):
    def opened(self, link):
        self.later(5, self.check_login, link)

    def check_login(self, link):
        if link.name is None and not self.stopping:
            self.end(link, "policy")


@fault("notice-by-goroutine", "JOIN-2 ORDER-2 ORDER-1 ORDER-3",
       "The new user takes part at once, but the notice of its join is sent by another task some milliseconds later.")
class NoticeByGoroutine(ChatServer):
    def announce_join(self, link):
        link.unsaid = True
        self.later(0.04, self.say_join, link)

    def say_join(self, link):
        if link.unsaid and not self.stopping:
            link.unsaid = False
            self.broadcast(self.system(link.name + " joined the chat"))

    def depart(self, link, how):
        self.say_join(link)
        super().depart(link, how)


@fault("async-join", "ORDER-1 FRAME-3 PUBLIC-1 PRIVATE-1 ERROR-12",
       "A join takes a moment during which the frames behind it are answered as if there had been no join.")
class AsyncJoin(ChatServer):
    def __init__(self, *a):
        super().__init__(*a)
        self.soon = {}

    def do_join(self, link, obj):
        name = obj["username"]
        if getattr(link, "coming", None) is not None:
            raise Refused("already_joined", "You are joining already")
        if name in self.soon:
            raise Refused("username_taken", "Username already taken")
        self.check_join(link, obj)
        self.soon[name] = link
        link.coming = name
        self.later(0.03, self.complete, link)

    def complete(self, link):
        name = getattr(link, "coming", None)
        if name is not None:
            link.coming = None
            del self.soon[name]
            if not self.stopping:
                self.enter(link, name)

    def end(self, link, how):
        if not link.gone:
            self.complete(link)
        super().end(link, how)


@fault("join-toctou", "JOIN-6 JOIN-4 PUBLIC-1 PRIVATE-1",
       "Between the look whether a name is free and taking it some milliseconds pass, so two clients can join under one name.")
class JoinToctou(ChatServer):
    def do_join(self, link, obj):
        self.check_join(link, obj)
        self.hold(link)
        self.later(0.05, self.complete, link, obj["username"])

    def complete(self, link, name):
        if self.stopping:
            return
        self.enter(link, name)
        self.resume(link)


@fault("loser-frees-name", "JOIN-4 PUBLIC-1 PRIVATE-1 JOIN-6 LEAVE-1",
       "When a connection whose join was refused for a name in use ends, that name is removed from the table of users.")
class LoserFreesName(ChatServer):
    def do_join(self, link, obj):
        try:
            super().do_join(link, obj)
            link.claim = None
        except Refused as r:
            if r.code == "username_taken":
                link.claim = obj["username"]
            raise

    def ended(self, link, how):
        claim = getattr(link, "claim", None)
        if claim is not None:
            self.names.pop(claim, None)


@fault("second-name-kept", "JOIN-10 JOIN-1 ERROR-11 ERROR-12",
       "A second join is refused, but its name stays reserved as long as the connection lasts.")
class SecondNameKept(ChatServer):
    def __init__(self, *a):
        super().__init__(*a)
        self.reserved = {}

    def check_join(self, link, obj):
        name = obj["username"]
        if name in self.reserved and link.name is None:
            raise Refused("username_taken", "Username already taken")
        if link.name is not None and name not in self.names:
            self.reserved[name] = link
        super().check_join(link, obj)

    def ended(self, link, how):
        self.reserved = {n: o for n, o in self.reserved.items() if o is not link}


@fault("failed-join-listens", "JOIN-11",
       "A connection whose join was refused for a name in use gets the public messages and notices of the others from then on.")
class FailedJoinListens(ChatServer):
    def __init__(self, *a):
        super().__init__(*a)
        self.audience = set()

    def do_join(self, link, obj):
        try:
            super().do_join(link, obj)
            self.audience.discard(link)
        except Refused:
            if link.name is None:
                self.audience.add(link)
            raise

    def broadcast(self, msg):
        super().broadcast(msg)
        data = self.pack(msg)
        for link in self.audience:
            if link.name is None:
                self.push(link, data)

    def ended(self, link, how):
        self.audience.discard(link)


@fault("taken-tells-owner", "JOIN-4 ERROR-11",
       "When somebody tries to join under a name in use, its owner gets a system message about it.")
class TakenTellsOwner(ChatServer):
    def do_join(self, link, obj):
        try:
            super().do_join(link, obj)
        except Refused as r:
            if r.code == "username_taken":
                self.post(self.names[obj["username"]], self.system("Somebody else tried to use your name"))
            raise


@fault("prejoin-pm-confirmed", "JOIN-9",
       "Before the join, a private message gets a confirmation with `delivered` false instead of an error.")
class PrejoinPmConfirmed(ChatServer):
    def dispatch(self, link, obj):
        if link.name is None and obj["type"] == "private_message":
            m = self.confirmation(link, obj, False)
            m["reason"] = "Join first"
            self.post(link, m)
        else:
            super().dispatch(link, obj)


@fault("same-name-again", "JOIN-13 ERROR-11 JOIN-10",
       "When a joined client sends a join with its own name again, it gets the error, but all get its join notice once more.")
class SameNameAgain(ChatServer):
    def check_join(self, link, obj):
        if link.name == obj["username"]:
            self.announce_join(link)
        super().check_join(link, obj)


@fault("five-strikes", "ERROR-1 ERROR-2 ERROR-3 ERROR-4 ERROR-5 ERROR-6 ERROR-7 ERROR-9 FRAME-5 JOIN-8 JOIN-9 JOIN-10 JOIN-5",
       "The fifth error in a row ends the connection.")
class FiveStrikes(ChatServer):
    def dispatch(self, link, obj):
        super().dispatch(link, obj)
        link.strikes = 0

    def refuse(self, link, r):
        link.strikes = getattr(link, "strikes", 0) + 1
        super().refuse(link, r)
        if link.strikes >= 5:
            self.end(link, "policy")


# ---- section 7 ------------------------------------------------------------------------------------------------------

@fault("loser-leaves", "LEAVE-5 JOIN-4 JOIN-13 ERROR-11",
       "When a connection ends whose join was refused for a name in use, the others get a leave notice of that name.")
class LoserLeaves(ChatServer):
    def do_join(self, link, obj):
        try:
            super().do_join(link, obj)
            link.claim = None
        except Refused as r:
            if r.code == "username_taken":
                link.claim = obj["username"]
            raise

    def ended(self, link, how):
        claim = getattr(link, "claim", None)
        if claim is not None and not self.stopping:
            self.broadcast(self.system(claim + " left the chat"))


@fault("reset-silent", "LEAVE-2", "When a connection is reset, its name is freed, but nobody gets a leave notice.", False)
class ResetSilent(ChatServer):
    def depart(self, link, how):
        self.release(link)
        if how != "reset":
            self.announce_leave(link)


@fault("name-freed-late", "LEAVE-4 CONFIRM-2 ERROR-12",
       "The name of a user who left becomes free only half a second after the leave notice.")
class NameFreedLate(ChatServer):
    def depart(self, link, how):
        self.announce_leave(link)
        self.later(0.5, self.release, link)


@fault("leave-overtakes", "LEAVE-6 ORDER-2",
       "Frames are handled by a worker some milliseconds after they were read, the end of a connection at once.")
class LeaveOvertakes(ChatServer):
    def line(self, link, raw):
        if link.name is None:
            super().line(link, raw)
        else:
            self.later(0.03, self.work, ChatServer.line, self, link, raw)

    def too_long(self, link):
        if link.name is None:
            super().too_long(link)
        else:
            self.later(0.03, self.work, ChatServer.too_long, self, link)

    def work(self, fn, *args):
        if not self.stopping:
            fn(*args)


@fault("kick-is-silent", "LEAVE-1",
       "When the server ends a connection for too much unread data, the others get no leave notice.")
class KickIsSilent(ChatServer):
    OUT_LIMIT = 512 << 10

    def depart(self, link, how):
        self.release(link)
        if how != "kick":
            self.announce_leave(link)


@fault("idle-timeout-12s", "LEAVE-7", "A joined client that has sent nothing for twelve seconds is disconnected.", False)
class IdleTimeout(ChatServer):
    def feed(self, link, data):
        link.last = time.monotonic()
        super().feed(link, data)

    def announce_join(self, link):
        super().announce_join(link)
        self.later(12, self.check_idle, link)

    def check_idle(self, link):
        if link.gone or self.stopping:
            return
        rest = link.last + 12 - time.monotonic()
        if rest <= 0:
            self.end(link, "policy")
        else:
            self.later(rest, self.check_idle, link)


# ---- section 8 ------------------------------------------------------------------------------------------------------

@fault("errors-overtake", "ORDER-1 JOIN-2", "An error is put before everything else that still waits to be sent to its client.")
class ErrorsOvertake(ChatServer):
    def refuse(self, link, r):
        before = len(link.out)
        super().refuse(link, r)
        if before and len(link.out) == before + 1:
            frame = link.out.pop()
            link.out.insert(1 if link.head else 0, frame)


@fault("private-lane", "ORDER-1",
       "Private messages travel in a lane of their own, so that a later public message can arrive before an earlier private one.")
class PrivateLane(ChatServer):
    def do_private(self, link, obj):
        other = self.find(link, obj["target"])
        if other is not None:
            self.later(0.03, self.deliver, link, other, self.private(link, obj))
        self.post(link, self.confirmation(link, obj, other is not None))

    def deliver(self, link, other, m):
        if not self.stopping and not other.gone:
            self.post(other, m)

    def depart(self, link, how):
        # lanes are emptied before the leave notice
        for _, _, fn, args in sorted(t for t in self.timers if t[2] == self.deliver and t[3][0] is link):
            fn(*args)
        self.timers[:] = [t for t in self.timers if not (t[2] == self.deliver and t[3][0] is link)]
        server.heapq.heapify(self.timers)
        super().depart(link, how)


@fault("echo-first", "ORDER-3",
       "A client gets what it causes itself at once, all others get it through a queue some milliseconds later.")
class EchoFirst(ChatServer):
    actor = None

    def feed(self, link, data):
        self.actor = link
        super().feed(link, data)
        self.actor = None

    def push(self, link, data):
        if self.stopping or link is self.actor:
            super().push(link, data)
        else:
            self.later(0.05, self.push_late, link, data)

    def push_late(self, link, data):
        if not self.stopping:
            super().push(link, data)


# ---- section 9 ------------------------------------------------------------------------------------------------------

@fault("client-timestamp", "PUBLIC-3 TIME-1",
       "A message with a well-formed `timestamp` of the client is passed on with that timestamp.")
class ClientTimestamp(ChatServer):
    OK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")

    def own(self, m, obj):
        t = obj.get("timestamp")
        if type(t) is str and self.OK.fullmatch(t):
            m["timestamp"] = t
        return m

    def public(self, link, obj):
        return self.own(super().public(link, obj), obj)

    def private(self, link, obj):
        return self.own(super().private(link, obj), obj)


@fault("confirm-spreads", "PUBLIC-4 FRAME-8",
       "A confirmation is made from a copy of the private message, with whatever members the client added.")
class ConfirmSpreads(ChatServer):
    def confirmation(self, link, obj, delivered):
        m = super().confirmation(link, obj, delivered)
        full = {**obj, **m}
        try:
            json.dumps(full, allow_nan=False)
        except (ValueError, RecursionError):
            return m
        return full


@fault("depth-16", "PUBLIC-3 PUBLIC-1 JOIN-1 PRIVATE-1 ERROR-12",
       "A value with more than 16 levels in a member that is ignored makes the server refuse the frame.")
class Depth16(ChatServer):
    def check(self, link, obj):
        if too_deep(obj, 16):
            raise Refused("malformed_json", "Too deeply nested")
        return super().check(link, obj)


def too_deep(value, limit):
    level = [value]
    depth = 0
    while level:
        level = [v for v in level if type(v) in (dict, list)]
        if level:
            depth += 1
        level = [x for v in level for x in (v.values() if type(v) is dict else v)]
    return depth > limit


@fault("int64-members", "PUBLIC-3 PUBLIC-1 JOIN-1 PRIVATE-1 ERROR-12",
       "An integer of more than 64 bits in a member that is ignored makes the server refuse the frame.")
class Int64Members(ChatServer):
    def make_decoder(self):
        def small(text):
            n = int(text)
            if not -2 ** 63 <= n < 2 ** 63:
                raise ValueError("integer out of range")
            return n
        return json.JSONDecoder(object_pairs_hook=server.unique, parse_constant=server.no_constant, parse_int=small)


@fault("out-limit-1024", "PUBLIC-1 FRAME-4 PRIVATE-1 CONFIRM-1 CONFIRM-2",
       "What the server sends is subject to the limit of 1024 bytes of clients; longer frames are dropped.")
class OutLimit1024(ChatServer):
    def push(self, link, data):
        if len(data) <= 1025:
            super().push(link, data)


@fault("spam-filter-repeat", "PUBLIC-1",
       "A public message with the same content as the message before it, from one user within a second, is dropped.")
class SpamFilterRepeat(ChatServer):
    def do_message(self, link, obj):
        now = time.monotonic()
        c, t = getattr(link, "said", ("", 0))
        link.said = (obj["content"], now)
        if c == obj["content"] and now - t < 1:
            return
        super().do_message(link, obj)


# ---- section 10 -----------------------------------------------------------------------------------------------------

@fault("route-cache", "CONFIRM-2 PRIVATE-1 CONFIRM-1",
       "Each user keeps the connection that it found for a target, and goes on to use it after the target has left.")
class RouteCache(ChatServer):
    def find(self, link, target):
        routes = link.__dict__.setdefault("routes", {})
        if target not in routes:
            other = super().find(link, target)
            if other is None:
                return None
            routes[target] = other
        return routes[target]


@fault("whisper-notice", "PRIVATE-2", "Everybody gets a system message about who sends a private message to whom.", False)
class WhisperNotice(ChatServer):
    def do_private(self, link, obj):
        super().do_private(link, obj)
        if self.find(link, obj["target"]) is not None:
            self.broadcast(self.system("%s whispers to %s" % (link.name, obj["target"])))


@fault("self-pm-no-copy", "PRIVATE-3 PRIVATE-1",
       "A private message to oneself gets a confirmation with `delivered` true, but is not delivered.")
class SelfPmNoCopy(ChatServer):
    def do_private(self, link, obj):
        if obj["target"] == link.name:
            self.post(link, self.confirmation(link, obj, True))
        else:
            super().do_private(link, obj)


@fault("confirm-preview", "CONFIRM-1 CONFIRM-2", "The content in a confirmation is cut after 64 characters.")
class ConfirmPreview(ChatServer):
    def confirmation(self, link, obj, delivered):
        m = super().confirmation(link, obj, delivered)
        if len(m["content"]) > 64:
            m["content"] = m["content"][:63] + "\u2026"
        return m


@fault("offline-mailbox", "CONFIRM-2",
       "A private message to somebody who is absent is kept, and delivered when somebody joins under that name.")
class OfflineMailbox(ChatServer):
    def __init__(self, *a):
        super().__init__(*a)
        self.mail = {}

    def do_private(self, link, obj):
        super().do_private(link, obj)
        if self.find(link, obj["target"]) is None:
            self.mail.setdefault(obj["target"], []).append(self.private(link, obj))

    def announce_join(self, link):
        super().announce_join(link)
        for m in self.mail.pop(link.name, ()):
            self.post(link, m)


@fault("target-any-case", "CONFIRM-2 JOIN-7 PRIVATE-2",
       "If no user has exactly the name of the target, one whose name differs only in case gets the private message.")
class TargetAnyCase(ChatServer):
    def find(self, link, target):
        other = super().find(link, target)
        if other is None:
            t = target.lower()
            for name, o in self.names.items():
                if name.lower() == t:
                    return o
        return other


# ---- section 11 -----------------------------------------------------------------------------------------------------

@fault("falsy-ignored", "ERROR-2", "A frame with null, false, 0 or an empty string gets no answer.")
class FalsyIgnored(ChatServer):
    def frame(self, link, raw):
        try:
            value = self.decoder.decode(raw.decode())
        except (ValueError, RecursionError):
            value = 1
        if value is None or (type(value) in (bool, int, float, str) and not value):
            return
        super().frame(link, raw)


@fault("type-unhashable", "ERROR-3", "A `type` that is an array or an object makes the server close the connection.")
class TypeUnhashable(ChatServer):
    def frame(self, link, raw):
        try:
            obj = self.parse(link, raw)
        except Refused as r:
            try:
                o = json.loads(raw)
            except (ValueError, RecursionError):
                o = None
            if type(o) is dict and type(o.get("type")) in (dict, list) and r.code == "invalid_message":
                self.end(link, "policy")
                return
        super().frame(link, raw)


@fault("unknown-type-silent", "ERROR-3", "A message of an unknown type is ignored without an error.", False)
class UnknownTypeSilent(ChatServer):
    SERVER_TYPES = ("private_confirmation", "system", "server", "error")

    def frame(self, link, raw):
        try:
            self.dispatch(link, self.parse(link, raw))
        except Refused as r:
            if r.code == "unknown_type" and json.loads(raw)["type"] not in self.SERVER_TYPES:
                return
            self.refuse(link, r)


@fault("two-errors", "ERROR-4", "A private message in which both target and content are bad gets two errors.")
class TwoErrors(ChatServer):
    def check_target(self, obj):
        try:
            super().check_target(obj)
        except Refused as r:
            try:
                self.check_content(obj)
            except Refused as second:
                r.second = second
            raise

    def refuse(self, link, r):
        super().refuse(link, r)
        second = getattr(r, "second", None)
        if second is not None:
            super().refuse(link, second)


@fault("target-unchecked", "ERROR-4 FRAME-8",
       "A target that is a string but not a name gets a confirmation with `delivered` false instead of an error.")
class TargetUnchecked(ChatServer):
    def check_target(self, obj):
        if type(obj.get("target")) is not str:
            super().check_target(obj)


@fault("cesu-in", "ERROR-5",
       "Two surrogates of three bytes each (CESU-8) are taken for one character, although that is not UTF-8.")
class CesuIn(ChatServer):
    def to_text(self, link, raw):
        try:
            return raw.decode("utf-8")
        except UnicodeDecodeError:
            try:
                return raw.decode("utf-8", "surrogatepass").encode("utf-16-le", "surrogatepass").decode("utf-16-le")
            except UnicodeError:
                return super().to_text(link, raw)


@fault("control-chars-ok", "ERROR-6", "Raw control characters such as TAB are accepted inside strings.")
class ControlCharsOk(ChatServer):
    def make_decoder(self):
        return json.JSONDecoder(object_pairs_hook=server.unique, parse_constant=server.no_constant, strict=False)


@fault("go-surrogates", "ERROR-7", "An escaped lone surrogate is replaced by U+FFFD, and the frame is accepted.")
class GoSurrogates(ChatServer):
    def fix(self, v):
        if type(v) is str:
            return SURROGATE.sub("\ufffd", v)
        if type(v) is list:
            return [self.fix(x) for x in v]
        if type(v) is dict:
            return {self.fix(k): self.fix(x) for k, x in v.items()}
        return v

    def to_value(self, link, text):
        try:
            return self.fix(self.decoder.decode(text))
        except (ValueError, RecursionError):
            return super().to_value(link, text)


@fault("dup-nested-ok", "ERROR-8", "A member name twice is noticed only in the outermost object.")
class DupNestedOk(ChatServer):
    class Twice(dict):
        pass

    def make_decoder(self):
        def hook(pairs):
            d = dict(pairs)
            return d if len(d) == len(pairs) else self.Twice(pairs)
        return json.JSONDecoder(object_pairs_hook=hook, parse_constant=server.no_constant)

    def check(self, link, obj):
        if type(obj) is self.Twice:
            raise Refused("malformed_json", "A member name occurs twice")
        return super().check(link, obj)


@fault("ack-ignored", "ERROR-9", "A `private_confirmation` from a client is ignored without an error.")
class AckIgnored(ChatServer):
    def frame(self, link, raw):
        try:
            self.dispatch(link, self.parse(link, raw))
        except Refused as r:
            if r.code == "unknown_type" and json.loads(raw)["type"] == "private_confirmation":
                return
            self.refuse(link, r)


@fault("deep-closes", "ERROR-10", "A frame with more than 100 levels of nesting makes the server close the connection.")
class DeepCloses(ChatServer):
    STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')

    def frame(self, link, raw):
        depth = most = 0
        for c in self.STRING.sub(b"", raw):
            if c in b"[{":
                depth += 1
                most = max(most, depth)
            elif c in b"]}":
                depth -= 1
        if most > 100:
            self.end(link, "policy")
        else:
            super().frame(link, raw)


@fault("poisoned-decoder", "ERROR-11 PUBLIC-1 JOIN-1 PRIVATE-1 ERROR-12",
       "After a frame that is not UTF-8, the decoder that all connections share spoils the next frame of whichever connection.")
class PoisonedDecoder(ChatServer):
    poison = False

    def to_text(self, link, raw):
        if self.poison:
            self.poison = False
            raise Refused("malformed_json", "The frame is not UTF-8")
        try:
            return super().to_text(link, raw)
        except Refused:
            self.poison = True
            raise


# ---- section 12 -----------------------------------------------------------------------------------------------------

@fault("join-time-stamps", "TIME-1", "The messages of a user bear the time at which the user joined.")
class JoinTimeStamps(ChatServer):
    def enter(self, link, name):
        link.stamp = self.stamp()
        super().enter(link, name)

    def public(self, link, obj):
        m = super().public(link, obj)
        m["timestamp"] = link.stamp
        return m

    def private(self, link, obj):
        m = super().private(link, obj)
        m["timestamp"] = link.stamp
        return m


# ---- section 13 -----------------------------------------------------------------------------------------------------

@fault("pool-64", "LOAD-1 LOAD-3",
       "64 workers serve one connection each, joined or not; all further connections wait until one of them ends.")
class Pool64(ChatServer):
    paused = False

    def accept(self, mask=0):
        while len(self.links) < 64:
            before = len(self.links)
            self.accept_one()
            if len(self.links) == before:
                return
        self.paused = True
        self.sel.unregister(self.listener)

    def accept_one(self):
        try:
            sock, _ = self.listener.accept()
        except OSError:
            return
        sock.setblocking(False)
        link = server.Link(sock)
        self.links.add(link)
        self.sel.register(sock, READ, link)

    def ended(self, link, how):
        if self.paused and not self.stopping:
            self.paused = False
            self.sel.register(self.listener, READ, self.accept)


@fault("pause-all-senders", "LOAD-2",
       "While more than 128 KiB wait for any client, the server reads from nobody.")
class PauseAllSenders(ChatServer):
    frozen = frozenset()

    def settle(self):
        super().settle()
        if self.stopping:
            return
        slow = {l for l in self.links if l.pending > 128 << 10}
        if slow and not self.frozen:
            self.frozen = set(self.links)
            for l in self.links:
                self.want(l, l.events & ~READ)
        elif self.frozen and not slow:
            for l in self.frozen:
                if not l.closed and not l.gone and not l.held:
                    self.want(l, l.events | READ)
            self.frozen = frozenset()


@fault("partial-blocks", "LOAD-3",
       "When a read ends within a frame, the server waits up to two seconds for the rest and does nothing else.")
class PartialBlocks(ChatServer):
    def feed(self, link, data):
        super().feed(link, data)
        if not link.buf or link.gone or link.doomed or link.held:
            return
        end = time.monotonic() + 2
        link.sock.settimeout(2)
        try:
            while link.buf and not link.gone and not link.doomed:
                rest = end - time.monotonic()
                if rest <= 0:
                    break
                link.sock.settimeout(rest)
                more = link.sock.recv(1024, socket.MSG_PEEK)
                if not more:
                    break
                more = link.sock.recv(1024)
                super().feed(link, more)
        except OSError:
            pass
        if not link.closed:
            link.sock.setblocking(False)


@fault("never-drops", "LOAD-4", "However much waits for a client that does not read, it is kept and never disconnected.", False)
class NeverDrops(ChatServer):
    OUT_LIMIT = 1 << 40


@fault("chan-64", "LOAD-5 PUBLIC-1 FRAME-3",
       "A queue of 64 frames lies before each connection; who has more frames waiting, however short, is disconnected.")
class Chan64(ChatServer):
    def push(self, link, data):
        super().push(link, data)
        if len(link.out) > 64:
            self.doom(link)


@fault("write-deadline", "LOAD-5",
       "A client that has taken nothing for five seconds while something waits for it is disconnected, however little it is.")
class WriteDeadline(ChatServer):
    def opened(self, link):
        link.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        link.moved = time.monotonic()
        self.later(0.5, self.watch, link)

    def consume(self, link, n):
        super().consume(link, n)
        if n:
            link.moved = time.monotonic()

    def push(self, link, data):
        if not link.out:
            link.moved = time.monotonic()
        super().push(link, data)

    def watch(self, link):
        if link.gone or self.stopping:
            return
        if link.out and time.monotonic() - link.moved > 5:
            self.end(link, "kick")
        else:
            self.later(0.5, self.watch, link)


@fault("lagging-drops", "PUBLIC-1 LOAD-4 PRIVATE-1 LEAVE-1 JOIN-1 CONFIRM-1",
       "Frames for a client for which more than 256 KiB wait are dropped; the client stays.")
class LaggingDrops(ChatServer):
    def push(self, link, data):
        if link.pending > 256 << 10:
            self.flush(link)
            if link.pending > 256 << 10:
                return
        super().push(link, data)


# ---- section 14 -----------------------------------------------------------------------------------------------------

@fault("announce-as-system", "SERVER-1", "The operator's announcements are sent as `system` messages.", False)
class AnnounceAsSystem(ChatServer):
    def announce(self, text):
        for i in range(0, len(text), 1200):
            self.broadcast(self.system(text[i:i + 1200]))


@fault("announce-unjoined", "JOIN-11", "The operator's announcements go to connections that have not joined, too.")
class AnnounceUnjoined(ChatServer):
    def announce(self, text):
        super().announce(text)
        m = {"type": "server", "message": text[:1200], "timestamp": self.stamp()}
        for link in list(self.links):
            if link.name is None:
                self.post(link, m)


# ---- section 15 -----------------------------------------------------------------------------------------------------

@fault("stop-no-drain", "STOP-1",
       "At the stop it stops reading, gives the last messages 300 ms, and closes the sockets with whatever is unread in them: a client that is just sending gets a reset.")
class StopNoDrain(ChatServer):
    def drained(self, link):
        if not self.stopping:
            super().drained(link)

    def end_all(self):
        for link in list(self.links):
            self.want(link, link.events & ~READ)
            self.flush(link)
        self.later(0.3, self.close_all)


@fault("stop-forgets-lurkers", "STOP-1",
       "At the stop only the connections of joined clients are ended; the others last until they end themselves, or eight seconds.")
class StopForgetsLurkers(ChatServer):
    DRAIN_AT_STOP = 8

    def end_all(self):
        for link in list(self.names.values()):
            self.flush(link)
        self.later(3.5, self.close_joined)

    def drained(self, link):
        if self.stopping and link.name is None and not link.gone:
            return
        super().drained(link)

    def shut_all(self):
        for link in list(self.names.values()):
            link.out.clear()
            link.head = link.pending = 0
            self.flush(link)

    def close_joined(self):
        for link in list(self.links):
            if link.name is not None:
                self.close(link)


@fault("stop-waits-slow", "STOP-1",
       "At the stop no connection is ended before all that waits for the slowest client is sent, or fifteen seconds have passed.")
class StopWaitsSlow(ChatServer):
    FLUSH_AT_STOP = 15
    DRAIN_AT_STOP = 16

    def drained(self, link):
        if self.stopping and not link.gone:
            if not self.patient and any(l.out for l in self.links):
                return
            for l in list(self.links):
                super().drained(l)
            self.later(1, self.close_all)
        else:
            super().drained(link)

    patient = False

    def shut_all(self):
        self.patient = True
        super().shut_all()


@fault("no-reuseaddr", "STOP-3",
       "The port is opened without SO_REUSEADDR, so the server cannot be started again at once after a stop.")
class NoReuseaddr(ChatServer):
    REUSE = False
