"""Fifteen unusual but conforming servers."""
import json, time
from server import Server, Refuse, WS

CATALOGUE = []


def odd(name, ids, says):
    def deco(cls):
        ids_ = ids.split()
        CATALOGUE.append({"name": name, "kind": "conforming", "ids": ids_, "root": ids_[0] if ids_ else None,
                          "says": says, "subtle": False, "cls": cls})
        return cls
    return deco


def esc(s):
    b = s.encode("utf-16-be")
    return '"' + "".join("\\u%02X%02x" % (b[i], b[i + 1]) for i in range(0, len(b), 2)) + '"'


@odd("esc-all", "", "Every character of every string, member names included, is written as \\uXXXX.")
class EscAll(Server):
    def encode(self, msg):
        parts = [esc(k) + ":" + (esc(v) if isinstance(v, str) else json.dumps(v)) for k, v in msg.items()]
        return ("{" + ",".join(parts) + "}").encode() + b"\n"


@odd("odd-json", "", "Members in reverse order, white space between and around all tokens, CR LF, slashes escaped, time zone +05:45.")
class OddJson(Server):
    def encode(self, msg):
        parts = [json.dumps(k) + " \t:\r " + json.dumps(v, ensure_ascii=False).replace("/", "\\/")
                 for k, v in reversed(list(msg.items()))]
        return ("\t {  " + " ,\t".join(parts) + "\r} \r\n").encode()

    def clock(self):
        return time.gmtime(time.time() + 5 * 3600 + 45 * 60)


@odd("blank-lines", "", "Blank lines of all kinds before and after each frame to a joined client, and twice a second to keep the connection alive.")
class BlankLines(Server):
    def queue(self, c, data):
        super().queue(c, b"\n \r\n" + data + b"\t\n" if c.joined else data)

    def joined(self, c):
        super().joined(c)
        self.later(0.5, self.beat, c)

    def beat(self, c):
        if not c.ended and not c.closing:
            if not c.out:
                Server.queue(self, c, b" \t \r\n")
            self.later(0.5, self.beat, c)


@odd("drip", "", "Sends byte by byte, as long as little is to be sent.")
class Drip(Server):
    budget = 0

    def flush_all(self):
        self.budget = 3000
        super().flush_all()

    def write(self, c):
        while c.out:
            self.budget -= 1
            n = c.sock.send(c.out[:1] if self.budget > 0 and len(c.out) < 6000 else c.out)
            del c.out[:n]


@odd("slow-250", "", "All that it sends goes out 250 ms late, in order.")
class Slow250(Server):
    D = 0.25

    def queue(self, c, data):
        self.later(self.D, super().queue, c, data)

    def finish(self, c):
        self.later(self.D, super().finish, c)


@odd("late-leave", "", "Notices the end of a joined connection only after 3 seconds; until then the name is taken and the user counts as present.")
class LateLeave(Server):
    def left(self, c):
        if self.stopping:
            super().left(c)
        else:
            self.later(3.0, super().left, c)


@odd("no-codes", "", "Errors have no code, and all have the same text but for a name in use.")
class NoCodes(Server):
    def error(self, c, code, text):
        self.send(c, {"type": "error", "message": text if code == "username_taken" else "\u26d4"})


@odd("other-codes", "", "Uses the last code in the order of precedence that fits, not the first.")
class OtherCodes(Server):
    def dispatch(self, c, obj):
        try:
            super().dispatch(c, obj)
        except Refuse as e:
            if e.code in ("invalid_message", "unknown_type", "username_invalid") and isinstance(obj, dict) \
                    and isinstance(obj.get("type"), str):
                if obj["type"] == "join":
                    if c.joined:
                        e.code = "already_joined"
                    elif "username" in obj:
                        e.code = "username_invalid"
                elif not c.joined:
                    e.code = "not_joined"
            raise e


@odd("welcome", "", "After its join notice a new client gets a welcome, who is present in the wording of join notices, and a last word; twice the same text.")
class Welcome(Server):
    def joined(self, c):
        super().joined(c)
        say = lambda text: self.send(c, {"type": "system", "message": text, "timestamp": self.now()})
        say("Welcome, " + c.name + "!")
        for name in list(self.users):
            if name != c.name:
                self.send(c, self.join_notice(name))
        say("Be kind.")
        say("Be kind.")


@odd("no-lf", "", "Takes a complete object at the end of what it has read for a frame without waiting for the LF, at the end of the stream too.")
class NoLf(Server):
    def feed(self, c, data):
        super().feed(c, data)
        if c.ended or c.skip or c.buf.lstrip(WS)[:1] != b"{" or c.buf.rstrip(WS)[-1:] != b"}":
            return
        try:
            self.parse(bytes(c.buf))
        except Refuse:
            return
        line = bytes(c.buf)
        c.buf.clear()
        self.on_line(c, line)


@odd("flood-closer", "", "The error for a frame that is too long comes only with its LF; at 65,536 bytes without LF the connection is closed, without an error.")
class FloodCloser(Server):
    def long_tail(self, c, buf):
        if len(buf) >= 65536:
            buf.clear()
            self.finish(c)

    def is_blank(self, line):
        return super().is_blank(line)


@odd("door-timer", "", "Ends connections that have not joined 10.2 seconds after it accepted them.")
class DoorTimer(Server):
    def on_accept(self, c):
        self.later(10.2, self.door, c)

    def door(self, c):
        if not c.joined and not c.ended and not c.closing:
            self.finish(c)


@odd("fifty-seats", "", "Serves exactly 50 users; the next join gets server_full and the end of the connection.")
class FiftySeats(Server):
    MAX_USERS = 50


@odd("other-words", "JOIN-3 LEAVE-3", "Other wording of join and leave notices, the name in the middle (warns JOIN-3, LEAVE-3).")
class OtherWords(Server):
    def join_notice(self, name):
        return {**super().join_notice(name), "message": "+++ \u00bb" + name + "\u00ab est arriv\u00e9 +++"}

    def leave_notice(self, name):
        return {**super().leave_notice(name), "message": "--- \u00bb" + name + "\u00ab est parti ---"}


@odd("tight-buffers", "", "Small socket buffers; disconnects a client as soon as 65,536 bytes wait for it after an attempt to send.")
class TightBuffers(Server):
    SNDBUF = 4096
    OUT_LIMIT = 65536
    FLUSH_AT = 16384


assert len(CATALOGUE) == 15
