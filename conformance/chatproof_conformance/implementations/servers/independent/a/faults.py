"""Faulty servers: each is the correct one with one fault."""
import codecs, collections, json, os, re, select, socket, struct, time, unicodedata
from server import *

ALL, CATALOGUE = {}, []


def fault(name, ids, root, subtle, says):
    ids = ids.split()

    def deco(cls):
        ALL[name] = cls
        CATALOGUE.append({"name": name, "kind": "faulty", "ids": ids, "root": root, "says": says, "subtle": subtle})
        return cls
    return deco


# ------------------------------------------------------------------ framing
@fault("cut-char", "FRAME-2 PUBLIC-2 PRIVATE-1 CONFIRM-1 CONFIRM-2", "FRAME-2", True,
       "decodes each read on its own: a character of several bytes that is cut between two reads is lost")
class CutChar(Server):
    def feed(self, conn, data):
        if getattr(conn, "cut", False):
            data = data.lstrip(bytes(range(0x80, 0xc0)))
        d = codecs.getincrementaldecoder("utf-8")()
        try:
            d.decode(data)
            rest = d.getstate()[0]
        except UnicodeDecodeError:
            rest = b""
        conn.cut = bool(rest)
        if rest:
            data = data[:-len(rest)]
        super().feed(conn, data)


@fault("unicode-lines", "PUBLIC-2 PUBLIC-1 PRIVATE-1 CONFIRM-1 CONFIRM-2", "PUBLIC-2", True,
       "splits lines as str.splitlines does: a raw U+2028, U+2029 or U+0085 in a content ends the line")
class UnicodeLines(Server):
    def take_lines(self, conn, lines):
        out = []
        for line in lines:
            out += [line] if len(line) > self.LIMIT else re.split(b"\xe2\x80[\xa8\xa9]|\xc2\x85", line)
        super().take_lines(conn, out)


@fault("limit-no-cr", "FRAME-5", "FRAME-5", True,
       "takes the CR off a line before it measures it, so 1024 bytes and a CR are accepted")
class LimitNoCr(Server):
    def too_long(self, line):
        return len(line.removesuffix(b"\r")) > self.LIMIT



@fault("limit-near", "FRAME-4 FRAME-2", "FRAME-4", True,
       "refuses a frame of 1024 bytes if its LF has not come with it (buffer full means too long)")
class LimitNear(Server):
    def feed(self, conn, data):
        super().feed(conn, data)
        if len(conn.buf) == 1024 and not conn.ended:
            conn.buf = b""
            conn.skipping = True
            self.frame_too_long(conn)


@fault("skip-lf-zero", "FRAME-5", "FRAME-5", True,
       "while it skips a frame that is too long, does not see an LF that is the first byte of a read")
class SkipLfZero(Server):
    def feed(self, conn, data):
        if conn.skipping and data.find(b"\n") == 0 and data.find(b"\n", 1) < 0:
            return
        if conn.skipping and data[:1] == b"\n":
            data = data[1:]
        super().feed(conn, data)


@fault("burst-stall", "FRAME-3 PUBLIC-1 PRIVATE-1 CONFIRM-1", "FRAME-3", True,
       "handles at most 64 frames of a read; the others wait until more bytes come")
class BurstStall(Server):
    def feed(self, conn, data):
        q = conn.__dict__.setdefault("q", collections.deque())
        conn.inturn = 64
        super().feed(conn, data)
        while q and conn.inturn > 0 and not conn.ended:
            conn.inturn -= 1
            self.take_line(conn, q.popleft())

    def take_lines(self, conn, lines):
        conn.q.extend(lines)

    def on_eof(self, conn):
        while conn.q if hasattr(conn, "q") else False:
            self.take_line(conn, conn.q.popleft())
        super().on_eof(conn)


@fault("join-drops-rest", "FRAME-3 PUBLIC-1 PRIVATE-1 CONFIRM-1 LEAVE-6", "FRAME-3", False,
       "starts a joined client with a fresh buffer: what came in the same read after the join is lost")
class JoinDropsRest(Server):
    def take_lines(self, conn, lines):
        for line in lines:
            was = conn.joined
            self.take_line(conn, line)
            if conn.joined and not was:
                conn.buf = b""
                return
            if conn.ended:
                return


@fault("blank-tab", "FRAME-7", "FRAME-7", False,
       "takes only lines of spaces and CR for blank; a line with a tab gets an error")
class BlankTab(Server):
    def is_blank(self, line):
        return not line.strip(b" \r")


@fault("strip-all", "ERROR-6 ERROR-1", "ERROR-6", True,
       "strips what Python takes for white space, so a frame with form feeds or vertical tabs around it is accepted")
class StripAll(Server):
    def is_blank(self, line):
        return not line.strip()

    def decode(self, line):
        return line.decode("utf-8").strip("\x0b\x0c\x1c\x1d\x1e\x1f \t\r")


@fault("leading-space", "FRAME-6", "FRAME-6", False,
       "takes a line for an object only if it starts with {, so white space before it is an error")
class LeadingSpace(Server):
    def loads(self, text):
        if not text.startswith("{") and text.lstrip(" \t\r").startswith("{"):
            raise ValueError
        return super().loads(text)


@fault("eager-value", "FRAME-2 ERROR-2", "FRAME-2", True,
       "handles any complete JSON value at the end of a read without waiting for an LF, numbers too")
class EagerValue(Server):
    def feed(self, conn, data):
        super().feed(conn, data)
        if conn.buf.strip(WS) and not conn.ended:
            try:
                json.loads(conn.buf)
            except Exception:
                return
            line, conn.buf = conn.buf, b""
            self.take_line(conn, line)


@fault("buffer-by-fd", "JOIN-1 FRAME-2", "JOIN-1", True,
       "keeps the unfinished input by file descriptor and forgets to clear it, so the next connection starts with the rest of an old one")
class BufferByFd(Server):
    def setup(self):
        self.rest = {}

    def accepted(self, conn):
        conn.buf = self.rest.pop(conn.fd, b"")

    def end(self, conn):
        if not conn.ended:
            self.rest[conn.fd] = conn.buf
        super().end(conn)


@fault("user-list-long", "FRAME-1", "FRAME-1", True,
       "welcomes with one line that lists all users, which gets longer than 8192 bytes with many long names")
class UserListLong(Server):
    def welcome(self, conn):
        msg = self.system("Users: " + ", ".join(c.name for c in self.users.values()))
        self.push(conn, json.dumps(msg).encode() + b"\n")


@fault("notice-by-hand", "FRAME-1 FRAME-8 JOIN-1 JOIN-2 LEAVE-1", "FRAME-1", True,
       "writes its notices by hand: a quote or backslash in a name is not escaped")
class NoticeByHand(Server):
    def encode(self, msg):
        if msg["type"] == "system":
            return ('{"type": "system", "message": "%s", "timestamp": "%s"}\n' % (msg["message"], msg["timestamp"])).encode()
        return super().encode(msg)


@fault("reason-null", "FRAME-8", "FRAME-8", False,
       "puts reason null into each confirmation of a delivered message")
class ReasonNull(Server):
    def confirmation(self, conn, target, content, delivered, obj):
        m = super().confirmation(conn, target, content, delivered, obj)
        m.setdefault("reason", None)
        return m


# ------------------------------------------------------------------ names and content
@fault("name-isolates", "JOIN-8 ERROR-4 FRAME-8", "JOIN-8", True,
       "its list of invisible characters ends at U+2064, so the isolates U+2066 to U+2069 are accepted in names")
class NameIsolates(Server):
    def name_ok(self, s):
        return super().name_ok(re.sub("[\u2065-\u2069]", "x", s))


@fault("name-strip", "JOIN-1 CONFIRM-2", "JOIN-1", True,
       "refuses names that str.strip() would change, such as those with U+00A0 or U+3000 at an end")
class NameStrip(Server):
    def name_ok(self, s):
        return super().name_ok(s) and s == s.strip()


@fault("name-nfc-key", "JOIN-7 JOIN-1 CONFIRM-2 PRIVATE-2", "JOIN-7", True,
       "looks users up under the NFC form of their names, so two spellings of one letter are one user")
class NameNfcKey(Server):
    def key(self, name):
        return unicodedata.normalize("NFC", name)


@fault("target-casefold", "CONFIRM-2 PRIVATE-2 JOIN-7", "CONFIRM-2", True,
       "delivers a private message to a user whose name differs only in case if no name is exactly the target")
class TargetCasefold(Server):
    def find_target(self, conn, name):
        got = super().find_target(conn, name)
        if not got:
            for n, c in self.users.items():
                if n.casefold() == name.casefold():
                    return c
        return got


# ------------------------------------------------------------------ joins
@fault("taken-sticks", "JOIN-1 JOIN-5 ERROR-12", "JOIN-1", True,
       "marks the connection before it checks the name, so after a refused name it cannot join under another one")
class TakenSticks(Server):
    def on_join(self, conn, obj):
        name = self.get_username(obj)
        if conn.joined or getattr(conn, "tried", False):
            return self.join_again(conn, name)
        conn.tried = True
        super().on_join(conn, obj)


@fault("rejoin-reserves", "JOIN-10", "JOIN-10", True,
       "enters the second name of a joined user into its table before it refuses the join, so that name is not free")
class RejoinReserves(Server):
    def setup(self):
        self.claimed = {}

    def join_again(self, conn, name):
        if not super().lookup(name):
            self.claimed[name] = conn
        super().join_again(conn, name)

    def on_join(self, conn, obj):
        if not conn.joined:
            name = self.get_username(obj)
            owner = self.claimed.get(name)
            if owner and not owner.ended:
                return self.name_taken(conn, name)
        super().on_join(conn, obj)


@fault("loser-evicts", "JOIN-4 PUBLIC-1 PRIVATE-1 CONFIRM-1 JOIN-1 LEAVE-1 SERVER-1 STOP-2", "JOIN-4", True,
       "when a connection ends whose join was refused because the name was in use, it removes that name from its table, though the first user is still there")
class LoserEvicts(Server):
    def name_taken(self, conn, name):
        conn.name = name
        super().name_taken(conn, name)

    def never_joined_ended(self, conn):
        if conn.name is not None:
            self.users.pop(conn.name, None)


@fault("join-race", "JOIN-6 JOIN-4 PUBLIC-1 PRIVATE-1 LEAVE-1", "JOIN-6", True,
       "checks a name, then waits 30 ms for a look-up of bans, then enters it without a second check")
class JoinRace(Server):
    def take_lines(self, conn, lines):
        if hasattr(conn, "held"):
            conn.held.extend(lines)
            return
        for i, line in enumerate(lines):
            if conn.ended:
                return
            self.take_line(conn, line)
            if hasattr(conn, "held"):
                conn.held.extend(lines[i + 1:])
                return

    def joined(self, conn, name):
        conn.held = []

        def go():
            held = conn.held
            del conn.held
            if not conn.ended:
                Server.joined(self, conn, name)
                self.take_lines(conn, held)
        self.later(0.03, go)

    def on_eof(self, conn):
        if hasattr(conn, "held"):
            self.want(conn, 0)
            self.later(0.04, lambda: self.on_eof(conn))
        else:
            super().on_eof(conn)


@fault("notice-dedupe", "JOIN-1 JOIN-2 LEAVE-1 ORDER-2", "JOIN-1", True,
       "drops a notice whose text it has sent within the last 5 seconds, so a quick return is not announced")
class NoticeDedupe(Server):
    def setup(self):
        self.told = {}

    def tell(self, text):
        now = time.monotonic()
        if now - self.told.get(text, -9) > 5:
            self.told[text] = now
            self.broadcast(self.system(text))

    def tell_join(self, conn):
        self.tell(self.join_text(conn.name))

    def tell_leave(self, conn):
        self.tell(self.leave_text(conn.name))


@fault("early-messages-kept", "JOIN-9", "JOIN-9", True,
       "refuses messages before the join with an error, but keeps them and sends them once the connection has joined")
class EarlyMessagesKept(Server):
    def on_message(self, conn, obj):
        if not conn.joined and self.get_content(obj):
            conn.__dict__.setdefault("early", []).append(obj)
        super().on_message(conn, obj)

    def welcome(self, conn):
        for obj in conn.__dict__.pop("early", []):
            self.on_message(conn, obj)


# ------------------------------------------------------------------ leaving
@fault("half-close-stays", "LEAVE-1 CONFIRM-2 JOIN-1", "LEAVE-1", True,
       "keeps a client that has ended its stream joined as long as its socket can still be written to")
class HalfCloseStays(Server):
    def on_eof(self, conn):
        self.want(conn, 0)
        conn.lingering = True

        def check():
            if conn.ended:
                return
            # a full close answers what we send with a reset
            try:
                conn.sock.send(b"\n")
                time.sleep(0)
                ok = conn.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0
                st = struct.unpack("B", conn.sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1))[0]
                if not ok or st == 7:
                    raise OSError
            except BlockingIOError:
                pass
            except OSError:
                conn.nowrite = True
                return self.end(conn)
            self.later(0.1, check)
        check()

    def want(self, conn, interest):
        super().want(conn, interest & ~READ if getattr(conn, "lingering", False) and not conn.ended else interest)


@fault("reset-silent", "LEAVE-2", "LEAVE-2", False,
       "does not announce the leave of a client whose connection was reset")
class ResetSilent(Server):
    def on_reset(self, conn):
        self.silent = True
        super().on_reset(conn)
        self.silent = False

    def tell_leave(self, conn):
        if not getattr(self, "silent", False):
            super().tell_leave(conn)


@fault("name-late-free", "LEAVE-4 JOIN-1", "LEAVE-4", True,
       "sends the leave notice at once and frees the name 400 ms later")
class NameLateFree(Server):
    def setup(self):
        self.held = set()

    def leave(self, conn):
        name = conn.name
        self.held.add(name)
        self.later(0.4, lambda: self.held.discard(name))
        super().leave(conn)

    def on_join(self, conn, obj):
        if not conn.joined and obj.get("username") in [*self.held]:
            return self.name_taken(conn, obj["username"])
        super().on_join(conn, obj)


@fault("late-cleanup", "PUBLIC-1 JOIN-4 PRIVATE-1 CONFIRM-1 JOIN-1 LEAVE-1 SERVER-1 STOP-2", "PUBLIC-1", True,
       "cleans up a connection by name 0.5 s after its end, and so removes a new user who has joined under that name meanwhile")
class LateCleanup(Server):
    def leave(self, conn):
        super().leave(conn)
        self.later(0.5, lambda: self.users.pop(conn.name, None))


@fault("burst-close", "LEAVE-6 PUBLIC-1 PRIVATE-1 FRAME-3", "LEAVE-6", True,
       "handles the frames of one client in portions of 20, and forgets the portions that wait when the client ends its stream")
class BurstClose(Server):
    def take_lines(self, conn, lines):
        q = conn.__dict__.setdefault("q", collections.deque())
        q.extend(lines)
        if not getattr(conn, "busy", False):
            self.portion(conn)

    def portion(self, conn):
        conn.busy = False
        n = 0
        while conn.q and n < 20 and not conn.ended:
            self.take_line(conn, conn.q.popleft())
            n += 1
        if conn.q and not conn.ended:
            conn.busy = True
            self.later(0.001, lambda: self.portion(conn))


@fault("route-cache", "CONFIRM-2 PRIVATE-1", "CONFIRM-2", True,
       "remembers the connection of each target it has once found, also after that user has left")
class RouteCache(Server):
    def setup(self):
        self.cache = {}

    def find_target(self, conn, name):
        got = self.cache.get(name) or super().find_target(conn, name)
        if got:
            self.cache[name] = got
        return got


@fault("stale-recipients", "PUBLIC-1", "PUBLIC-1", True,
       "keeps its list of recipients of public messages as long as the number of users is the same, so after one leave and one join the new user is missing")
class StaleRecipients(Server):
    def setup(self):
        self.cached = []

    def recipients(self, msg):
        if msg["type"] != "message":
            return super().recipients(msg)
        if len(self.cached) != len(self.users):
            self.cached = list(self.users.values())
        return self.cached


# ------------------------------------------------------------------ order
@fault("errors-first", "ORDER-1 JOIN-2", "ORDER-1", True,
       "sends errors at once and everything else at the end of its turn, so an error overtakes the answers to earlier frames")
class ErrorsFirst(Server):
    def refuse(self, conn, r):
        data = self.encode(self.error_message(r))
        if not conn.ended and not conn.nowrite:
            n = conn.__dict__.setdefault("errors", 0)
            conn.out.insert(n, data)
            conn.errors = n + 1
            conn.outlen += len(data)
            self.dirty[conn] = None
        if r.close:
            self.end(conn)

    def refill(self, conn):
        conn.errors = 0
        super().refill(conn)


@fault("big-later", "ORDER-1 ORDER-3", "ORDER-1", True,
       "sends public messages with more than 500 bytes from a slower queue, 30 ms later, so shorter ones overtake them")
class BigLater(Server):
    def public(self, conn, content, obj):
        if len(content.encode()) > 500:
            self.later(0.03, lambda: conn.ended or Server.public(self, conn, content, obj))
        else:
            super().public(conn, content, obj)

    def on_eof(self, conn):
        self.want(conn, 0)
        self.later(0.05, lambda: Server.on_eof(self, conn))


@fault("own-echo-first", "ORDER-3", "ORDER-3", True,
       "sends the sender its own message at once and everyone else 20 ms later, so the clients see concurrent messages in different orders")
class OwnEchoFirst(Server):
    def broadcast(self, msg, sender=None):
        data = self.encode(msg)
        if sender:
            self.push(sender, data)
        to = [c for c in self.recipients(msg) if c is not sender]
        if msg["type"] == "message":
            self.later(0.02, lambda: [self.push(c, data) for c in to])
        elif msg["type"] == "system":
            newest = [c for c in to if not getattr(c, "known", False)]
            for c in newest:
                c.known = True
                self.push(c, data)
            to = [c for c in to if c not in newest]
            self.later(0.02, lambda: [self.push(c, data) for c in to])
        else:
            for c in to:
                self.push(c, data)

    def send(self, conn, msg):
        if msg["type"] == "private_message":
            data = self.encode(msg)
            if msg["sender"] == conn.name:
                self.push(conn, data)
            else:
                self.later(0.02, lambda: self.push(conn, data))
        else:
            super().send(conn, msg)


# ------------------------------------------------------------------ public and private
@fault("slow-drop", "PUBLIC-1 PRIVATE-1 CONFIRM-1 JOIN-1 LEAVE-1 LOAD-4", "PUBLIC-1", True,
       "drops single messages for a client whose socket is full for a moment, and goes on with later ones")
class SlowDrop(Server):
    def push(self, conn, data):
        if conn.pend:
            return
        super().push(conn, data)

    def refill(self, conn):
        conn.pend = conn.out.popleft()


@fault("extra-target", "PUBLIC-1 PUBLIC-3", "PUBLIC-1", True,
       "takes a public message with an added member target for a private one")
class ExtraTarget(Server):
    def on_message(self, conn, obj):
        t = obj.get("target")
        if conn.joined and isinstance(t, str) and self.name_ok(t):
            return self.on_private(conn, obj)
        super().on_message(conn, obj)


@fault("self-private", "PRIVATE-3 PRIVATE-1", "PRIVATE-3", False,
       "confirms a private message to oneself but does not deliver it")
class SelfPrivate(Server):
    def deliver(self, conn, other, target, content, obj):
        if other is conn:
            return self.confirm(conn, target, content, True, obj)
        super().deliver(conn, other, target, content, obj)


@fault("private-copy", "PRIVATE-2", "PRIVATE-2", False,
       "copies private messages to the user who has been here longest, as to a moderator")
class PrivateCopy(Server):
    def deliver(self, conn, other, target, content, obj):
        first = next(iter(self.users.values()))
        super().deliver(conn, other, target, content, obj)
        if first is not conn and first is not other:
            self.send(first, self.private_message(conn, content, obj))


@fault("mailbox", "CONFIRM-2", "CONFIRM-2", True,
       "keeps a private message for somebody who is not here, and delivers it when a user joins under that name")
class Mailbox(Server):
    def setup(self):
        self.box = collections.defaultdict(list)

    def undelivered(self, conn, target, content, obj):
        self.box[target].append(self.private_message(conn, content, obj))
        super().undelivered(conn, target, content, obj)

    def welcome(self, conn):
        for m in self.box.pop(conn.name, []):
            self.send(conn, m)


@fault("confirm-collapse", "CONFIRM-1", "CONFIRM-1", True,
       "sends one confirmation for several equal private messages that come in one turn")
class ConfirmCollapse(Server):
    def setup(self):
        self.turn = set()

    def confirm(self, conn, target, content, delivered, obj):
        k = (conn, target, content, delivered)
        if k in self.turn and delivered:
            return
        self.turn.add(k)
        super().confirm(conn, target, content, delivered, obj)

    def end_of_turn(self):
        self.turn.clear()


# ------------------------------------------------------------------ errors
@fault("dup-escaped", "ERROR-8", "ERROR-8", True,
       "finds a member name that comes twice only if both are spelled alike, not if one has an escape")
class DupEscaped(Server):
    def loads(self, text):
        def hook(pairs):
            d = dict(pairs)
            if len(d) != len(pairs):
                names = [k for k, _ in pairs]
                for k in set(names):
                    if names.count(k) > 1 and len(re.findall('"' + re.escape(k) + r'"\s*:', text)) > 1:
                        raise ValueError
            return d
        return json.loads(text, object_pairs_hook=hook, parse_constant=no_constant)


@fault("surrogate-extra", "ERROR-7", "ERROR-7", True,
       "looks for lone surrogates only in the members that it knows")
class SurrogateExtra(Server):
    def has_surrogate(self, obj):
        if isinstance(obj, dict):
            obj = {k: v for k, v in obj.items() if k in ("type", "username", "target", "content")}
        return super().has_surrogate(obj)


@fault("cesu", "ERROR-5", "ERROR-5", True,
       "accepts surrogate pairs that are each encoded in three bytes (CESU-8) as if they were UTF-8")
class Cesu(Server):
    def decode(self, line):
        s = line.decode("utf-8", "surrogatepass")
        return s.encode("utf-16-le", "surrogatepass").decode("utf-16-le")


@fault("type-unhashable", "ERROR-3", "ERROR-3", False,
       "looks the type up in a table: a type that is an array or object raises an exception that ends the connection")
class TypeUnhashable(Server):
    def dispatch(self, conn, obj):
        try:
            {}.get(obj.get("type"))
        except TypeError:
            return self.end(conn)
        super().dispatch(conn, obj)


@fault("deep-ends", "ERROR-10 ERROR-1", "ERROR-10", False,
       "does not catch the recursion error of its parser, which ends the connection")
class DeepEnds(Server):
    def handle_frame(self, conn, line):
        self.deep = False
        super().handle_frame(conn, line)
        if self.deep:
            self.deep = False
            self.end(conn)

    def too_deep(self):
        self.deep = True
        super().too_deep()

    def refuse(self, conn, r):
        if not getattr(self, "deep", False):
            super().refuse(conn, r)


@fault("ten-strikes", "ERROR-1 ERROR-2 ERROR-3 ERROR-4 ERROR-5 ERROR-6 JOIN-5 JOIN-9 FRAME-5", "ERROR-1", False,
       "closes a connection with its tenth error")
class TenStrikes(Server):
    def refuse(self, conn, r):
        conn.strikes = getattr(conn, "strikes", 0) + 1
        super().refuse(conn, r)
        if conn.strikes >= 10:
            self.end(conn)


@fault("target-unchecked", "ERROR-4 FRAME-8", "ERROR-4", False,
       "does not check that a target is a name: an empty target or one of 40 characters gets a confirmation")
class TargetUnchecked(Server):
    def get_target(self, obj):
        v = obj.get("target", MISSING)
        if isinstance(v, str) and not self.name_ok(v):
            return v
        return super().get_target(obj)

    def confirmation(self, conn, target, content, delivered, obj):
        return super().confirmation(conn, target, content, delivered, obj)


@fault("echo-type", "ERROR-9 ERROR-11", "ERROR-9", False,
       "passes a frame of type server from a joined client on to everyone, as an announcement")
class EchoType(Server):
    def unknown_type(self, conn, t, obj):
        m = obj.get("message")
        if t == "server" and conn.joined and isinstance(m, str) and m:
            return self.announce(m)
        super().unknown_type(conn, t, obj)


@fault("code-state", "ERROR-12", "ERROR-12", True,
       "answers every frame it cannot use before the join with the code not_joined, also what is no JSON")
class CodeState(Server):
    def refuse(self, conn, r):
        if not conn.joined and r.code in ("malformed_json", "frame_too_long"):
            r.code = "not_joined"
        super().refuse(conn, r)


# ------------------------------------------------------------------ time
@fault("ts-join", "TIME-1", "TIME-1", True,
       "formats the time once for each connection and uses it for all messages of that user")
class TsJoin(Server):
    def now(self, kind, conn=None, obj=None):
        if conn is None or kind != "message":
            return super().now(kind, conn, obj)
        if not hasattr(conn, "ts"):
            conn.ts = super().now(kind, conn, obj)
        return conn.ts


# ------------------------------------------------------------------ load
@fault("full-49", "LOAD-1 JOIN-1", "LOAD-1", False,
       "is full with 49 clients")
class Full49(Server):
    MAX_CLIENTS = 49


@fault("stall-all-pause", "LOAD-2 LOAD-4", "LOAD-2", True,
       "pauses reading from everybody while one client has more than 256 KiB unread")
class StallAllPause(Server):
    def on_readable(self, conn):
        if any(c.outlen > 262144 for c in self.conns.values()) and not conn.ended:
            for c in self.conns.values():
                self.want(c, c.interest & ~READ)
            if not getattr(self, "waiting", False):
                self.waiting = True
                self.later(0.05, self.resume)
            return
        super().on_readable(conn)

    def resume(self):
        if any(c.outlen > 262144 for c in self.conns.values()):
            self.later(0.05, self.resume)
            return
        self.waiting = False
        for c in self.conns.values():
            self.want(c, c.interest | READ)

    def want(self, conn, interest):
        super().want(conn, interest & ~READ if getattr(self, "waiting", False) and not conn.ended else interest)


@fault("partial-blocks", "LOAD-3", "LOAD-3", False,
       "when it has got a part of a frame, waits up to 3 seconds for the rest before it serves others")
class PartialBlocks(Server):
    def feed(self, conn, data):
        super().feed(conn, data)
        if conn.buf and not conn.ended:
            select.select([conn.sock], [], [], 3.0)


@fault("private-unbounded", "LOAD-4", "LOAD-4", True,
       "counts only public messages and notices for its limit of unread data, so private messages pile up for a client that does not read")
class PrivateUnbounded(Server):
    def push(self, conn, data):
        if data.startswith(b'{"type": "private'):
            conn.priv = getattr(conn, "priv", 0) + len(data)
        super().push(conn, data)

    def too_much(self, conn):
        return conn.outlen - getattr(conn, "priv", 0) > self.MAX_OUT


# ------------------------------------------------------------------ announcements
@fault("announce-chunk", "SERVER-1", "SERVER-1", False,
       "takes whatever one read from the operator returns as one announcement, so two lines at once become one")
class AnnounceChunk(Server):
    def split_stdin(self, data):
        return [data, b""]


# ------------------------------------------------------------------ stopping
@fault("stop-unread", "STOP-1", "STOP-1", True,
       "stops reading when it stops, and closes 0.3 s later with unread data, so clients that go on sending are reset")
class StopUnread(Server):
    def settle(self, conn):
        if not self.stopping:
            super().settle(conn)

    def stop_conn(self, c):
        self.flush(c)
        c.ended = True
        self.want(c, 0)

        def go():
            c.closed = True
            self.open.discard(c)
            c.sock.close()
        self.later(0.3, go)


@fault("stop-idle-stays", "STOP-1", "STOP-1", True,
       "ends only the connections of joined clients when it stops and waits 8 seconds for the others to go")
class StopIdleStays(Server):
    def stop(self):
        self.close_listener()
        self.stop_message()
        for c in list(self.open):
            if c.joined:
                self.stop_conn(c)
        self.later(8, self.finished)


@fault("stop-silent", "STOP-2", "STOP-2", False,
       "ends the connections without a word when it stops")
class StopSilent(Server):
    def stop_message(self):
        pass


@fault("stop-no-reuse", "STOP-3", "STOP-3", False,
       "does not set SO_REUSEADDR, so it cannot start again on its port at once")
class StopNoReuse(Server):
    REUSE = False
