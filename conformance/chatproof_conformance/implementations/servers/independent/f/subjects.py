"""All test subjects: each is a hub with one change, over one of the transports. The ones in JavaScript are in server.js."""
import json
import random
import re
import time
import unicodedata

from hub import EOF, TOO_LONG, Hub, Refuse

ALL = {f"base_{b}": {"base": b, "hub": Hub, "kind": "base"} for b in ("selectors", "poll", "asyncio", "threads", "node")}
VALID = ["JOIN-1", "PUBLIC-1", "PRIVATE-1"]


def faulty(name, base, ids, says, subtle=True, **more):
    def add(hub):
        ALL[name] = {"base": base, "hub": hub, "kind": "faulty", "ids": ids, "root": ids[0], "says": says, "subtle": subtle, **more}
        return hub
    return add


def conforming(name, base, ids, says, **more):
    def add(hub):
        ALL[name] = {"base": base, "hub": hub, "kind": "conforming", "ids": ids, "root": ids[0] if ids else None, "says": says,
                     "subtle": True, **more}
        return hub
    return add


def escape_all(value):
    if isinstance(value, str):
        units = value.encode("utf-16-be", "surrogatepass")
        return '"' + "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + '"'
    if isinstance(value, dict):
        return "{" + ",".join(escape_all(k) + ":" + escape_all(v) for k, v in value.items()) + "}"
    return json.dumps(value)


# ------------------------------------------------------------------------------------------------ the wire

@faulty("long_reason", "selectors", ["FRAME-1"],
        "Writes every character as a six-byte escape and repeats the content in the reason of an undelivered private message, so that "
        "this confirmation is longer than 8192 bytes if the content has about 660 characters or more.")
class LongReason(Hub):
    def encode(self, message):
        return escape_all(message).encode()

    def reason(self, c, m):
        return "Nobody has that name, so this went nowhere: " + m["content"]


@faulty("stop_no_lf", "poll", ["FRAME-1"], "The farewell message of a server that stops is not ended by LF.")
class StopNoLf(Hub):
    def say_farewell(self):
        for c in self.joined():
            c.write(self.encode(self.system("The server is stopping")))


@faulty("lone_lf_keepalive", "selectors", ["FRAME-2", *VALID],
        "A read that returns a single LF is dropped as keep-alive, even if it ends a frame whose other bytes came before.")
class LoneLf(Hub):
    def received(self, c, data):
        if data != b"\n":
            super().received(c, data)


@faulty("number_without_lf", "poll", ["FRAME-2", "ERROR-2", "ERROR-1"],
        "Treats a number at the end of what it has read as a complete frame without waiting for the LF, so that `12`, then `3` gets two errors.")
class NumberWithoutLf(Hub):
    def extract(self, c, data):
        super().extract(c, data)
        if not c.skip and re.fullmatch(rb"[ \t\r]*-?[0-9]+[ \t\r]*", c.buf):
            c.lines.append(bytes(c.buf))
            c.buf.clear()


@faulty("brace_count", "asyncio", ["FRAME-2", *VALID, "ERROR-1"],
        "Serves peers without LF by counting braces, also those inside strings: a frame that is split just after a } inside a string is "
        "taken for complete there.")
class BraceCount(Hub):
    def extract(self, c, data):
        super().extract(c, data)
        text = bytes(c.buf).strip(b" \t\r")
        if text.startswith(b"{") and text.endswith(b"}") and text.count(b"{") == text.count(b"}"):
            c.lines.append(bytes(c.buf))
            c.buf.clear()


@faulty("cr_counts_twice", "poll", ["FRAME-4", "FRAME-6", *VALID],
        "Counts the LF for a line that ends with CR LF: such a frame of exactly 1024 bytes, its CR included, is refused as too long.")
class CrCountsTwice(Hub):
    def too_long(self, line):
        return len(line) + line.endswith(b"\r") > self.max


@faulty("error_each_16k", "poll", ["FRAME-5"], "Sends a further error for each 16,384 bytes of a frame that is too long.")
class ErrorEach16k(Hub):
    def more_skipped(self, c, n):
        before = c.skipped // 16384
        super().more_skipped(c, n)
        c.lines += [TOO_LONG] * (c.skipped // 16384 - before)

    def line(self, c, line):
        super().line(c, line)
        for _ in range(len(line) // 16384):  # it came whole
            self.refuse(c, "frame_too_long", "That frame is too long", line)


@faulty("reset_no_timestamp", "selectors", ["FRAME-8"], "The leave notice of a client whose connection was reset has no timestamp.")
class ResetNoTimestamp(Hub):
    def leave_notice(self, c, how):
        notice = self.system(self.leave_text(c.name, how))
        if how == "reset":
            del notice["timestamp"]
        self.broadcast(notice, c)


# ------------------------------------------------------------------------------------------------ joining

@faulty("welcome_first_when_three", "asyncio", ["JOIN-2", "JOIN-11"],
        "If at least three users are present, a newcomer gets a welcome before the notice of its own join.")
class WelcomeFirst(Hub):
    def register(self, c, name):
        n = len(self.joined())
        if n >= 3:
            self.send(c, self.system(f"Welcome! You are not alone: {n} people are here."))
        super().register(c, name)


@faulty("mail_left_on_name", "poll", ["JOIN-2", "JOIN-11", "PRIVATE-2"],
        "What a client had not yet read of its messages when it left is sent to the next client that joins under its name, before the "
        "notice of that join.")
class MailLeft(Hub):
    sndbuf = 8192

    def setup(self):
        self.left_over = {}

    def leave(self, c, how):
        if c.joined and how in ("eof", "reset"):
            frames = list(c.out)[1 if c.off else 0:]
            frames = [f for f in frames if b'"type": "message"' in f or b'"type": "private_message"' in f]
            if frames:
                self.left_over[c.name] = frames
        super().leave(c, how)

    def register(self, c, name):
        for frame in self.left_over.pop(name, []):
            c.write(frame)
        super().register(c, name)


@faulty("holder_told_after_five", "selectors", ["JOIN-4", "ERROR-11"],
        "The user whose name others have tried to take is told so at the fifth refused attempt.")
class HolderTold(Hub):
    def refuse_taken(self, c, name):
        holder = self.users[name]
        holder.x["tried"] = holder.x.get("tried", 0) + 1
        super().refuse_taken(c, name)
        if holder.x["tried"] == 5:
            self.send(holder, self.system("Somebody keeps trying to use your name."))


@faulty("taken_then_gone_frees", "selectors", ["JOIN-4", "PRIVATE-1", "PRIVATE-3"],
        "When a connection ends that was refused a name in use and never joined, the name is freed although its user is still there: others "
        "can join under it, and private messages to it are not delivered.")
class TakenThenGone(Hub):
    def refuse_taken(self, c, name):
        c.name = name
        super().refuse_taken(c, name)

    def guest_left(self, c, how):
        if c.name:
            self.users.pop(c.name, None)


@faulty("join_race", "asyncio", ["JOIN-6"],
        "Checks whether a name is free and enters it 30 ms later without checking again: joins under one name at the same time all succeed.")
class JoinRace(Hub):
    def register(self, c, name):
        c.paused = True

        def later():
            if not c.ended:
                super(JoinRace, self).register(c, name)
            self.resume(c)
        self.t.later(0.03, later)


@faulty("fold_non_ascii", "selectors", ["JOIN-7", "JOIN-1"],
        "Takes two names for the same if they differ only in the case of letters outside ASCII, such as Émile and émile.")
class FoldNonAscii(Hub):
    def key(self, name):
        return "".join(ch if ch < "\x80" else ch.casefold() for ch in name)

    def taken(self, name, c):
        return any(self.key(name) == self.key(user) for user in self.users)


@faulty("name_2065", "poll", ["JOIN-8", "ERROR-4", "FRAME-8"], "Lets a name with U+2065 join, the one unassigned code point in U+2060 to U+2069.")
class Name2065(Hub):
    def valid_username(self, name):
        return self.valid_name(name.replace("\u2065", "x"))


@faulty("taken_may_whisper", "selectors", ["JOIN-9"],
        "After a connection was refused a name in use, its private messages are not refused: they are delivered, with that name as sender.")
class TakenMayWhisper(Hub):
    def refuse_taken(self, c, name):
        c.x["alias"] = name
        super().refuse_taken(c, name)

    def check_state(self, c, m):
        if not (m["type"] == "private_message" and not c.joined and "alias" in c.x):
            super().check_state(c, m)

    def private(self, c, m):
        return {"type": "private_message", "sender": c.name or c.x["alias"], "content": m["content"], "timestamp": self.now()}


@faulty("second_name_reserved", "threads", ["JOIN-10", "ERROR-11", "JOIN-1"],
        "A refused second join of a joined client reserves the second name as long as that client stays.")
class SecondReserved(Hub):
    def check_state(self, c, m):
        if m["type"] == "join" and c.joined and m["username"] not in self.users:
            c.x.setdefault("reserved", set()).add(m["username"])
        super().check_state(c, m)

    def taken(self, name, c):
        return super().taken(name, c) or any(name in d.x.get("reserved", ()) for d in self.conns if d is not c)


@faulty("waiting_hears_leave", "selectors", ["JOIN-11"],
        "A connection that was refused a name in use and has not joined gets the leave notice when the user of that name leaves.")
class WaitingHears(Hub):
    def refuse_taken(self, c, name):
        c.x["wants"] = name
        super().refuse_taken(c, name)

    def leave_notice(self, c, how):
        super().leave_notice(c, how)
        for d in self.conns:
            if not d.joined and not d.ended and d.x.get("wants") == c.name:
                self.send(d, self.system(self.leave_text(c.name, how)))


@faulty("join_nine_seconds", "asyncio", ["JOIN-12"], "Closes a connection that has not joined 9 seconds after it was accepted.")
class JoinNine(Hub):
    def opened(self, c):
        super().opened(c)
        self.t.later(9, lambda: c.joined or self.end(c))


@faulty("stale_roster", "threads", ["JOIN-13"],
        "Informs a newcomer of who is present by join notices; the list still has the users whose connections were reset.")
class StaleRoster(Hub):
    def setup(self):
        self.roster = []

    def register(self, c, name):
        super().register(c, name)
        for other in self.roster:
            if other != name:
                self.send(c, self.system(self.join_text(other)))
        if name not in self.roster:
            self.roster.append(name)

    def left(self, c, how):
        if how != "reset" and c.name in self.roster:
            self.roster.remove(c.name)
        super().left(c, how)


# ------------------------------------------------------------------------------------------------ leaving

@faulty("partial_line_no_notice", "selectors", ["LEAVE-1"],
        "If a client ends its connection after an unfinished line, nobody gets the notice of its leave.")
class PartialLine(Hub):
    def leave_notice(self, c, how):
        if not (how == "eof" and c.buf):
            super().leave_notice(c, how)


@faulty("second_leave_swallowed", "asyncio", ["LEAVE-1", "LEAVE-2"], "A leave within 50 ms after another one is not told to anybody.")
class SecondLeave(Hub):
    last = 0

    def leave_notice(self, c, how):
        now = time.monotonic()
        if now - self.last > 0.05:
            super().leave_notice(c, how)
        self.last = now


@faulty("reset_with_backlog", "poll", ["LEAVE-2"],
        "When a connection is reset while data still waits for it in the server, nobody gets the notice of that leave.")
class ResetWithBacklog(Hub):
    sndbuf = 8192

    def leave(self, c, how):
        c.x["silent"] = how == "reset" and (c.out or c.broken and c.x.get("had"))
        super().leave(c, how)

    def put(self, c, data):
        super().put(c, data)
        c.x["had"] = bool(c.out) or c.broken and c.x.get("had")

    def leave_notice(self, c, how):
        if not c.x["silent"]:
            super().leave_notice(c, how)


@faulty("flapping_lock", "selectors", ["LEAVE-4", "JOIN-1"],
        "After a name was left three times within 30 seconds, it stays in use for another 3 seconds after the notice.")
class Flapping(Hub):
    def setup(self):
        self.history = {}

    def left(self, c, how):
        self.history.setdefault(c.name, []).append(time.monotonic())
        super().left(c, how)

    def taken(self, name, c):
        now = time.monotonic()
        times = [t for t in self.history.get(name, ()) if now - t < 30]
        return super().taken(name, c) or len(times) >= 3 and now - times[-1] < 3


@faulty("guest_reset_told", "poll", ["LEAVE-5"],
        "When a connection that never joined is reset (not when it ends in order), all joined clients are told of a visitor who has gone.")
class GuestReset(Hub):
    def guest_left(self, c, how):
        if how == "reset":
            self.broadcast(self.system("A visitor has vanished."))


@faulty("line_timer_sticky", "asyncio", ["LEAVE-7"],
        "Closes a connection 10.5 seconds after it began a line that did not come in one read, even though that line was ended in time.")
class LineTimer(Hub):
    def extract(self, c, data):
        super().extract(c, data)
        if (c.buf or c.skip) and "timer" not in c.x:
            c.x["timer"] = True
            self.t.later(10.5, lambda: self.end(c))


# ------------------------------------------------------------------------------------------------ order

@faulty("confirm_late", "threads", ["ORDER-1"],
        "The confirmation of an undelivered private message is sent 25 ms late: answers to later frames overtake it.")
class ConfirmLate(Hub):
    def confirm(self, c, m, delivered):
        if delivered:
            return super().confirm(c, m, delivered)
        self.t.later(0.025, lambda: super(ConfirmLate, self).confirm(c, m, delivered))


class Batch(Hub):
    """Output is collected and sent some milliseconds later, in order."""
    delay = 0.025

    def setup(self):
        self.batch = []

    def send(self, c, message, cause=None):
        if self.at_once(c, message, cause):
            return super().send(c, message)
        if not self.batch:
            self.t.later(self.delay, self.flush)
        self.batch.append((c, self.encode(message) + b"\n"))

    def at_once(self, c, message, cause):
        return False

    def flush(self):
        batch, self.batch = self.batch, []
        for c, data in batch:
            self.put(c, data)

    def farewell(self):
        self.flush()
        super().farewell()
        self.flush()


@faulty("leave_bypasses", "selectors", ["ORDER-2", "LEAVE-6"],
        "Everything is sent in batches each 25 ms but leave notices, which go at once: they overtake the last messages of the user who left.")
class LeaveBypasses(Batch):
    def leave_notice(self, c, how):
        notice = self.encode(self.system(self.leave_text(c.name, how))) + b"\n"
        for d in self.joined():
            if d.x.get("new"):
                self.batch.append((d, notice))
            else:
                self.put(d, notice)

    def register(self, c, name):
        c.x["new"] = True
        super().register(c, name)

    def put(self, c, data):
        c.x["new"] = False
        super().put(c, data)


@faulty("own_echo_first", "poll", ["ORDER-3"],
        "A client gets its own messages at once, but those of others 15 ms later: of messages sent at the same time, everyone sees its own first.")
class OwnEchoFirst(Batch):
    delay = 0.015

    def at_once(self, c, message, cause):
        return c is cause or message["type"] == "error"


# ------------------------------------------------------------------------------------------------ public messages

@faulty("double_click", "selectors", ["PUBLIC-1"],
        "A public message with the same content as the sender's previous one less than a second before is dropped.")
class DoubleClick(Hub):
    def do_message(self, c, m):
        now = time.monotonic()
        content, when = c.x.get("said", (None, 0))
        c.x["said"] = m["content"], now
        if content != m["content"] or now - when > 1:
            super().do_message(c, m)


@faulty("nonchar_astral", "asyncio", ["PUBLIC-2"],
        "Replaces the noncharacters beyond the Basic Multilingual Plane, such as U+1FFFE, by U+FFFD in public messages.")
class NoncharAstral(Hub):
    def do_message(self, c, m):
        m["content"] = "".join("\ufffd" if ord(ch) > 0xFFFF and ord(ch) & 0xFFFE == 0xFFFE else ch for ch in m["content"])
        super().do_message(c, m)


@faulty("own_timestamp", "threads", ["PUBLIC-3", "PUBLIC-4", "TIME-1"],
        "If the sender adds a well-formed `timestamp` to a private message, its target gets that as the time.")
class OwnTimestamp(Hub):
    def private(self, c, m):
        message, t = super().private(c, m), m.get("timestamp")
        if isinstance(t, str) and re.fullmatch("([01][0-9]|2[0-3])(:[0-5][0-9]){2}", t):
            message["timestamp"] = t
        return message


@faulty("depth_off_by_one", "poll", ["PUBLIC-3", *VALID],
        "Refuses a message with an unknown member in which exactly 32 levels stand inside each other, which makes 33 with the message.")
class DepthOffByOne(Hub):
    def check(self, c, m):
        todo = [(m, 1)]
        while todo:
            v, depth = todo.pop()
            if isinstance(v, (dict, list)):
                if depth > 32:
                    raise Refuse("invalid_message", "Too deep")
                todo += [(w, depth + 1) for w in (v.values() if isinstance(v, dict) else v)]
        super().check(c, m)


# ------------------------------------------------------------------------------------------------ private messages

@faulty("sender_cache", "threads", ["PRIVATE-1"],
        "Remembers for each sender which connection a target had: if that user has left and another one has joined under the name, the "
        "message is confirmed as delivered and goes to the dead connection.")
class SenderCache(Hub):
    def find(self, c, target):
        if target not in self.users:
            return None
        return c.x.setdefault("cache", {}).setdefault(target, self.users[target])


@faulty("confirm_last_sender", "threads", ["CONFIRM-1", "CONFIRM-2", "PRIVATE-2"],
        "A confirmation, 20 ms after the message, goes to whoever sent a private message last: with two senders at the same time, to the wrong one.")
class ConfirmLastSender(Hub):
    last = None

    def confirm(self, c, m, delivered):
        self.last = c
        c.paused = True

        def later():
            super(ConfirmLastSender, self).confirm(self.last, m, delivered)
            self.resume(c)
        self.t.later(0.02, later)


@faulty("offline_mailbox", "selectors", ["CONFIRM-2", "PRIVATE-2"],
        "Keeps a private message to a user who has left, and delivers it to whoever joins under that name next.")
class OfflineMailbox(Hub):
    def setup(self):
        self.known, self.mail = set(), {}

    def register(self, c, name):
        super().register(c, name)
        self.known.add(name)
        for sender, message in self.mail.pop(name, ()):
            if not sender.ended:
                self.send(c, message)

    def confirm(self, c, m, delivered):
        if not delivered and m["target"] in self.known:
            self.mail.setdefault(m["target"], []).append((c, self.private(c, m)))
        super().confirm(c, m, delivered)


@faulty("self_alone", "asyncio", ["PRIVATE-3"],
        "A private message to oneself is not delivered, and confirmed as such, while nobody else has joined.")
class SelfAlone(Hub):
    def find(self, c, target):
        to = super().find(c, target)
        return None if to is c and len(self.users) == 1 else to


@faulty("reason_for_known", "threads", ["CONFIRM-3"],
        "A confirmation with `delivered` false has no `reason` if a user of that name has been there before.")
class ReasonForKnown(Hub):
    def setup(self):
        self.known = set()

    def register(self, c, name):
        self.known.add(name)
        super().register(c, name)

    def encode(self, message):
        if message.get("delivered") is False and message["target"] in self.known:
            message.pop("reason", None)
        return super().encode(message)


# ------------------------------------------------------------------------------------------------ errors

@faulty("ff_blank", "selectors", ["ERROR-1"], "Takes form feed and vertical tab for white space: a line of them alone is blank and gets no error.")
class FfBlank(Hub):
    def blank(self, line):
        return not line.strip()


@faulty("target_33", "poll", ["ERROR-4", "FRAME-8"],
        "Accepts a target of 33 code points, one too many, and answers with a confirmation of which it is not valid.")
class Target33(Hub):
    def valid_target(self, name):
        return self.valid_name(name) or len(name) == 33 and self.valid_name(name[1:]) and self.valid_name(name[:-1])


@faulty("cesu", "threads", ["ERROR-5"],
        "Accepts a character beyond the Basic Multilingual Plane that is written as two encoded surrogates (CESU-8), which is not UTF-8.")
class Cesu(Hub):
    def decode(self, line):
        try:
            return line.decode()
        except UnicodeDecodeError:
            return line.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")


@faulty("confirmation_unjoined_silent", "selectors", ["ERROR-9"],
        "A `private_confirmation` from a connection that has not joined gets no error.")
class ConfirmationSilent(Hub):
    def check(self, c, m):
        if isinstance(m, dict) and m.get("type") == "private_confirmation" and not c.joined:
            raise Refuse(None, "")
        super().check(c, m)

    def refuse(self, c, code, text, line):
        if code:
            super().refuse(c, code, text, line)


@faulty("garbage_gossip", "threads", ["ERROR-11"], "At the tenth frame of a joined client that is refused, everyone is told that it has trouble.")
class GarbageGossip(Hub):
    def refuse(self, c, code, text, line):
        super().refuse(c, code, text, line)
        c.x["bad"] = c.x.get("bad", 0) + 1
        if c.joined and c.x["bad"] == 10:
            self.broadcast(self.system(f"The program of {c.name} does not speak well."))


@faulty("sticky_code", "selectors", ["ERROR-12"],
        "After a connection was refused a name in use, the errors to its messages before a join have the code `username_taken` instead of `not_joined`.")
class StickyCode(Hub):
    def refuse_taken(self, c, name):
        c.x["taken"] = True
        super().refuse_taken(c, name)

    def refuse(self, c, code, text, line):
        super().refuse(c, "username_taken" if code == "not_joined" and c.x.get("taken") else code, text, line)


# ------------------------------------------------------------------------------------------------ time, load, operator, stopping

@faulty("cached_time", "threads", ["TIME-1"], "Reads the clock only every 20 seconds: timestamps are up to 20 seconds old.")
class CachedTime(Hub):
    at = -100

    def now(self):
        if time.monotonic() - self.at > 20:
            self.at, self.text = time.monotonic(), super().now()
        return self.text


@faulty("reset_leaks_seat", "selectors", ["LOAD-1", "JOIN-1"],
        "Has room for 64 joined clients, but each reset of one takes a place for ever: after 15 resets 50 clients find no room.")
class ResetLeaksSeat(Hub):
    leaked = 0

    def full(self):
        return len(self.joined()) + self.leaked >= 64

    def left(self, c, how):
        self.leaked += how == "reset"
        super().left(c, how)


@faulty("four_halves", "poll", ["LOAD-3"],
        "Has four places for connections in the middle of a line: while four others are, a frame waits until one of them ends its line or has "
        "been at it for 2 seconds.")
class FourHalves(Hub):
    def setup(self):
        self.halves = set()

    def extract(self, c, data):
        super().extract(c, data)
        if c.buf and c not in self.halves:
            self.halves.add(c)
            n = c.x["half"] = c.x.get("half", 0) + 1
            self.t.later(2, lambda: c.x["half"] == n and self.ended(c))
        elif not c.buf:
            self.ended(c)

    def ended(self, c):
        if c in self.halves:
            self.halves.discard(c)
            for d in list(self.conns):
                self.pump(d)

    def pump(self, c):
        if len(self.halves - {c}) < 4:
            super().pump(c)

    def leave(self, c, how):
        super().leave(c, how)
        self.ended(c)


@faulty("slow_three_seconds", "selectors", ["LOAD-5"],
        "Disconnects a client for which any data has been waiting in the server for 3 seconds, however little (its send buffer is small).")
class SlowThree(Hub):
    sndbuf = 4096

    def setup(self):
        self.t.later(0.25, self.look)

    def look(self):
        now = time.monotonic()
        for c in list(self.conns):
            if not c.pending():
                c.x["since"] = None
            elif not c.x.get("since"):
                c.x["since"] = now
            elif now - c.x["since"] > 3:
                self.doom(c)
        self.t.later(0.25, self.look)


@faulty("burst_48k", "asyncio", ["LOAD-5"], "Disconnects a client to which more than 48,000 bytes are sent in one turn of the event loop.")
class Burst(Hub):
    def setup(self):
        self.sent = {}

    def put(self, c, data):
        if not self.sent:
            self.t.later(0, self.sent.clear)
        self.sent[c] = self.sent.get(c, 0) + len(data)
        super().put(c, data)
        if self.sent[c] > 48000:
            self.doom(c)


@faulty("announce_captured", "threads", ["SERVER-1"],
        "The first announcement fixes who gets announcements: clients that join later get none of those that follow.")
class AnnounceCaptured(Hub):
    circle = None

    def announce(self, text):
        if not text or self.stopping:
            return
        if self.circle is None:
            self.circle = self.joined()
        for c in self.circle:
            self.send(c, {"type": "server", "message": text, "timestamp": self.now()})


@faulty("stop_no_read_on", "selectors", ["STOP-1"],
        "When it stops, it reads nothing more and closes: clients that are just sending get a reset.")
class StopNoReadOn(Hub):
    read_on = False


# ------------------------------------------------------------------------------------------------ in JavaScript

for _name, _ids, _subtle, _says in [
    ("node_chunk_decode", ["FRAME-2", "JOIN-1", "PUBLIC-2", "PRIVATE-1", "CONFIRM-1", "CONFIRM-2"], False,
     "Decodes each read for itself: a character that is split between two reads becomes U+FFFD."),
    ("node_chars_not_bytes", ["FRAME-5"], True,
     "Counts characters (UTF-16 units) instead of bytes: a frame of more than 1024 bytes but at most 1024 characters is accepted."),
    ("node_utf16_name", ["JOIN-1"], True,
     "Counts the length of a username in UTF-16 units: 17 to 32 characters beyond the Basic Multilingual Plane are refused."),
    ("node_idle_11", ["LEAVE-7"], False, "Ends a joined connection on which nothing was sent in either direction for 11 seconds."),
    ("node_confirm_copies", ["PUBLIC-4"], True,
     "Builds a confirmation with `delivered` false from the client's message, with the members that the client added."),
    ("node_private_proto", ["CONFIRM-2"], True,
     "Looks targets up in a plain object: a private message to `constructor` or `toString` counts as delivered though nobody has joined under that name."),
    ("node_proto_type", ["ERROR-3"], True,
     "Looks types up in a plain object: a message of type `toString` or `constructor` from a joined client gets no error."),
    ("node_surrogate_key", ["ERROR-7"], True, "Does not look for lone surrogates in the names of members: such a frame is accepted."),
    ("node_pipe_pause", ["LOAD-2"], True,
     "Stops reading from a sender while any recipient has unread data in the server, as a pipe would: one client that stops reading stops all who send."),
]:
    faulty(_name, "node", _ids, _says, _subtle, needs=["node"], language="javascript")(None)


# ------------------------------------------------------------------------------------------------ conforming, but unusual

@conforming("ok_roster", "selectors", [], "After its own notice a newcomer gets a welcome and a join notice for each user who is present.")
class OkRoster(Hub):
    def register(self, c, name):
        others = [d.name for d in self.joined()]
        super().register(c, name)
        self.send(c, self.system(f"Welcome {name}! Others present: {', '.join(others) or 'nobody'}."))
        for other in others:
            self.send(c, self.system(self.join_text(other)))


@conforming("ok_escapes", "poll", [],
            "Writes each character as an escape, member names too, with tabs, spaces and CR between tokens and CR LF at the end.")
class OkEscapes(Hub):
    def encode(self, message):
        parts = [escape_all(k) + " \t: " + escape_all(v) for k, v in message.items()]
        return ("\t {\r " + " ,\t".join(parts) + " \r} \r").encode()


@conforming("ok_shuffle", "threads", [],
            "Members in random order, with further members of any kind between them, and blank lines between the frames of joined clients.")
class OkShuffle(Hub):
    def encode(self, message):
        extra = {"id": random.randrange(1 << 60), "meta": {"tags": [1, [2, [None]]], "type": "error"}, "x": None, "é\u2028": -0.5e-7,
                 "username_": "bob joined the chat", "of": {"username": "nobody", "delivered": False}}
        items = list(message.items()) + random.sample(list(extra.items()), random.randrange(1, 5))
        random.shuffle(items)
        return json.dumps(dict(items), ensure_ascii=random.random() < 0.5, separators=random.choice([(",", ":"), (" , ", " : ")])).encode()

    def put(self, c, data):
        if c.joined and random.random() < 0.3:
            data += random.choice([b"\n", b" \r\n", b"\t\n\r\n"])
        super().put(c, data)


@conforming("ok_late_leave", "asyncio", [],
            "Leave notices come 8.5 seconds late; until then the name is in use and private messages to it count as delivered.")
class OkLateLeave(Hub):
    def left(self, c, how):
        def later():
            self.free(c)
            self.leave_notice(c, how)
        self.t.later(8.5, later)


def bytewise(module):
    class Bytewise(module.Transport):
        def piece(self, c):
            return c.out[:random.choice([1, 1, 2, 3, 5, 17, 600])] if len(c.out) < 4096 else c.out[:262144]

        def once(self, c):
            return len(c.out) < 4096 and random.random() < 0.4
    return Bytewise


@conforming("ok_bytewise", "selectors", [], "Writes frames in pieces of a few bytes, cut anywhere, with other work in between.", transport=bytewise)
class OkBytewise(Hub):
    pass


@conforming("ok_taken_closes", "poll", ["JOIN-5"], "Closes the connection, in order, after the error for a name in use.")
class OkTakenCloses(Hub):
    def refuse_taken(self, c, name):
        super().refuse_taken(c, name)
        self.end(c)


@conforming("ok_wording", "threads", ["JOIN-3", "LEAVE-3", "JOIN-5"],
            "Other wordings of the notices and of the error for a name in use; different ones for an end and a reset are not used.")
class OkWording(Hub):
    def join_text(self, name):
        return f"»{name}« ist da"

    def leave_text(self, name, how):
        return f"Tschüs, »{name}«!"

    def refuse_taken(self, c, name):
        self.send(c, {"message": f"Es gibt schon jemanden, der {name} heißt", "type": "error"})


@conforming("ok_strict_limits", "selectors", [],
            "Uses every permission to end connections: not joined after 10.3 s, a line unfinished for 10.3 s, 65,536 bytes without LF, "
            "a 51st joined client (server_full), 65,536 bytes that wait in the server.")
class OkStrictLimits(Hub):
    limit = 65536

    def setup(self):
        self.t.later(0.25, self.look)

    def opened(self, c):
        super().opened(c)
        self.t.later(10.3, lambda: c.joined or self.end(c))

    def full(self):
        return len(self.joined()) >= 50

    def doom(self, c):
        self.t.flush(c)  # only what the system cannot take waits here
        if c.pending() > self.limit:
            super().doom(c)

    def extract(self, c, data):
        super().extract(c, data)
        if not c.buf and not c.skip:
            c.x.pop("began", None)
        elif b"\n" in data or "began" not in c.x:
            c.x["began"] = time.monotonic()
        if c.skip and c.skipped >= 65536:
            c.lines.append(b"close")
            c.x["close"] = True

    def line(self, c, line):
        if c.x.get("close") and line == b"close" and not c.lines:
            self.end(c)
        else:
            super().line(c, line)

    def look(self):
        now = time.monotonic()
        for c in list(self.conns):
            if now - c.x.get("began", now) > 10.3:
                self.end(c)
        self.t.later(0.25, self.look)


@conforming("ok_no_lf", "asyncio", [],
            "Serves peers without LF as section 17 allows: a complete object at the end of a read, or of the stream, is a frame.")
class OkNoLf(Hub):
    def extract(self, c, data):
        super().extract(c, data)
        self.complete(c)

    def complete(self, c):
        text = bytes(c.buf).strip(b" \t\r")
        if text.startswith(b"{") and text.endswith(b"}"):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                return
            if isinstance(value, dict):
                c.lines.append(bytes(c.buf))
                c.buf.clear()


@conforming("ok_latency", "selectors", [], "Sends everything 150 ms late, in order.")
class OkLatency(Batch):
    delay = 0.15


@conforming("ok_few_shoulds", "poll", ["FRAME-7", "JOIN-3", "JOIN-5", "LEAVE-3", "CONFIRM-3", "ERROR-8", "ERROR-12", "TIME-1", "STOP-2"],
            "Keeps hardly any SHOULD: blank lines get an error, the time is always 00:00:00, codes do not fit, no reason, no farewell, "
            "members may occur twice (the last one counts), other wordings.")
class OkFewShoulds(Hub):
    def now(self):
        return "00:00:00"

    def blank_line(self, c, line):
        self.refuse(c, "malformed_json", "Blank", line)

    def pairs(self, pairs):
        return dict(pairs)

    def refuse(self, c, code, text, line):
        super().refuse(c, "server_full" if code != "frame_too_long" else "username_taken", "No", line)

    def refuse_taken(self, c, name):
        self.refuse(c, "x", "No", b"")

    def join_text(self, name):
        return f"+{name}"

    def leave_text(self, name, how):
        return f"-{name}"

    def encode(self, message):
        message.pop("reason", None)
        return super().encode(message)

    def say_farewell(self):
        pass


@conforming("ok_other_codes", "threads", [],
            "Of several codes that fit it takes the last one: not_joined for anything invalid before the join, username_taken or already_joined "
            "for joins after it; a frame that is too long gets its error only at its LF; a byte order mark at the start of a frame is ignored.")
class OkOtherCodes(Hub):
    def decode(self, line):
        return line.decode("utf-8-sig")

    def extract(self, c, data):
        c.buf += data
        *lines, rest = bytes(c.buf).split(b"\n")
        for line in lines:
            if c.skip or len(line) > self.max:
                c.lines.append(TOO_LONG)
            else:
                c.lines.append(line)
            c.skip = False
        c.buf[:] = rest
        if len(rest) > 2048:
            c.skip = True
            c.buf[:] = b""

    def check(self, c, m):
        if isinstance(m, dict) and m.get("type") == "join" and c.joined:
            name = m.get("username")
            taken = isinstance(name, str) and name in self.users
            raise Refuse("username_taken" if taken else "already_joined", "You are somebody already")
        if isinstance(m, dict) and m.get("type") in ("message", "private_message") and not c.joined:
            raise Refuse("not_joined", "Who are you?")
        super().check(c, m)


for _name, _says, _more in [
    ("ok_node_kiritimati", "Lives in the time zone UTC+14; every client gets its own timestamp, up to 2 seconds off; the confirmation comes before a "
     "private message to oneself; welcomes newcomers.", {"tz": "Pacific/Kiritimati"}),
    ("ok_node_refuser", "Refuses all that may be refused: byte order marks, more than 33 levels, numbers of more than 64 digits or out of the range of a "
     "double; no codes in errors.", {}),
    ("ok_node_lenient", "Accepts all that may be accepted: byte order marks, deep nesting, huge numbers; errors of frames that are too long come at their "
     "LF; writes each frame in two parts, indented with CR and spaces.", {}),
]:
    conforming(_name, "node", [], _says, needs=["node"], language="javascript", **_more)(None)


def catalogue():
    rows = []
    for name, e in ALL.items():
        if e["kind"] != "base":
            row = {"name": name, **{k: e[k] for k in ("kind", "ids", "root", "says", "subtle")}}
            row.update({k: e[k] for k in ("needs", "language") if k in e})
            rows.append(row)
    return "[\n" + ",\n".join(json.dumps(r, ensure_ascii=False) for r in rows) + "\n]\n"


if __name__ == "__main__":
    with open("catalogue.json", "w") as f:
        f.write(catalogue())
    kinds = [e["kind"] for e in ALL.values()]
    print({k: kinds.count(k) for k in set(kinds)}, sum("needs" in e for e in ALL.values()))
