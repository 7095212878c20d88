"""What all the Python clients have in common: the state of a connection, the messages, and the driver. No I/O."""

import json
import re
import sys
import threading
from collections import deque

OUT, IN = 1024, 8192
NO_NAME = re.compile("[\0-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
SURROGATE = re.compile("[\ud800-\udfff]")
TIME = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]")


class NotSent(Exception):
    """Says why something was not sent."""


class Bad(Exception):
    """Says why a frame of the server is no message."""


class Link:
    """One connection."""

    def __init__(self):
        self.asked = deque()  # what has been sent before the join was taken: (username or None)
        self.name = None
        self.joined = self.leaving = self.muted = self.over = self.finish_later = False
        self.kept = []  # (message, frame) until the join is answered
        self.tail, self.skipping = b"", False
        self.out, self.finish, self.closed = deque(), False, False  # for the I/O: [message, bytes]

    @property
    def joining(self):
        return any(self.asked)


def no_constant(name):
    raise Bad(f"The server sent {name}.")


def no_twice(pairs):
    members = dict(pairs)
    if len(members) < len(pairs):
        raise Bad("The server sent an object with one member twice.")
    return members


class Client:
    early = "keep"  # what becomes of messages before the join is answered: keep, refuse, behind

    def __init__(self, io, report):
        self.io, self.report, self.link = io, report, None
        self.setup()

    def setup(self):
        pass

    # --- what the user asks for

    def do_connect(self, host, port, username):
        try:
            frame = self.encode({"type": "join", "username": username})
        except NotSent as why:
            return self.report("refused", username=username, reason=str(why))
        self.switch()
        link = self.link = self.new_link()
        self.io.open(link, host, port)
        self.opening(link)
        self.ask(link, username, frame)

    def new_link(self):
        return Link()

    def opening(self, link):
        pass

    def switch(self):
        """Ends the present connection, since another one shall begin."""
        old = self.link
        if old and not old.over:
            self.do_leave()
            self.give_up_kept(old)
            self.io.finish(old)
            self.ended(old, "You left.")
            old.muted = True

    def ask(self, link, username, frame):
        link.asked.append(username)
        link.name = username
        self.io.write(link, None, frame)

    def do_join(self, username):
        link = self.link
        try:
            frame = self.encode({"type": "join", "username": username})
        except NotSent as why:
            return self.report("refused", username=username, reason=str(why))
        self.check_open(link)
        if link.joined or link.joining:
            raise NotSent("You have joined, or are about to.")
        self.ask(link, username, frame)

    def do_say(self, content):
        self.chat({"type": "message", "content": content})

    def do_say_privately(self, target, content):
        self.chat({"type": "private_message", "target": target, "content": content})

    def check_open(self, link):
        if not link or link.over or link.leaving:
            raise NotSent("There is no connection.")

    def chat(self, message):
        frame = self.encode(message)
        link = self.link
        self.check_open(link)
        if link.joined:
            self.send(link, message, frame)
        elif self.early == "refuse" or not link.joining:
            raise NotSent("You have not joined.")
        elif self.early == "keep":
            link.kept.append((message, frame))
        else:
            link.asked.append(None)
            self.send(link, message, frame)

    def send(self, link, message, frame):
        self.io.write(link, message, frame)

    def do_leave(self):
        link = self.link
        if not link or link.over or link.leaving:
            return
        link.leaving = True
        if link.kept:
            link.finish_later = True
            self.io.later(3, lambda: self.leave_now(link))
        else:
            self.io.finish(link)

    def leave_now(self, link):
        if link.finish_later:
            link.finish_later = False
            self.give_up_kept(link)
            self.io.finish(link)

    def give_up_kept(self, link):
        kept, link.kept = link.kept, []
        for message, _ in kept:
            self.not_sent(message, "You have not joined.")

    def not_sent(self, message, why):
        if message:
            members = {key: value for key, value in message.items() if key != "type"}
            self.report("failed", do="say" if message["type"] == "message" else "say_privately", **members, reason=why)

    # --- what is sent

    def is_name(self, name):
        return 1 <= len(name) <= 32 and not NO_NAME.search(name) and name[0] != " " and name[-1] != " "

    def is_target(self, name):
        return self.is_name(name)

    def is_content(self, content):
        return len(content) >= 1 and not SURROGATE.search(content)

    def encode(self, message):
        if "username" in message and not self.is_name(message["username"]):
            raise NotSent("That is not a name.")
        if "target" in message and not self.is_target(message["target"]):
            raise NotSent("That is not a name.")
        if "content" in message and not self.is_content(message["content"]):
            raise NotSent("That cannot be sent.")
        return self.measure(message, self.spell(message))

    def spell(self, message):
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()

    def measure(self, message, frame):
        if len(frame) > OUT:
            raise NotSent(f"Too long by {len(frame) - OUT} bytes.")
        return frame + b"\n"

    # --- what arrives

    def received(self, link, data):
        if link.muted or link.over:
            return
        *lines, link.tail = (link.tail + data).split(b"\n")
        for line in lines:
            if link.over:
                return
            if link.skipping:
                link.skipping = False
            else:
                self.line(link, line)
        if len(link.tail) > IN:
            if not link.skipping:
                self.problem("The server sent a frame that is too long.")
            link.tail, link.skipping = b"", True

    def line(self, link, line):
        if not line.strip(b" \t\r"):
            return
        try:
            if len(line) > IN:
                raise Bad("The server sent a frame that is too long.")
            message = self.parse(line)
        except Bad as why:
            return self.problem(str(why))
        self.handle(link, message)

    def problem(self, reason):
        self.report("problem", reason=reason)

    def decode(self, line):
        return line.decode()

    def load(self, text):
        return json.loads(text, parse_constant=no_constant, object_pairs_hook=no_twice)

    def parse(self, line):
        try:
            value = self.load(self.decode(line))
        except Bad:
            raise
        except UnicodeDecodeError:
            raise Bad("The server sent a frame that is not UTF-8.") from None
        except (ValueError, RecursionError):
            raise Bad("The server sent a frame that is not JSON.") from None
        return self.validate(value)

    def is_time(self, value):
        return isinstance(value, str) and bool(TIME.fullmatch(value))

    def is_text(self, value):
        return isinstance(value, str) and value != "" and not SURROGATE.search(value)

    def is_bool(self, value):
        return value is True or value is False

    def is_user(self, value):
        return isinstance(value, str) and Client.is_name(self, value)

    def validate(self, value):
        """Returns the members that are known."""
        if not isinstance(value, dict):
            raise Bad("The server sent something that is no object.")
        kind = value.get("type")
        if not isinstance(kind, str) or kind not in MEMBERS:
            raise Bad("The server sent something of an unknown type.")
        known = {"type": kind}
        for member, test in MEMBERS[kind].items():
            name = member.rstrip("?")
            if name not in value and member != name:
                continue
            if name not in value or not getattr(self, test)(value[name]):
                raise Bad(f"The server sent an invalid {kind}.")
            known[name] = value[name]
        return known

    def handle(self, link, message):
        getattr(self, "on_" + message["type"])(link, message)

    def show(self, kind, **members):
        self.report("shown", kind=kind, **members)

    def on_message(self, link, m):
        self.show("message", username=m["username"], content=m["content"])

    def on_private_message(self, link, m):
        self.show("private_message", sender=m["sender"], content=m["content"])

    def on_private_confirmation(self, link, m):
        if m["delivered"]:
            self.show("private_confirmation", target=m["target"], content=m["content"])
        else:
            self.undelivered(m["target"], m["content"], m.get("reason", "It was not delivered."))

    def undelivered(self, target, content, reason):
        self.report("failed", do="say_privately", target=target, content=content, reason=reason)

    def on_server(self, link, m):
        self.show("server", message=m["message"])

    def on_system(self, link, m):
        if not link.joined and link.asked and link.asked[0] is not None and self.is_my_notice(link.asked[0], m["message"]):
            self.now_joined(link, link.asked[0])
            self.show("system", message=m["message"])
            self.send_kept(link)
        else:
            self.show("system", message=m["message"])

    def is_my_notice(self, name, text):
        if text.endswith((" joined the chat", " left the chat")):
            return text == name + " joined the chat"
        return name in text

    def now_joined(self, link, name):
        link.joined, link.name = True, name
        link.asked.clear()
        self.report("joined", username=name)

    def send_kept(self, link):
        kept, link.kept = link.kept, []
        for message, frame in kept:
            self.send(link, message, frame)
        self.leave_now(link)

    def on_error(self, link, m):
        name = None if link.joined or not link.asked else link.asked.popleft()
        if name is None:
            self.late_error(link, m)
        else:
            self.refused(link, name, m)
            self.give_up_kept(link)
            self.leave_now(link)

    def late_error(self, link, m):
        self.show("error", message=m["message"])

    def refused(self, link, name, m):
        self.report("refused", username=name, reason=m["message"])

    def ended(self, link, why):
        """The I/O calls it when the connection has ended; switch() calls it, too."""
        if link.over:
            return
        link.over, link.joined, link.finish_later = True, False, False
        self.give_up_kept(link)
        if not link.muted:
            self.tell_end(link, why)

    def tell_end(self, link, why):
        self.report("disconnected", reason=why)

    def unsent(self, link, messages):
        """The I/O calls it when the connection has ended, with what it has not sent."""
        for message in messages:
            self.not_sent(message, "The connection has ended.")


MEMBERS = {
    "message": {"username": "is_user", "content": "is_text", "timestamp": "is_time"},
    "private_message": {"sender": "is_user", "content": "is_text", "timestamp": "is_time"},
    "private_confirmation": {"target": "is_user", "content": "is_text", "delivered": "is_bool", "timestamp": "is_time", "reason?": "is_text"},
    "system": {"message": "is_text", "timestamp": "is_time"},
    "server": {"message": "is_text", "timestamp": "is_time"},
    "error": {"message": "is_text", "code?": "is_text"},
}

# --- the driver

_out = threading.Lock()


def clean(value):
    return SURROGATE.sub("\ufffd", value) if isinstance(value, str) else value


def write(text):
    with _out:
        sys.stdout.write(text)
        sys.stdout.flush()


def report(event, **members):
    write(json.dumps({"event": event, **{key: clean(value) for key, value in members.items()}}) + "\n")


def request(client, line):
    """Does what one line of the harness asks for."""
    if not line.strip():
        return
    try:
        asked = json.loads(line)
        do = asked["do"]
        members = {key: asked[key] for key in REQUESTS.get(do, ())}
    except (ValueError, KeyError, TypeError) as why:
        return client.report("invalid_request", reason=repr(why))
    if do not in REQUESTS:
        return client.report("unsupported", do=str(do), reason="This client cannot do that.")
    try:
        getattr(client, "do_" + do)(**members)
    except NotSent as why:
        client.report("failed", do=do, **members, reason=str(why))


REQUESTS = {"connect": ("host", "port", "username"), "join": ("username",), "say": ("content",), "say_privately": ("target", "content"), "leave": ()}
