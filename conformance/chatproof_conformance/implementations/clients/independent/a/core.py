"""The client, without input and output: a shell (sh_*.py) opens connections, brings bytes and requests, and runs timers.

F is the name of the variant ("" = the conforming base); P the policies of the base.
"""

import json
import re
import sys
import threading
import time
import unicodedata

F = ""
P = {"early": "refuse", "echo": False}  # early: refuse | keep | pipeline
LIMIT, SERVER_LIMIT = 1024, 8192
_out = threading.Lock()


def emit(event):
    if F == "c12-bare-members":
        if event["event"] in ("joined", "refused", "failed"):
            for key in ("username", "target", "content"):
                event.pop(key, None)
    with _out:
        if F == "c05-more-events":
            event = {"at": time.time(), "colour": {"fg": [1, 2, {"x": None}]}, **event, "line": 7}
            sys.stdout.write("\n" + json.dumps({"event": "redrawn", "kind": "message", "content": "status bar"}) + "\n")
        sys.stdout.write(json.dumps(event) + "\n")
        sys.stdout.flush()


# ---- names, texts, frames -------------------------------------------------------------------------------------------

BAD = "\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff"
NAME = re.compile(f"[^{BAD}]{{1,32}}")
NAME_DOLLAR = re.compile(f"^[^{BAD}]{{1,32}}$")
TIME = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
SURROGATE = re.compile("[\ud800-\udfff]")


class Bad(Exception):
    pass


class NotSent(Exception):
    pass


def is_text(value):
    return isinstance(value, str) and value != "" and not SURROGATE.search(value)


def is_name(value):
    return is_text(value) and NAME.fullmatch(value) is not None and value[0] != " " and value[-1] != " "


def is_time(value):
    return isinstance(value, str) and TIME.fullmatch(value) is not None


def is_flag(value):
    if F == "f21-delivered-one":
        return value in (True, False) if not isinstance(value, (list, dict)) else False
    return isinstance(value, bool)


def asked_name(value, joining):
    """Whether a name that the user typed is one."""
    if F == "f01-name-dollar" and joining:
        return is_text(value) and NAME_DOLLAR.match(value) is not None and value[0] != " " and value[-1] != " "
    if F == "f81-category-cf":
        return (is_text(value) and len(value) <= 32 and value.strip(" ") == value
                and not any(unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp") for c in value))
    return is_name(value)


TYPES = {
    "message": {"username": is_name, "content": is_text, "timestamp": is_time},
    "private_message": {"sender": is_name, "content": is_text, "timestamp": is_time},
    "private_confirmation": {"target": is_name, "content": is_text, "delivered": is_flag, "timestamp": is_time, "reason?": is_text},
    "system": {"message": is_text, "timestamp": is_time},
    "server": {"message": is_text, "timestamp": is_time},
    "error": {"message": is_text, "code?": lambda value: isinstance(value, str)},
}
MISSING = object()


def pairs(items):
    found = dict(items)
    if len(found) != len(items) and F != "c14-lenient":
        raise ValueError("a member twice")
    return found


def no_constant(_):
    raise ValueError("no JSON number")


def walk(value):
    todo, deepest = [(value, 1)], 0
    while todo:
        value, depth = todo.pop()
        if isinstance(value, str):
            if SURROGATE.search(value):
                raise Bad("The server sent half a character.")
        elif isinstance(value, dict):
            deepest = max(deepest, depth)
            todo += [(key, depth) for key in value] + [(inner, depth + 1) for inner in value.values()]
        elif isinstance(value, list):
            deepest = max(deepest, depth)
            todo += [(inner, depth + 1) for inner in value]
    return deepest


def heal(value):
    if isinstance(value, str):
        return SURROGATE.sub("\ufffd", value)
    if isinstance(value, dict):
        return {heal(k): heal(v) for k, v in value.items()}
    return [heal(v) for v in value] if isinstance(value, list) else value


def read(frame):
    try:
        text = frame.decode("utf-8")
    except UnicodeDecodeError:
        raise Bad("The server sent a line that is not UTF-8.") from None
    if F == "c14-lenient" and text.startswith("\ufeff"):
        text = text[1:]
    try:
        message = json.loads(text, object_pairs_hook=pairs, parse_constant=no_constant)
        if F == "c14-lenient":
            message = heal(message)
    except (ValueError, RecursionError):
        raise Bad("The server sent a line that is not JSON.") from None
    if not isinstance(message, dict):
        raise Bad("The server sent a line that is no message.")
    deepest = walk(message)
    if F == "f30-depth-16" and deepest > 16:
        raise Bad("The server sent a message that is nested too deep.")
    kind = message.get("type")
    if F == "f19-unhashable-type":
        if kind not in TYPES:
            raise Bad("The server sent a message of an unknown type.")
    elif not isinstance(kind, str) or kind not in TYPES:
        raise Bad("The server sent a message of an unknown type.")
    for key, fits in TYPES[kind].items():
        value = message.get(key.rstrip("?"), MISSING)
        if value is MISSING:
            if not key.endswith("?"):
                raise Bad(f"The server sent an incomplete {kind}.")
        elif not fits(value):
            raise Bad(f"The server sent an invalid {kind}.")
    return message


ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text):
    table = {**ESCAPES, "\v": "\\v"} if F == "f05-vertical-tab" else ESCAPES
    return '"' + "".join(table.get(c) or (c if c >= " " else f"\\u{ord(c):04x}") for c in text) + '"'


def spell(message):
    return ("{" + ",".join(f"{quote(k)}:{quote(v)}" for k, v in message.items()) + "}").encode("utf-8")


def spell_oddly(message):
    """Every character as an escape, members in reverse order, white space everywhere."""
    def all_escaped(text):
        units = text.encode("utf-16-be")
        return '"' + "".join(f"\\u{units[i]:02X}{units[i + 1]:02x}" for i in range(0, len(units), 2)) + '"'
    inner = " ,\t".join(f"{all_escaped(k)}\r: {all_escaped(v)}" for k, v in reversed(list(message.items())))
    return f" \t{{ {inner}\r }} \r".encode("ascii")


def encode(**message):
    """The frame, or NotSent."""
    kind = message["type"]
    for key in ("username", "target"):
        if key in message and not asked_name(message[key], kind == "join"):
            raise NotSent("That is no name: 1 to 32 characters, no control characters, no space at the ends.")
    if "content" in message and not is_text(message["content"]):
        raise NotSent("That cannot be sent: it is empty or not text.")
    frame = spell(message)
    size = len(frame)
    if F == "f04-private-length" and kind == "private_message":
        size = len(spell({**message, "target": "", "content": ""})) + len(message["target"]) + len(quote(message["content"]).encode()) - 2
    if F == "f77-escaped-length":
        size = len(json.dumps(message, separators=(",", ":")))
    if size > LIMIT:
        raise NotSent(f"Too long by {size - LIMIT} bytes.")
    if F == "c06-odd-spelling":
        odd = spell_oddly(message)
        frame = odd if len(odd) <= LIMIT else frame
    return frame


# ---- the client -----------------------------------------------------------------------------------------------------

class Link:
    """One connection."""

    def __init__(self):
        self.conn = None
        self.buf, self.skip, self.last = bytearray(), False, 0.0
        self.pending = []  # what has been sent and not answered before the join: ("join", name) or ("say", None)
        self.joined, self.name, self.first_name = False, None, None
        self.kept = []  # (do, members, frame)
        self.leaving = self.finished = self.ended = False
        self.echo = []  # contents shown when they were sent
        self.refusals = 0
        self.returned = []
        self.outq, self.out_free = [], 0.0
        self.waiting_private = set()
        self.refused = False


OWN_WORDS = {"username_taken": "This name is in use, choose another.", "server_full": "No room, try later.",
             "username_invalid": "This is not a good name."}


class Client:
    def __init__(self, shell):
        self.shell, self.link = shell, None
        self.exit_now = False
        self.outbox = []
        self.shared_buf = bytearray()
        self.told_problems, self.told_end = set(), False
        self.spellings, self.known_users = {}, set()
        self.scrollback, self.joins = [], 0
        self.previous = None
        self.row = False
        self.delayed_requests, self.waiting = [], False
        self.last_sent = "say"
        self.late = 0
        self.conns = []

    # -- events

    def report(self, event, **members):
        line = {"event": event, **members}
        if F == "c03-shows-late":
            self.late += 1

            def now():
                self.late -= 1
                emit(line)
            self.shell.later(0.15, now)  # equal delays: the order stays
        else:
            emit(line)

    def show(self, kind, raw, /, **members):
        for key, value in members.items():
            if F == "f51-strips-ansi":
                value = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", value)
            if F == "f52-isprintable":
                value = "".join(c if c.isprintable() else "\ufffd" for c in value)
            if F == "c09-harmless":
                value = re.sub(f"[{BAD}]", lambda m: f"<U+{ord(m.group()):04X}>", value)
            if F == "f53-one-spelling" and key in ("username", "sender"):
                value = self.spellings.setdefault(value.lower(), value)
            members[key] = value
        self.row = False
        if F == "f28-kind-overwritten":
            event = {"event": "shown", "kind": kind, **members}
            event.update((k, v) for k, v in raw.items() if k != "type")
            return emit(event)
        if F == "f58-links-first" and re.search("https?://", members.get("content", "")):
            return self.shell.later(0.08, lambda: self.report("shown", kind=kind, **members))
        self.report("shown", kind=kind, **members)

    # -- requests

    def request_line(self, line):
        if not line.strip():
            return
        try:
            asked = json.loads(line)
            do = asked.pop("do")
        except (ValueError, AttributeError, KeyError):
            return self.report("invalid_request", reason="That is no request.")
        if F == "c04-connects-late":
            self.delayed_requests.append((do, asked))
            return self.run_delayed()
        self.request(do, asked)

    def run_delayed(self):
        while self.delayed_requests and not self.waiting:
            do, asked = self.delayed_requests.pop(0)
            if do == "connect":
                self.waiting = True

                def go(do=do, asked=asked):
                    self.waiting = False
                    self.request(do, asked)
                    self.run_delayed()
                self.shell.later(0.4, go)
            else:
                self.request(do, asked)

    def request(self, do, asked):
        handler = {"connect": self.connect, "join": self.join, "say": self.say, "say_privately": self.say_privately,
                   "leave": self.leave}.get(do)
        if handler is None:
            return self.report("unsupported", do=str(do), reason="This client cannot do that.")
        try:
            handler(**asked)
        except TypeError as error:
            if "argument" not in str(error):
                raise
            self.report("invalid_request", reason="That request lacks something.")

    def connect(self, host, port, username):
        old, self.row = self.link, False
        if old and not old.ended:
            for _, _, frame in old.kept:
                self.send(old, frame)
            old.kept = []
            if not old.finished:
                old.finished = True
                old.conn.finish()
            old.ended = True
            self.tell_end("Left for another connection.", old)
        self.link = None
        self.known_users.clear()
        try:
            frame = encode(type="join", username=username)
        except NotSent as why:
            return self.report("refused", username=username, reason=str(why))
        link = Link()
        link.first_name = username
        if F == "f17-buffer-survives":
            link.buf = self.shared_buf
        try:
            link.conn = self.shell.open(link, host, port)
        except OSError as error:
            link.ended = True
            return self.report("disconnected", reason=f"No connection: {error}")
        self.link = link
        self.conns.append(link.conn)
        if F == "f02-stale-outbox":
            for stale in self.outbox:
                link.conn.send(stale + b"\n")
            self.outbox = []
        link.pending.append(("join", username))
        self.send(link, frame)

    def join(self, username):
        link = self.link
        if F in ("c02-exits-when-refused", "c10-leaves-when-refused"):
            return self.report("unsupported", do="join", reason="This client leaves when its join is refused.")
        if link is None or link.ended or link.leaving:
            return self.report("failed", do="join", username=username, reason="Not connected.")
        try:
            frame = encode(type="join", username=username)
        except NotSent as why:
            if link.joined:
                return self.report("failed", do="join", username=username, reason=str(why))
            return self.report("refused", username=username, reason=str(why))
        if not link.joined:
            link.pending.append(("join", link.first_name if F == "f66-first-name" else username))
        self.send(link, frame)

    def say(self, content):
        self.chat("say", {"type": "message", "content": content}, {"content": content})

    def say_privately(self, target, content):
        self.chat("say_privately", {"type": "private_message", "target": target, "content": content},
                  {"target": target, "content": content})

    def chat(self, do, message, members):
        link = self.link
        if link is None or link.ended or link.leaving:
            if F == "f88-silent-after-leave" and link is not None and link.leaving:
                return
            if F == "f02-stale-outbox" and link is not None and link.ended:
                try:
                    self.outbox.append(encode(**message))
                except NotSent:
                    pass
            return self.report("failed", do=do, **members, reason="Not connected.")
        if F == "f61-shown-before-check" and do == "say" and link.joined and is_text(members["content"]):
            self.show("message", message, username=link.name, content=members["content"])
        if F == "f80-known-users" and do == "say_privately" and members["target"] not in self.known_users:
            return self.report("failed", do=do, **members, reason="There is no such user.")
        try:
            frame = encode(**message)
        except NotSent as why:
            return self.report("failed", do=do, **members, reason=str(why))
        if not link.joined:
            if link.pending and P["early"] == "keep":
                return link.kept.append((do, members, frame))
            if link.pending and P["early"] == "pipeline":
                link.pending.append((do, None))
                return self.send(link, frame)
            return self.report("failed", do=do, **members, reason="Not joined.")
        self.send_chat(link, do, members, frame)

    def send_chat(self, link, do, members, frame):
        self.last_sent = do
        self.send(link, frame)
        if do == "say" and P["echo"]:
            if not (F == "f43-echo-set" and members["content"] in link.echo):
                link.echo.append(members["content"])
            if F != "f61-shown-before-check":
                self.show("message", {}, username=link.name, content=members["content"])
        if do == "say" and F == "f73-sends-again":
            def again():
                if members["content"] not in link.returned and not link.leaving and not link.ended:
                    self.send(link, frame)
            self.shell.later(0.7, again)
        if do == "say_privately":
            link.waiting_private.add(members["target"])

    def send(self, link, frame):
        data = frame + b"\n"
        if F == "f84-paced":
            now = time.monotonic()
            if link.outq or now < link.out_free:
                link.outq.append(data)
                if len(link.outq) == 1:
                    self.shell.later(max(0.0, link.out_free - now), lambda: self.paced(link))
                return
            link.out_free = now + 0.04
        if F == "c07-odd-segments":
            link.conn.send(b"\r\n \t\n")
            for start in range(0, len(data) - 1, 1 + len(data) // 12):
                link.conn.send(data[:-1][start:start + 1 + len(data) // 12])
            return link.conn.send(b"\n")
        link.conn.send(data)

    def paced(self, link):
        if link.outq and not link.finished and not link.ended:
            link.conn.send(link.outq.pop(0))
            link.out_free = time.monotonic() + 0.04
            if link.outq:
                self.shell.later(0.04, lambda: self.paced(link))

    def leave(self):
        link = self.link
        if link is None or link.ended or link.leaving:
            return
        link.leaving = True
        if F == "f85-stays-when-refused" and not link.joined and not link.pending:
            return
        if link.kept and F != "f83-kept-dropped":
            return self.shell.later(1.0, lambda: self.finish(link))
        self.finish(link)

    def finish(self, link):
        if link.finished or link.ended:
            return
        link.finished = True
        if F != "f83-kept-dropped":
            for _, _, frame in link.kept:
                self.send(link, frame)
        link.kept = []
        link.conn.finish()
        self.shell.later(1.0, lambda: self.give_up(link))

    def give_up(self, link):
        if not link.ended and not link.conn.flushed():
            return self.shell.later(0.25, lambda: self.give_up(link))
        if not link.ended:
            self.on_end(link, "The connection has been left.")

    def at_end_of_input(self):
        if F == "c04-connects-late" and (self.waiting or self.delayed_requests):
            self.delayed_requests.append(("leave", {}))
            return
        self.leave()

    def idle(self):
        """Whether nothing is left to do before the process may exit."""
        if self.waiting or self.delayed_requests or self.late:
            return False
        if self.link is None or self.link.ended:
            return all(conn.flushed() for conn in self.conns)
        return (F == "f85-stays-when-refused" and self.link.leaving and not self.link.finished)

    # -- what arrives

    def on_data(self, link, data):
        if F == "f68-old-reader":
            link = self.link
        if link is None or link is not self.link or link.ended:
            return
        if F == "f12-strips-reads":
            data = data.lstrip(b" \t\r\n")
        if F == "f16-stale-partial" and link.buf and time.monotonic() - link.last > 0.4:
            link.buf.clear()
        link.last = time.monotonic()
        link.buf += data
        if F == "f15-buffer-limit" and len(link.buf) > SERVER_LIMIT:
            link.buf.clear()
            return self.problem(link, "The server sent a line that is too long.")
        frames, start = [], 0
        while (end := link.buf.find(b"\n", start)) >= 0:
            frames.append(bytes(link.buf[start:end]))
            start = end + 1
            if F == "f11-64-a-read" and len(frames) == 64:
                break
        del link.buf[:start]
        if F == "f09-tail-as-text" and frames:
            link.buf[:] = link.buf.decode("utf-8", "ignore").encode("utf-8")
        if F == "f14-splitlines":
            frames = [part for frame in frames for part in self.lines(frame)]
        if F == "f57-sorted-by-time":
            frames = self.sorted_by_time(frames)
        for frame in frames:
            if link.skip:
                link.skip = False  # the end of a line that was too long
                continue
            good = self.frame(link, frame)
            if good is False and F == "f23-rest-of-read":
                break
            if link.ended:
                return
        if len(link.buf) > SERVER_LIMIT and F != "c14-lenient":
            if not link.skip:
                link.skip = True
                self.problem(link, "The server sent a line that is too long.")
            link.buf.clear()

    def lines(self, frame):
        try:
            return [part.encode("utf-8") for part in frame.decode("utf-8").splitlines()]
        except UnicodeDecodeError:
            return [frame]

    def sorted_by_time(self, frames):
        keyed, key = [], ""
        for frame in frames:
            try:
                key = read(frame).get("timestamp", key)
            except Bad:
                pass
            keyed.append((key if isinstance(key, str) else "", frame))
        return [frame for _, frame in sorted(keyed, key=lambda pair: pair[0])]

    def frame(self, link, frame):
        if not frame.strip(b" \t\r"):
            return None
        try:
            if len(frame) > SERVER_LIMIT and F != "c14-lenient":
                raise Bad("The server sent a line that is too long.")
            message = read(frame)
        except Bad as why:
            self.problem(link, str(why))
            return False
        self.message(link, message)
        return True

    def problem(self, link, reason):
        if F == "f22-told-once":
            if reason in self.told_problems:
                return
            self.told_problems.add(reason)
        if F == "c13-one-word-for-a-row":
            now = time.monotonic()
            if self.row and now - self.row_told < 0.3:
                return
            self.row, self.row_told = True, now
        if F == "f26-bad-is-refusal" and not link.joined and link.pending:
            return self.refuse(link, link.pending.pop(0)[1], reason)
        self.report("problem", reason=reason)

    def refuse(self, link, name, reason):
        link.refusals += 1
        self.row = False
        if not (F == "f33-second-refusal" and link.refusals > 1):
            if F == "f35-refusal-held":
                def tell():
                    if not link.ended:
                        self.report("refused", username=name, reason=reason)
                self.shell.later(0.08, tell)
            else:
                self.report("refused", username=name, reason=reason)
        if F == "f75-kept-after-refusal":
            return
        kept, link.kept = link.kept, []
        for do, members, _ in kept:
            self.report("failed", do=do, **members, reason="Not sent: the join was refused.")
        if F in ("c02-exits-when-refused", "c10-leaves-when-refused"):
            link.refused = True
            link.leaving = True
        if link.leaving:
            self.finish(link)

    def message(self, link, m):
        kind = m["type"]
        getattr(self, "on_" + kind)(link, m)

    def on_system(self, link, m):
        text = m["message"]
        if F == "f80-known-users" and text.endswith(" joined the chat"):
            self.known_users.add(text[:-len(" joined the chat")])
        name = next((name for what, name in link.pending if what == "join"), None)
        if not link.joined and name is not None:
            if F == "f64-name-as-pattern":
                try:
                    mine = re.search(name, text) is not None
                except re.error:
                    mine = False
            else:
                mine = name in text
            if mine:
                link.pending.clear()
                link.joined, link.name = True, name
                self.joins += 1
                self.row = False
                self.report("joined", username=name)
                if F != "c01-keeps-until-joined":
                    self.show("system", m, message=text)
                if F == "f62-scrollback" and self.joins > 1:
                    for old in self.scrollback[-5:]:
                        self.report("shown", kind="message", **old)
                kept, link.kept = link.kept, []
                if F == "f69-public-first":
                    kept.sort(key=lambda item: item[0] != "say")
                for do, members, frame in kept:
                    self.send_chat(link, do, members, frame)
                if link.leaving:
                    self.finish(link)
                return
        self.show("system", m, message=text)

    def on_server(self, link, m):
        self.show("server", m, message=m["message"])

    def on_error(self, link, m):
        text = m["message"]
        if not link.joined and link.pending:
            what, name = link.pending.pop(0)
            if what == "join":
                if F == "f34-own-words":
                    text = OWN_WORDS.get(m.get("code"), text)
                return self.refuse(link, name, text)
        if F == "c15-errors-as-failed" and link.joined:
            self.row = False
            return self.report("failed", do=self.last_sent, reason=text)
        self.show("error", m, message=text)

    def on_message(self, link, m):
        who, content = m["username"], m["content"]
        if F == "f31-sender-first":
            who = m.get("sender") or who
        self.known_users.add(who)
        if F == "f44-same-second":
            key = (who, content, m["timestamp"])
            if key == self.previous:
                return
            self.previous = key
        if who == link.name:
            link.returned.append(content) if F == "f73-sends-again" else None
            if content in link.echo:
                return link.echo.remove(content)
        if F == "f62-scrollback":
            self.scrollback.append({"username": who, "content": content})
        self.show("message", m, username=who, content=content)

    def on_private_message(self, link, m):
        self.known_users.add(m["sender"])
        self.show("private_message", m, sender=m["sender"], content=m["content"])

    def on_private_confirmation(self, link, m):
        good = m["delivered"]
        if F == "f48-reason-decides":
            good = "reason" not in m
        if good:
            return self.show("private_confirmation", m, target=m["target"], content=m["content"])
        if F == "f49-failed-once":
            if m["target"] not in link.waiting_private:
                return
            link.waiting_private.discard(m["target"])
        self.row = False
        self.report("failed", do="say_privately", target=m["target"], content=m["content"],
                    reason=m.get("reason") or "It was not delivered.")

    def on_end(self, link, reason):
        if F == "f68-old-reader":
            link = self.link
        if link is None or link.ended:
            return
        if F == "f60-rest-at-end" and link.buf:
            self.frame(link, bytes(link.buf))
        link.ended = True
        kept, link.kept = link.kept, []
        for do, members, _ in kept:
            self.report("failed", do=do, **members, reason="Not sent: the connection has ended.")
        if not (F == "f38-half-frame-end" and link.buf):
            self.tell_end(reason, link)
        link.conn.close()
        if link.refused and F == "c02-exits-when-refused":
            self.exit_now = True

    def tell_end(self, reason, link):
        if F == "f39-told-flag":
            if self.told_end:
                return
            self.told_end = True
        if F == "f40-end-before-join" and not link.joined:
            return
        self.report("disconnected", reason=reason)
