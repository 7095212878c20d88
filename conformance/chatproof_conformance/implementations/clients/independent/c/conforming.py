"""Unusual clients that conform."""

import json
import os
import socket
import sys
import time

from core import OUT, Bad, Client, clean, write
from ios import ThreadIO
from registry import conforming


class DribbleIO(ThreadIO):
    def dial(self, host, port):
        sock = super().dial(host, port)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock

    def transmit(self, link, data):
        for start in range(0, len(data), 3):
            link.sock.sendall(data[start:start + 3])


@conforming("dribbles", "T", "Sends every frame in writes of three bytes.", io=DribbleIO)
class _(Client):
    pass


@conforming("adds-members", "S", "Adds members of its own to what it sends, of any JSON type, if there is room for them.")
class _(Client):
    def spell(self, message):
        more = {"client": {"name": "x", "type": "server"}, "username?": None, "sender": "nobody", "timestamp": "99", "message": ["é", 1e9, -0.0, True]}
        frame = super().spell(more | message)
        return frame if len(frame) <= OUT else super().spell(message)


@conforming("spells-all-out", "A", "Writes every character as an escape, also those of member names, in capitals and small letters, with CR LF and white space between the tokens; what would be too long that way is written plainly.")
class _(Client):
    def escaped(self, text):
        data = text.encode("utf-16-be")
        units = [data[i] << 8 | data[i + 1] for i in range(0, len(data), 2)]
        return '"' + "".join(f"\\u{unit:04x}" if unit & 1 else f"\\u{unit:04X}" for unit in units) + '"'

    def spell(self, message):
        tokens = " ,\t".join(f"\r{self.escaped(key)} : {self.escaped(value)}" for key, value in reversed(message.items()))
        frame = f"\t {{{tokens}\r}} \r".encode()
        return frame if len(frame) <= OUT else super().spell(message)


@conforming("exits-at-every-end", "S", "Exits with status 0 after every `disconnected`, and after a refusal, which ends its connection.")
class _(Client):
    def refused(self, link, name, m):
        super().refused(link, name, m)
        self.give_up_kept(link)
        if not link.leaving:
            link.leaving = True
            self.io.finish(link)

    def tell_end(self, link, why):
        super().tell_end(link, why)
        if not self.switching:
            os._exit(0)

    switching = False

    def switch(self):
        self.switching = True
        super().switch()
        self.switching = False


@conforming("small-window", "T", "Cannot send privately, cannot try a second name, and has a window of one line without emoji: such requests it answers with unsupported.")
class _(Client):
    def unsupported(self, do):
        self.report("unsupported", do=do, reason="This window cannot do that.")

    def do_say_privately(self, target, content):
        self.unsupported("say_privately")

    def do_join(self, username):
        self.unsupported("join")

    def do_say(self, content):
        if any(char < " " or char > "\uffff" for char in content):
            self.unsupported("say")
        else:
            super().do_say(content)


HARMLESS = {char: f"‹{char:X}›" for char in [*range(0x20), *range(0x7F, 0xA0), *range(0x200B, 0x2010), *range(0x2028, 0x202F), *range(0x2060, 0x206A), 0xFEFF]}


@conforming("spells-out-controls", "S", "Shows control characters, separators and invisible formatting spelled out, as ‹1B›.")
class _(Client):
    def __init__(self, io, report):
        super().__init__(io, report)
        self.report = lambda event, **members: report(event, **{key: value.translate(HARMLESS) if key in ("content", "message", "reason") else value for key, value in members.items()})


@conforming("quiet-join", "T", "Tells that it has joined and leaves out the notice; tells refusals as errors that are shown.", early="behind")
class _(Client):
    def show(self, kind, **members):
        link = self.link
        if kind == "system" and link.joined and not hasattr(link, "noticed"):
            link.noticed = True
        else:
            super().show(kind, **members)

    def refused(self, link, name, m):
        self.show("error", message=m["message"])


@conforming("problems-in-one", "A", "Tells several bad frames in a row as one problem, 0.1 seconds after the first or before the next thing that it shows.")
class _(Client):
    bad = 0

    def problem(self, reason):
        self.bad += 1
        if self.bad == 1:
            self.io.later(0.1, self.tell)

    def tell(self):
        bad, self.bad = self.bad, 0
        if bad:
            self.report("problem", reason=f"{bad} bad frames.", unknown_type=False, frames=bad)

    def handle(self, link, message):
        self.tell()
        super().handle(link, message)

    def tell_end(self, link, why):
        self.tell()
        super().tell_end(link, why)


@conforming("talkative", "S", "Reports events, kinds and members that nobody asked for, blank lines, and members in any order, with escapes and white space.")
class _(Client):
    def __init__(self, io, _):
        super().__init__(io, self.tell)

    def tell(self, event, **members):
        members = {key: clean(value) for key, value in members.items()}
        line = {"at": time.time(), "event?": [event], **dict(reversed(members.items())), "event": event, "username?": None}
        write("\n\n" + json.dumps(line, separators=(" ,\t", " : ")) + " \r\n" + '{"event":"status","kind":"message","username":"x","content":"y"}\n')

    def send(self, link, message, frame):
        super().send(link, message, frame)
        self.tell("shown", kind="draft_sent", message="Sent: " + str(message.get("content")))
        self.tell("typing", username="nobody")

    def handle(self, link, message):
        self.tell("shown", kind="raw_" + message["type"], **{"content": "hidden"})
        super().handle(link, message)


@conforming("blank-lines", "T", "Sends blank lines around every frame, also before its join.", early="keep")
class _(Client):
    def measure(self, message, frame):
        return b"\n \t\r\n" + super().measure(message, frame) + b"\r\n"


@conforming("lenient-reader", "S", "Shows what the page leaves open: members twice, a byte order mark, lone surrogates as U+FFFD, long frames; and tells an error as the failure of its last message.", early="behind")
class _(Client):
    def line(self, link, line):
        if line.strip(b" \t\r"):
            try:
                message = self.parse(line)
            except Bad as why:
                return self.problem(str(why))
            self.handle(link, message)

    def received(self, link, data):
        if not link.muted and not link.over:
            *lines, link.tail = (link.tail + data).split(b"\n")
            for line in lines:
                self.line(link, line)

    def decode(self, line):
        return line.decode("utf-8-sig")

    def load(self, text):
        def constant(name):
            raise ValueError(name)
        return json.loads(text, parse_constant=constant, parse_int=str_number, parse_float=str_number)

    def is_text(self, value):
        return isinstance(value, str) and value != ""

    def send(self, link, message, frame):
        super().send(link, message, frame)
        link.last = message

    def late_error(self, link, m):
        if hasattr(link, "last"):
            self.not_sent(link.last, m["message"])
        else:
            super().late_error(link, m)


def str_number(digits):
    return len(digits)


@conforming("batched-output", "A", "Reports its events in batches, each in one write.", early="keep")
class _(Client):
    def __init__(self, io, report):
        super().__init__(io, self.collect)
        self.lines = []

    def collect(self, event, **members):
        if not self.lines:
            self.io.later(0.08, self.flush)
        self.lines.append(json.dumps({"event": event, **{key: clean(value) for key, value in members.items()}}, ensure_ascii=False) + "\n")

    def flush(self):
        if self.lines:
            lines, self.lines = self.lines, []
            sys.stdout.buffer.write("".join(lines).encode())
            sys.stdout.buffer.flush()

    def drain(self):
        self.flush()


@conforming("leaves-at-once", "S", "Tells the end of a connection when its user leaves, at once, and shows nothing that comes after that.")
class _(Client):
    def do_leave(self):
        link = self.link
        if link and not link.over:
            self.give_up_kept(link)
            super().do_leave()
            self.ended(link, "You left.")
