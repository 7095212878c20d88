"""All subjects: NAME: (shell, how to make the client, catalogue entry, its right base). `python3 subjects.py` writes catalogue.json."""

import json
import re
import unicodedata

from core import Bad, Client, CrLf, Echo, Keeping, NAME_BAD, Paced, SURROGATE

SUBJECTS = {}
BASES = {}


def base(name, shell, make):
    SUBJECTS[name] = (shell, make, None, None)
    BASES[(shell, make)] = name


for shell in ("threads", "asyncio", "selectors"):
    base(f"base-{shell}", shell, Client)
    base(f"base-{shell}-paced", shell, Paced)
    base(f"base-{shell}-keeping", shell, Keeping)
    base(f"base-{shell}-echo", shell, Echo)
    base(f"base-{shell}-crlf", shell, CrLf)
base("base-node", "node", "base")
base("base-node-pipeline", "node", "base-pipeline")


def faulty(name, shell, ids, says, of=None, subtle=True):
    def add(make):
        ids_ = ids.split()
        entry = {"name": name, "kind": "faulty", "ids": ids_, "root": ids_[0], "says": says, "subtle": subtle}
        if shell == "node":
            entry.update(needs=["node"], language="javascript")
        right = of or BASES[(shell, make.__mro__[1] if isinstance(make, type) else "base")]
        SUBJECTS[name] = (shell, make, entry, right)
        return make
    return add


def conforming(name, shell, says):
    def add(make):
        entry = {"name": name, "kind": "conforming", "ids": [], "root": None, "says": says, "subtle": True}
        if shell == "node":
            entry.update(needs=["node"], language="javascript")
        SUBJECTS[name] = (shell, make, entry, None)
        return make
    return add


# ---------------------------------------------------------------- CLIENT-1

faulty("say-overtakes-join", "node", "CLIENT-1 CLIENT-14", "Writes its join when the connection is up, but a message that is asked "
       "for while it is being made at once, so that the message comes before the join.", of="base-node-pipeline")("say-overtakes-join")


@faulty("unsent-survives", "selectors", "CLIENT-1 CLIENT-16", "What a paced sender has not yet written when its user connects anew "
        "is written first on the new connection, before the join, instead of on the old one.")
class UnsentSurvives(Paced):
    def before_open(self, old, conn):
        super().before_open(old, conn)
        if old is not None and old.paced:
            conn.paced, old.paced = old.paced, []

    def end_side(self, conn):
        (Client if conn.muted else Paced).end_side(self, conn)


@faulty("isolates-in-names", "threads", "CLIENT-1 CLIENT-2", "Its list of invisible characters ends at U+2065: it joins and sends "
        "privately under names with U+2066 to U+2069.")
class IsolatesInNames(Client):
    name_bad = re.compile(NAME_BAD.replace("\u2069", "\u2065").replace(r"\u2069", r"\u2065"))


# ---------------------------------------------------------------- CLIENT-2

@faulty("second-name-unchecked", "asyncio", "CLIENT-2", "Checks the name of its first join, but not the one that is tried after a refusal.")
class SecondNameUnchecked(Client):
    def name_problem(self, name, what):
        return None if what == "join" and not SURROGATE.search(name) else super().name_problem(name, what)


@faulty("cr-uncounted", "threads", "CLIENT-2", "Ends its lines with CR LF and does not count the CR, which belongs to the frame: "
        "the longest frames have 1025 bytes.")
class CrUncounted(CrLf):
    def excess(self, frame, message):
        return len(frame) - self.LIMIT


@faulty("lf-lost-at-1024", "asyncio", "CLIENT-2 CLIENT-14", "Its send buffer has 1024 bytes: a frame of exactly 1024 loses its LF and runs "
        "into the next one.")
class LfLost(Client):
    def put(self, conn, frame):
        self.shell.write(conn, (frame + self.END)[:1024])


@faulty("trims-to-fit", "threads", "CLIENT-2 CLIENT-14", "A message that is too long only because of spaces at its end is sent "
        "without them instead of being refused.")
class TrimsToFit(Client):
    def encode(self, message):
        frame, why = super().encode(message)
        if why and why.startswith("Too long"):
            bare = message["content"].rstrip(" ")
            if bare and bare != message["content"]:
                return super().encode({**message, "content": bare})
        return frame, why


faulty("half-in-target", "node", "CLIENT-2", "Looks for lone surrogates in contents only: a target with one goes out as an escape.")("half-in-target")


# ---------------------------------------------------------------- CLIENT-3

@faulty("four-byte-cut", "selectors", "CLIENT-3 CLIENT-10 CLIENT-13", "Its decoder keeps up to two bytes of a cut character: a character of four bytes "
        "that is cut before its last byte becomes U+FFFD.")
class FourByteCut(Client):
    def data(self, conn, chunk):
        if getattr(conn, "skip", 0) and 0x80 <= chunk[0] < 0xC0:
            chunk = chunk[1:]
        conn.skip = 0
        tail = (conn.buf + chunk)[-3:]
        if len(tail) == 3 and 0xF0 <= tail[0] <= 0xF4 and all(0x80 <= b < 0xC0 for b in tail[1:]):
            conn.skip = 1
            conn.buf, chunk = b"", (conn.buf + chunk)[:-3] + b"\xef\xbf\xbd"
        super().data(conn, chunk)


@faulty("sixteen-a-read", "asyncio", "CLIENT-3", "Handles at most 16 frames a read; the others wait until something more arrives.")
class SixteenARead(Client):
    def data(self, conn, chunk):
        frames = getattr(conn, "waiting_frames", []) + self.cut(conn, chunk)
        conn.waiting_frames = frames[16:]
        for frame in frames[:16]:
            self.frame(conn, frame)

    def eof(self, conn):
        for frame in getattr(conn, "waiting_frames", []):
            self.frame(conn, frame)
        super().eof(conn)


@faulty("lone-lf-is-blank", "threads", "CLIENT-3 CLIENT-8 CLIENT-13 CLIENT-6 CLIENT-9", "Takes a read of nothing but white space for a sign of life and drops it, also if "
        "it is the LF of a frame whose other bytes came before.")
class LoneLf(Client):
    def data(self, conn, chunk):
        if chunk.strip(b" \t\r\n"):
            super().data(conn, chunk)


faulty("rest-survives", "node", "CLIENT-3 CLIENT-13 CLIENT-6 CLIENT-8", "The bytes of an unfinished frame at the end of a connection are "
       "put before the first frame of the next one, which is the answer to its join.")("rest-survives")


@faulty("full-read-waits", "selectors", "CLIENT-3", "Reads 4096 bytes at a time and takes a full read for a sign that more is on its way: if "
        "what arrives fills its reads exactly, it is not handled before something else arrives.")
class FullReadWaits(Client):
    RECV = 4096

    def data(self, conn, chunk):
        conn.hold = getattr(conn, "hold", b"") + chunk
        if len(chunk) < self.RECV:
            held, conn.hold = conn.hold, b""
            super().data(conn, held)

    def eof(self, conn):
        super().data(conn, getattr(conn, "hold", b""))
        super().eof(conn)


@faulty("unicode-lines", "threads", "CLIENT-10 CLIENT-8 CLIENT-9 CLIENT-6", "Cuts what it gets into lines as Unicode does, so also at U+0085, U+2028 and U+2029 when "
        "they stand unescaped in a text: such a message is lost in two problems.")
class UnicodeLines(Client):
    def cut(self, conn, chunk):
        found = []
        for frame in super().cut(conn, chunk):
            try:
                found += [p.encode() for p in re.split("[\x85\u2028\u2029]", frame.decode())]
            except (UnicodeDecodeError, AttributeError):
                found.append(frame)
        return found


# ---------------------------------------------------------------- CLIENT-4

@faulty("list-as-type", "selectors", "CLIENT-4", "Looks up the type in a dict unseen: a type that is an array or an object ends the program.")
class ListAsType(Client):
    def kind_of(self, message):
        from core import KINDS
        kind = message.get("type")
        if kind not in KINDS:
            raise Bad("The server sent a message of unknown type.")
        return kind


faulty("type-of-prototype", "node", "CLIENT-4", "Finds the type in a plain object, and so also those that every object inherits: the types "
       "constructor, toString or __proto__ pass without a word to the user.")("type-of-prototype")


@faulty("eighth-bad-frame", "threads", "CLIENT-4", "Ends the connection at the eighth bad frame, however many good ones came between.")
class EighthBad(Client):
    def bad(self, conn, why):
        super().bad(conn, why)
        conn.bads = getattr(conn, "bads", 0) + 1
        if conn.bads == 8 and not conn.over:
            self.shell.finish(conn)
            self.ended(conn, "The server makes too many mistakes.")


@faulty("bad-frame-refuses-join", "asyncio", "CLIENT-4 CLIENT-13", "Takes a bad frame that comes while its join is not answered for a refusal, "
        "and does not take itself for joined when the notice of its join follows.")
class BadRefuses(Client):
    def bad(self, conn, why):
        if conn.pending is not None:
            name, conn.pending = conn.pending, None
            self.report(conn, "refused", username=name, reason=why)
            self.after_refusal(conn)
        else:
            super().bad(conn, why)


# ---------------------------------------------------------------- CLIENT-5

@faulty("sender-wins", "asyncio", "CLIENT-5 CLIENT-10", "Shows a public message under the name in its member `sender`, which version 1 does not know "
        "there, if it has one.")
class SenderWins(Client):
    def on_message(self, conn, m):
        sender = m.get("sender")
        super().on_message(conn, {**m, "username": sender} if isinstance(sender, str) and sender else m)


@faulty("one-level-less", "selectors", "CLIENT-5 CLIENT-8 CLIENT-13 CLIENT-6 CLIENT-9", "Refuses a frame in which 33 objects and arrays stand inside each other, though that is "
        "not yet too deep: the value of an unknown member may have 32 levels, it takes 31.")
class OneLevelLess(Client):
    def parse(self, frame):
        message = super().parse(frame)
        level, depth = [message], 0
        while level:
            level = [v for v in level if isinstance(v, (dict, list))]
            depth += bool(level)
            level = [v for c in level for v in (c.values() if isinstance(c, dict) else c)]
        if depth > 32:
            raise Bad("The server sent a frame that is nested too deeply.")
        return message


# ---------------------------------------------------------------- CLIENT-6

@faulty("first-reason-again", "threads", "CLIENT-6 CLIENT-10", "Shows the reason of the first refusal for each later one on the same connection.")
class FirstReason(Client):
    def refusal(self, conn, m):
        conn.first_reason = getattr(conn, "first_reason", m["message"])
        return conn.first_reason


@faulty("joined-survives", "asyncio", "CLIENT-6", "Forgets that it was joined only when a connection ends by itself: if its user connects anew while "
        "joined and that join is refused, it reports the refusal but still sends messages as if joined.")
class JoinedSurvives(Client):
    was_joined = False

    def accepted(self, conn, m):
        self.was_joined = True
        super().accepted(conn, m)

    def ended(self, conn, why):
        if conn is self.conn:
            self.was_joined = False
        super().ended(conn, why)

    def is_joined(self, conn):
        return conn.joined or self.was_joined and conn.pending is None


@faulty("kept-after-refusal", "selectors", "CLIENT-6 CLIENT-14", "Keeps what it is asked to send while its join is not answered even when the join is "
        "refused, and sends it after the next join, under the other name.")
class KeptAfterRefusal(Keeping):
    def after_refusal(self, conn):
        if conn.finish_later:
            super().after_refusal(conn)


# ---------------------------------------------------------------- CLIENT-7

@faulty("reset-unnoticed", "threads", "CLIENT-7", "Tells nothing when its connection is reset, only when it ends in order.", subtle=False)
class ResetUnnoticed(Client):
    def lost(self, conn, error):
        if isinstance(error, ConnectionResetError):
            conn.told = True
        super().lost(conn, error)


@faulty("end-told-once", "selectors", "CLIENT-7", "Tells the first end of a connection by the server in its life, and no later one.")
class EndToldOnce(Client):
    ever = False

    def ended(self, conn, why):
        if conn is self.conn and not conn.leaving:
            if self.ever:
                conn.told = True
            self.ever = True
        super().ended(conn, why)


@faulty("end-in-frame-twice", "asyncio", "CLIENT-7", "Tells the end of its connection twice if it comes in the middle of a frame.")
class EndInFrame(Client):
    def eof(self, conn):
        if conn.buf and not conn.over:
            self.report(conn, "disconnected", reason="The connection ended in the middle of a message.")
        super().eof(conn)


# ---------------------------------------------------------------- CLIENT-8

@faulty("echo-set", "asyncio", "CLIENT-8", "Shows its user's message when it is sent and knows the copy from the server by a set of contents: of two "
        "equal messages that are on their way at once, the second appears twice.")
class EchoSet(Echo):
    def send_chat(self, conn, frame, message):
        super().send_chat(conn, frame, message)
        conn.mine = list(dict.fromkeys(conn.mine))


@faulty("same-second-once", "selectors", "CLIENT-8", "Drops a public message that equals the one before it in name, content and timestamp.")
class SameSecond(Client):
    def on_message(self, conn, m):
        key = m["username"], m["content"], m["timestamp"]
        if getattr(conn, "before", None) != key:
            super().on_message(conn, m)
        conn.before = key


# ---------------------------------------------------------------- CLIENT-9

@faulty("no-reason-no-failure", "threads", "CLIENT-9 CLIENT-10", "Knows an undelivered private message by the `reason` of its confirmation, which is "
        "optional: without one it is shown as delivered.")
class NoReason(Client):
    def on_private_confirmation(self, conn, m):
        super().on_private_confirmation(conn, {**m, "delivered": m["delivered"] or "reason" not in m})


@faulty("once-present", "asyncio", "CLIENT-9 CLIENT-10", "Remembers to whom a private message was delivered, and shows later ones to the same name as "
        "delivered even if they were not.")
class OncePresent(Client):
    def on_private_confirmation(self, conn, m):
        conn.present = getattr(conn, "present", set())
        if m["delivered"]:
            conn.present.add(m["target"])
        super().on_private_confirmation(conn, {**m, "delivered": m["target"] in conn.present})


# ---------------------------------------------------------------- CLIENT-10

@faulty("whole-escape-removed", "selectors", "CLIENT-10", "Makes terminal sequences such as ESC [31m harmless by leaving them out as a whole, with the "
        "visible characters after the ESC.")
class WholeEscape(Client):
    def display(self, text):
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text)


@faulty("announcement-like-notice", "asyncio", "CLIENT-10", "Shows an announcement of the operator that ends like a join or leave notice as a notice.")
class AnnouncementLikeNotice(Client):
    def on_server(self, conn, m):
        if m["message"].endswith((" joined the chat", " left the chat")):
            self.shown(conn, "system", message=m["message"])
        else:
            super().on_server(conn, m)


faulty("name-of-32-units", "node", "CLIENT-10", "Shows the first 32 UTF-16 units of a sender's name, which cuts names with many characters beyond "
       "U+FFFF.")("name-of-32-units")


# ---------------------------------------------------------------- CLIENT-11

@faulty("notices-first", "selectors", "CLIENT-11", "Of what arrives in one read, it shows the system messages before all others.")
class NoticesFirst(Client):
    def cut(self, conn, chunk):
        return sorted(super().cut(conn, chunk), key=self.rank)

    def rank(self, frame):
        try:
            return self.read(frame)["type"] != "system"
        except (Bad, AttributeError):
            return True


faulty("long-later", "node", "CLIENT-11", "Shows contents of more than 512 characters 40 ms later, so that messages that follow at once "
       "overtake them.")("long-later")


# ---------------------------------------------------------------- CLIENT-12

@faulty("tail-shown", "threads", "CLIENT-12", "Shows the bytes after the last LF at the end of the stream if they are a complete message.")
class TailShown(Client):
    def eof(self, conn):
        try:
            message = self.read(conn.buf)
        except Bad:
            pass
        else:
            self.handle(conn, message)
        super().eof(conn)


@faulty("echo-though-too-long", "asyncio", "CLIENT-12", "Shows its user's message before it finds that it is too long: it is shown, told as failed, and "
        "never sent.")
class EchoTooLong(Echo):
    def encode(self, message):
        frame, why = super().encode(message)
        conn = self.conn
        if why and why.startswith("Too long") and message["type"] == "message" and conn.joined:
            self.shown(conn, "message", username=conn.name, content=message["content"])
        return frame, why


# ---------------------------------------------------------------- CLIENT-13

@faulty("notice-by-prefix", "selectors", "CLIENT-13", "Takes itself for joined again at each notice that begins with the text of its own, such as "
        "that of a user named `NAME joined the chat 2`, or of itself among those present.")
class NoticeByPrefix(Client):
    def accepted(self, conn, m):
        conn.own = conn.pending
        super().accepted(conn, m)

    def on_system(self, conn, m):
        if conn.joined and m["message"].startswith(conn.own + " joined the chat"):
            self.report(conn, "joined", username=conn.own)
        super().on_system(conn, m)


@faulty("first-name-expected", "threads", "CLIENT-13", "After a refusal it still waits for a notice that contains the first name: it takes itself for "
        "joined under `alice2` after `alice`, but not under `bob`.")
class FirstNameExpected(Client):
    def own_notice(self, conn, name, text):
        return conn.first_name in text and super().own_notice(conn, name, text)


@faulty("exact-wording", "asyncio", "CLIENT-13", "Takes itself for joined at the recommended wording of the notice only, though a server may "
        "word it otherwise.")
class ExactWording(Client):
    def own_notice(self, conn, name, text):
        return text == name + " joined the chat"


# ---------------------------------------------------------------- CLIENT-14

@faulty("double-click", "selectors", "CLIENT-14", "Drops a message that equals the one before it and is asked for within 250 ms, without a word.")
class DoubleClick(Client):
    def send_chat(self, conn, frame, message):
        now = __import__("time").monotonic()
        last, at = getattr(conn, "last", (None, 0))
        conn.last = frame, now
        if last != frame or now - at > 0.25:
            super().send_chat(conn, frame, message)


@faulty("private-overtaken", "asyncio", "CLIENT-14", "Sends private messages 30 ms later than it is asked to, so that public ones that follow at once "
        "overtake them.")
class PrivateOvertaken(Client):
    def send_chat(self, conn, frame, message):
        if message["type"] != "private_message":
            return super().send_chat(conn, frame, message)
        conn.slow = getattr(conn, "slow", [])
        conn.slow.append(frame)
        self.shell.later(0.03, lambda: conn.slow and self.put(conn, conn.slow.pop(0)))

    def end_side(self, conn):
        for frame in getattr(conn, "slow", []):
            self.put(conn, frame)
        conn.slow = []
        super().end_side(conn)


faulty("undelivered-again", "node", "CLIENT-14", "Sends a private message that was not delivered once more by itself.")("undelivered-again")


# ---------------------------------------------------------------- CLIENT-15

@faulty("unicode-spaces-at-ends", "threads", "CLIENT-15", "Refuses names that begin or end with any white space of Unicode, such as U+00A0 or U+3000, "
        "though only U+0020 is excluded there.")
class UnicodeSpaces(Client):
    def name_problem(self, name, what):
        why = super().name_problem(name, what)
        return why or ("A name has no space at its ends." if name != name.strip() else None)


faulty("name-counted-in-units", "node", "CLIENT-15", "Counts the characters of a name in UTF-16 units: refuses names of 17 to 32 emoji.")("name-counted-in-units")


# ---------------------------------------------------------------- CLIENT-16

@faulty("leave-drops-unsent", "asyncio", "CLIENT-16 CLIENT-14", "Sends a frame each 15 ms, and drops what it has not sent yet when its user leaves.")
class LeaveDrops(Paced):
    def do_leave(self):
        if self.usable(self.conn):
            self.conn.paced.clear()
        super().do_leave()

    def input_ended(self):
        self.input_over = True
        Paced.do_leave(self)


@faulty("input-end-drops-unsent", "threads", "CLIENT-16 CLIENT-14", "Sends a frame each 15 ms, and drops what it has not sent yet at the end of its input; "
        "when it is asked to leave it sends all.")
class InputEndDrops(Paced):
    def input_ended(self):
        if self.usable(self.conn):
            self.conn.paced.clear()
        super().input_ended()


@faulty("unjoined-leaves-by-reset", "selectors", "CLIENT-16", "Ends the connection with a reset when its user leaves without having joined, for example "
        "after a refusal.")
class UnjoinedReset(Client):
    def end_side(self, conn):
        if conn.joined or not conn.up or conn.out or conn.gone or conn.muted:
            return super().end_side(conn)
        self.shell.reset(conn)
        conn.over = True
        self.tell_end(conn, "You have left.")


# ---------------------------------------------------------------- CLIENT-17

@faulty("first-word-lost", "threads", "CLIENT-17", "Says nothing about the first message that is asked of it after the server has ended the "
        "connection, only about those after it.")
class FirstWordLost(Client):
    def not_connected(self, asked):
        conn = self.conn
        if conn is not None and conn.over and not conn.leaving and not getattr(conn, "tried", False):
            conn.tried = True
            return
        super().not_connected(asked)


@faulty("silent-after-leave", "asyncio", "CLIENT-17", "Says nothing about messages that are asked of it after its user has left, only after the server "
        "has ended the connection.")
class SilentAfterLeave(Client):
    def not_connected(self, asked):
        if self.conn is None or not self.conn.leaving:
            super().not_connected(asked)


# ================================================================ right ones

@conforming("crlf-and-spaces", "threads", "Ends lines with CR LF, puts white space between all tokens and a blank line before each frame but the first, "
            "writes `type` last, and falls back to the short form when that would be too long.")
class CrlfAndSpaces(Client):
    started = None

    def spell(self, message):
        wide = json.dumps(dict(reversed(message.items())), ensure_ascii=False, separators=(" ,\t", " :  ")).encode()
        wide = b"\t " + wide + b" \r"
        return wide if len(wide) <= self.LIMIT else super().spell(message)

    def put(self, conn, frame):
        blank = b" \t\r\n" if self.started is conn else b""
        self.started = conn
        self.shell.write(conn, blank + frame + b"\n")


def every_escape(text, upper):
    units = text.encode("utf-16-be")
    form = "\\u%04X" if upper else "\\u%04x"
    return '"' + "".join(form % (units[i] << 8 | units[i + 1]) for i in range(0, len(units), 2)) + '"'


@conforming("all-escaped", "asyncio", "Writes every character of names and values as an escape, in capitals, if that fits, then only what is not ASCII, "
            "then nothing that need not be.")
class AllEscaped(Client):
    def spell(self, message):
        one = ("{" + ",".join(every_escape(k, False) + ":" + every_escape(v, True) for k, v in message.items()) + "}").encode()
        two = json.dumps(message, separators=(",", ":")).encode()
        return next((f for f in (one, two) if len(f) <= self.LIMIT), super().spell(message))


@conforming("limit-of-its-own-spelling", "selectors", "Writes ASCII with spaces after commas and colons only, as many libraries do, and refuses what is too "
            "long as it writes it.")
class OwnSpelling(Client):
    def spell(self, message):
        return json.dumps(message).encode()


@conforming("byte-by-byte", "threads", "Writes each byte by itself and reads three bytes at a time.")
class ByteByByte(Client):
    STEP = 1
    RECV = 3


@conforming("keeps-until-joined", "asyncio", "Keeps what is asked before the join is answered, gives it up with a word at a refusal, waits with leaving until "
            "it is sent, and does not show the notice of its own join.")
class KeepsUntilJoined(Keeping):
    def show_own_notice(self, conn, m):
        pass


@conforming("pipelines", "selectors", "Sends messages at once, also while its join is not answered yet.")
class Pipelines(Client):
    EARLY = "pipeline"


@conforming("leaves-when-refused", "threads", "Ends the connection in order when its join is refused, and has no way to try another name on it.")
class LeavesWhenRefused(Client):
    def after_refusal(self, conn):
        super().after_refusal(conn)
        if not conn.leaving:
            self.finish(conn)

    def do_join(self, username):
        self.emit({"event": "unsupported", "do": "join", "reason": "This client leaves when its join is refused."})


@conforming("new-connection-for-next-name", "asyncio", "Ends the connection in order when its join is refused, and makes a new one only when another name "
            "is to be tried.")
class NewConnection(Client):
    def after_refusal(self, conn):
        super().after_refusal(conn)
        if not conn.leaving:
            self.finish(conn)

    def do_join(self, username):
        conn = self.conn
        if conn is None or self.usable(conn) or self.name_problem(username, "join"):
            return super().do_join(username)
        self.do_connect(conn.host, conn.port, username)


@conforming("chatty", "selectors", "Tells much more than it must: events and kinds of its own, members of its own, blank lines, and JSON with spaces and "
            "escapes.")
class Chatty(Client):
    def emit(self, event):
        event = {"zeit": [1.5e3, None, {"tief": [[]]}], **event, "own": event.get("username") == "x", "note": "\u00e9\u2028"}
        line = json.dumps(event, separators=(" , ", " : "))
        self.shell.emit("\n" + line.replace('"event"', '"\\u0065vent"') + " \r\n  \n")

    def report(self, conn, event, **members):
        if event == "shown" and not (conn.muted or conn.told):
            self.emit({"event": "bell", "kind": "message"})
        super().report(conn, event, **members)

    def opened(self, conn):
        self.report(conn, "connected", host=conn.host)

    def send_chat(self, conn, frame, message):
        super().send_chat(conn, frame, message)
        self.report(conn, "shown", kind="private_sent" if "target" in message else "sending", content=message["content"])


@conforming("leaves-out", "threads", "Leaves out control, invisible formatting, separator and unassigned characters in all that it shows.")
class LeavesOut(Client):
    def display(self, text):
        return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp", "Cn"))


conforming("spells-out", "node", "Spells control, formatting, separator and unassigned characters out, as in <U+001B>, and tells bad frames that come in one "
           "read by one problem.")("spells-out")


@conforming("slow", "asyncio", "Each event comes 140 ms late, in order.")
class Slow(Client):
    def __init__(self, shell):
        super().__init__(shell)
        self.late = []

    def emit(self, event):
        self.late.append(event)
        self.shell.later(0.14, lambda: Client.emit(self, self.late.pop(0)))

    def busy(self):
        return bool(self.late)


@conforming("shows-own-at-once", "selectors", "Shows its user's public message when it is sent, and the server's copy not again.")
class ShowsOwn(Echo):
    pass


@conforming("one-talk-a-process", "threads", "Exits with status 0 when a connection has ended, and leaves out of its events what may be left out.")
class OneTalk(Client):
    def emit(self, event):
        event = dict(event)
        if event["event"] in ("joined", "refused"):
            event.pop("username", None)
        if event["event"] == "failed" and not event.get("sent"):
            for member in ("username", "target", "content"):
                event.pop(member, None)
        super().emit(event)

    def ended(self, conn, why):
        super().ended(conn, why)
        if conn is self.conn:
            self.quit = True


conforming("poor", "node", "Has no private messages, no second name, and no way to type control characters: answers such requests with `unsupported`.")("poor")


if __name__ == "__main__":
    import pathlib
    rows = [s[2] for s in SUBJECTS.values() if s[2]]
    text = "[\n" + ",\n".join(json.dumps(r) for r in rows) + "\n]\n"
    (pathlib.Path(__file__).parent / "catalogue.json").write_text(text)
    print(len(rows), sum(r["kind"] == "faulty" for r in rows), sum("needs" in r for r in rows))
