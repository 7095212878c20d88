"""A client of the chat without input and output: a shell (shells.py) brings it bytes and lines and takes its bytes and events."""

import json
import re

NAME_BAD = r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
SURROGATE = re.compile("[\ud800-\udfff]")
TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")
KINDS = {  # member: checker, "?" optional
    "message": {"username": "name", "content": "text", "timestamp": "time"},
    "private_message": {"sender": "name", "content": "text", "timestamp": "time"},
    "private_confirmation": {"target": "name", "content": "text", "delivered": "bool", "timestamp": "time", "reason": "?text"},
    "system": {"message": "text", "timestamp": "time"},
    "server": {"message": "text", "timestamp": "time"},
    "error": {"message": "text", "code": "?text"},
}


class Bad(Exception):
    """A frame that is not a valid message."""


def no_twins(pairs):
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member name twice")
    return found


def no_constant(word):
    raise ValueError(f"{word} is not JSON")


class Conn:
    def __init__(self, host, port):
        self.host, self.port = host, port
        self.buf = b""
        self.skipping = False
        self.pending = None  # the name that has been asked for and is not answered
        self.first_name = None
        self.joined = False
        self.leaving = False  # the user has left
        self.muted = False  # another connection has taken its place
        self.told = False  # its end has been told
        self.over = False  # nothing more comes
        self.graced = False
        self.kept = []
        self.finish_later = False


class Client:
    EARLY = "refuse"  # or "keep" or "pipeline"
    LIMIT = 1024
    END = b"\n"
    RECV = 65536
    name_bad = re.compile(NAME_BAD)

    def __init__(self, shell):
        self.shell = shell
        self.conn = None
        self.conns = []
        self.input_over = False
        self.quit = False

    # ---- what the driver says
    def emit(self, event):
        self.shell.emit(json.dumps(event) + "\n")

    def report(self, conn, event, **members):
        if not (conn.muted or conn.told):
            self.emit({"event": event, **members})

    def shown(self, conn, kind, **members):
        self.report(conn, "shown", kind=kind, **{k: self.display(v) for k, v in members.items()})

    def display(self, text):
        return text

    def failed(self, asked, reason):
        self.emit({"event": "failed", **asked, "reason": reason})

    # ---- requests
    def line(self, raw):
        if not raw.strip():
            return
        try:
            asked = json.loads(raw)
            do = asked["do"]
            if do == "connect":
                call = self.do_connect, asked["host"], asked["port"], asked["username"]
            elif do == "join":
                call = self.do_join, asked["username"]
            elif do == "say":
                call = self.do_say, asked["content"]
            elif do == "say_privately":
                call = self.do_say_privately, asked["target"], asked["content"]
            elif do == "leave":
                call = (self.do_leave,)
            else:
                self.emit({"event": "unsupported", "do": do, "reason": "This client cannot do that."})
                return
        except (ValueError, KeyError, TypeError) as why:
            self.emit({"event": "invalid_request", "reason": f"Not understood: {why!r}"})
            return
        call[0](*call[1:])

    def input_ended(self):
        self.input_over = True
        self.do_leave()

    def done(self):
        return self.quit or (self.input_over and all(c.over or c.graced for c in self.conns) and not self.busy())

    def busy(self):
        return False

    def do_connect(self, host, port, username):
        old = self.conn
        self.end_present()
        why = self.name_problem(username, "username")
        if why:
            self.emit({"event": "refused", "username": username, "reason": why})
            return
        conn = Conn(host, port)
        self.conn = conn
        self.conns = [c for c in self.conns if not c.over] + [conn]
        self.before_open(old, conn)
        self.shell.open(conn, host, port)
        self.ask_join(conn, username)

    def before_open(self, old, conn):
        pass

    def end_present(self):
        conn = self.conn
        if conn is None or conn.told:
            return
        self.report(conn, "disconnected", reason="You have left.", by_user=True)
        conn.told = conn.muted = True
        if not conn.leaving:
            self.finish(conn)

    def ask_join(self, conn, username):
        conn.pending = username
        if conn.first_name is None:
            conn.first_name = username
        self.put(conn, self.spell({"type": "join", "username": username}))

    def do_join(self, username):
        conn = self.conn
        why = self.name_problem(username, "join")
        if not self.usable(conn):
            why = "There is no connection."
        elif conn.joined or conn.pending is not None:
            self.failed({"do": "join", "username": username}, "You have joined, or asked to.")
            return
        if why:
            self.emit({"event": "refused", "username": username, "reason": why})
            return
        self.ask_join(conn, username)

    def do_say(self, content):
        self.chat({"type": "message", "content": content}, {"do": "say", "content": content})

    def do_say_privately(self, target, content):
        self.chat({"type": "private_message", "target": target, "content": content},
                  {"do": "say_privately", "target": target, "content": content})

    def do_leave(self):
        if self.usable(self.conn):
            self.finish(self.conn)

    def finish(self, conn):
        conn.leaving = True
        if conn.kept and conn.pending is not None:
            conn.finish_later = True
            self.shell.later(1.5, lambda: self.give_up(conn))
            return
        self.end_side(conn)

    def end_side(self, conn):
        self.shell.finish(conn)
        self.shell.later(1.0, lambda: self.grace(conn))

    def give_up(self, conn):
        if conn.finish_later:
            self.drop_kept(conn, "The join was not answered.")
            self.end_side(conn)

    def drop_kept(self, conn, why):
        conn.finish_later = False
        kept, conn.kept = conn.kept, []
        for _, asked in kept:
            self.failed(asked, why)

    def grace(self, conn):
        if conn.over or conn.graced:
            return
        if not self.shell.finished(conn):
            self.shell.later(0.5, lambda: self.grace(conn))
            return
        self.report(conn, "disconnected", reason="You have left.", by_user=True)
        conn.told = conn.graced = True

    # ---- sending
    def usable(self, conn):
        return conn is not None and not (conn.told or conn.over or conn.leaving)

    def is_joined(self, conn):
        return conn.joined

    def chat(self, message, asked):
        conn = self.conn
        if not self.usable(conn):
            self.not_connected(asked)
            return
        frame, why = self.encode(message)
        if why:
            self.failed(asked, why)
        elif self.is_joined(conn):
            self.send_chat(conn, frame, message)
        elif conn.pending is None or self.EARLY == "refuse":
            self.failed(asked, "You have not joined.")
        elif self.EARLY == "keep":
            conn.kept.append((frame, asked))
        else:
            self.send_chat(conn, frame, message)

    def not_connected(self, asked):
        self.failed(asked, "There is no connection.")

    def send_chat(self, conn, frame, message):
        self.put(conn, frame)

    def encode(self, message):
        if "target" in message:
            why = self.name_problem(message["target"], "target")
            if why:
                return None, why
        why = self.content_problem(message["content"])
        if why:
            return None, why
        frame = self.spell(message)
        over = self.excess(frame, message)
        return (None, f"Too long by {over} bytes.") if over > 0 else (frame, None)

    def excess(self, frame, message):
        return len(frame) + len(self.END) - 1 - self.LIMIT

    def spell(self, message):
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()

    def name_problem(self, name, what):
        if not isinstance(name, str):
            return "A name is a text."
        if not 1 <= len(name) <= 32:
            return "A name has 1 to 32 characters."
        if self.name_bad.search(name) or SURROGATE.search(name):
            return "A name has no such characters."
        if name[0] == " " or name[-1] == " ":
            return "A name has no space at its ends."
        return None

    def content_problem(self, content):
        if not isinstance(content, str) or not content:
            return "There is nothing to send."
        if SURROGATE.search(content):
            return "Half a character cannot be sent."
        return None

    def put(self, conn, frame):
        self.shell.write(conn, frame + self.END)

    # ---- receiving
    def data(self, conn, chunk):
        frames = self.cut(conn, chunk)
        for frame in frames:
            self.frame(conn, frame)

    def cut(self, conn, chunk):
        *lines, conn.buf = (conn.buf + chunk).split(b"\n")
        found = []
        for line in lines:
            if conn.skipping:
                conn.skipping = False
                continue
            found.append(line)
        if len(conn.buf) > 8192:
            if not conn.skipping:
                found.append(None)
            conn.skipping, conn.buf = True, b""
        return found

    def frame(self, conn, frame):
        if frame is not None and not frame.strip(b" \t\r"):
            return
        try:
            if frame is None or len(frame) > 8192:
                raise Bad("The server sent too long a frame.")
            message = self.read(frame)
        except Bad as why:
            self.bad(conn, str(why))
            return
        self.handle(conn, message)

    def bad(self, conn, why):
        self.report(conn, "problem", reason=why)

    def parse(self, frame):
        try:
            return json.loads(frame.decode("utf-8"), object_pairs_hook=no_twins, parse_constant=no_constant)
        except UnicodeDecodeError:
            raise Bad("The server sent a frame that is not UTF-8.") from None
        except (ValueError, RecursionError) as why:
            raise Bad(f"The server sent a frame that is not JSON: {str(why)[:80]}") from None

    def read(self, frame):
        message = self.parse(frame)
        if not isinstance(message, dict):
            raise Bad("The server sent something that is not an object.")
        kind = self.kind_of(message)
        for member, check in KINDS[kind].items():
            if check[0] == "?" and member not in message:
                continue
            if member not in message or not self.fits(check.lstrip("?"), message[member]):
                raise Bad(f"The server sent an invalid {kind}.")
        return message

    def kind_of(self, message):
        kind = message.get("type")
        if not isinstance(kind, str) or kind not in KINDS:
            raise Bad("The server sent a message of unknown type.")
        return kind

    def fits(self, check, value):
        if check == "bool":
            return value is True or value is False
        if not isinstance(value, str) or not value or SURROGATE.search(value):
            return False
        if check == "time":
            return bool(TIME.fullmatch(value))
        return check == "text" or Client.name_problem(RIGHT, value, "") is None

    def handle(self, conn, m):
        getattr(self, "on_" + m["type"])(conn, m)

    def on_message(self, conn, m):
        self.shown(conn, "message", username=m["username"], content=m["content"])

    def on_private_message(self, conn, m):
        self.shown(conn, "private_message", sender=m["sender"], content=m["content"])

    def on_private_confirmation(self, conn, m):
        if m["delivered"]:
            self.shown(conn, "private_confirmation", target=m["target"], content=m["content"])
        else:
            self.report(conn, "failed", do="say_privately", target=self.display(m["target"]), content=self.display(m["content"]),
                        reason=self.display(m.get("reason", "")) or "It was not delivered.", sent=True)

    def on_system(self, conn, m):
        if conn.pending is not None and not conn.joined and self.own_notice(conn, conn.pending, m["message"]):
            self.accepted(conn, m)
        else:
            self.shown(conn, "system", message=m["message"])

    def own_notice(self, conn, name, text):
        if text == name + " joined the chat":
            return True
        if text.endswith(" left the chat"):
            return False
        if text.endswith(" joined the chat"):  # of somebody else, or with words before the name
            return bool(re.search(r"(?<!\w)" + re.escape(name) + r"(?!\w)", text[:-len(" joined the chat")]))
        return name in text

    def accepted(self, conn, m):
        name, conn.pending, conn.joined = conn.pending, None, True
        self.report(conn, "joined", username=name)
        self.show_own_notice(conn, m)
        self.send_kept(conn)

    def show_own_notice(self, conn, m):
        self.shown(conn, "system", message=m["message"])

    def send_kept(self, conn):
        kept, conn.kept = conn.kept, []
        for frame, _ in kept:
            self.put(conn, frame)
        if conn.finish_later:
            conn.finish_later = False
            self.end_side(conn)

    def on_server(self, conn, m):
        self.shown(conn, "server", message=m["message"])

    def on_error(self, conn, m):
        if conn.pending is not None and not conn.joined:
            name, conn.pending = conn.pending, None
            self.report(conn, "refused", username=name, reason=self.display(self.refusal(conn, m)) or "Refused.")
            self.after_refusal(conn)
        else:
            self.shown(conn, "error", message=m["message"])

    def refusal(self, conn, m):
        return m["message"]

    def after_refusal(self, conn):
        late = conn.finish_later
        self.drop_kept(conn, "The join was refused.")
        if late:
            self.end_side(conn)

    # ---- the end
    def opened(self, conn):
        pass

    def eof(self, conn):
        self.ended(conn, "The server ended the connection.")

    def lost(self, conn, error):
        self.ended(conn, f"The connection is lost: {error}")

    def ended(self, conn, why):
        if conn.over:
            return
        conn.over, conn.joined, conn.pending = True, False, None
        self.tell_end(conn, why)
        self.drop_kept(conn, "The connection has ended.")
        self.shell.drop(conn)

    def tell_end(self, conn, why):
        self.report(conn, "disconnected", reason=why, by_user=conn.leaving)
        conn.told = True


class _Right:
    name_bad = re.compile(NAME_BAD)


RIGHT = _Right()


class Paced(Client):
    """A right client that sends one frame each 15 ms."""

    PACE = 0.015

    def __init__(self, shell):
        super().__init__(shell)
        self.ticking = False

    def before_open(self, old, conn):
        conn.paced, conn.paced_end, conn.ticking = [], False, False

    def put(self, conn, frame):
        conn.paced.append(frame)
        if not conn.ticking:
            conn.ticking = True
            self.tick(conn)

    def tick(self, conn):
        if conn.paced and not conn.over:
            self.shell.write(conn, conn.paced.pop(0) + self.END)
            self.shell.later(self.PACE, lambda: self.tick(conn))
            return
        conn.ticking = False
        if conn.paced_end:
            super().end_side(conn)

    def end_side(self, conn):
        if conn.paced:
            conn.paced_end = True
        else:
            super().end_side(conn)


class Keeping(Client):
    EARLY = "keep"


class Echo(Client):
    """A right client that shows its user's public message when it is sent, and not again."""

    def before_open(self, old, conn):
        conn.mine, conn.name = [], None

    def send_chat(self, conn, frame, message):
        if message["type"] == "message":
            self.shown(conn, "message", username=conn.name, content=message["content"])
            conn.mine.append(message["content"])
        super().send_chat(conn, frame, message)

    def accepted(self, conn, m):
        conn.name = conn.pending
        super().accepted(conn, m)

    def on_message(self, conn, m):
        if m["username"] == conn.name and m["content"] in conn.mine:
            conn.mine.remove(m["content"])
            return
        super().on_message(conn, m)


class CrLf(Client):
    END = b"\r\n"
