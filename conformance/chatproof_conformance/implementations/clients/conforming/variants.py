"""Conforming clients that differ from the baseline in what the protocol leaves free."""

import json
import os
import time
import unicodedata

from baseline.client import MOST_BYTES, Client
from catalogue import unusual


@unusual("client-byte-at-a-time", "sends each byte by itself")
def send(self, message):
    for byte in self.to_frame(message) + b"\n":
        self.link.send(bytes([byte]))


@unusual("client-escapes", "writes every character as an escape, where there is room")
def encode(self, message):
    plain = Client.encode(self, message)
    members = (f'"{name}": "{escaped(value)}"' for name, value in message.items())
    frame = ("{" + ", ".join(members) + "}").encode()
    return frame if len(frame) <= MOST_BYTES else plain


def escaped(text):
    units = text.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02X}" for at in range(0, len(units), 2))


@unusual("client-members-reordered", "writes the type last")
def encode(self, message):
    return Client.encode(self, dict(reversed(message.items())))


@unusual("client-extra-members", "adds members, where there is room")
def encode(self, message):
    plain = Client.encode(self, message)
    more = Client.encode(self, {"client": {"name": "extra", "since": [1, 2.5, None]}, "timestamp": "now", **message})
    return more if len(more) <= MOST_BYTES else plain


@unusual("client-cr-lf", "ends its frames with CR LF, where there is room")
def encode(self, message):
    plain = Client.encode(self, message)
    return plain + b"\r" if len(plain) < MOST_BYTES else plain


@unusual("client-blank-lines", "sends blank lines around its frames")
def send(self, message):
    self.link.send(b"\n\r\n" + self.to_frame(message) + b"\n \n")


@unusual("client-white-space", "puts white space wherever JSON has room for it")
def encode(self, message):
    plain = Client.encode(self, message)
    spaced = b" \t" + json.dumps(message, ensure_ascii=False, separators=(" ,  ", " :\t")).encode() + b" "
    return spaced if len(spaced) <= MOST_BYTES else plain


@unusual("client-late-by-100-ms", "answers everything after 100 ms")
class LateBy100Ms(Client):
    def do(self, request):
        time.sleep(0.1)
        super().do(request)

    def receive(self, data):
        time.sleep(0.1)
        super().receive(data)


@unusual("client-shows-when-sent", "shows its own message when it sends it, and not when it comes back")
class ShowsWhenSent(Client):
    def begin(self):
        super().begin()
        self.unanswered = []

    def send(self, message):
        super().send(message)
        if message["type"] == "message":
            self.unanswered.append(message["content"])
            self.show("message", username=self.name, content=message["content"])

    def handle_message(self, message):
        if message["username"] == self.name and message["content"] in self.unanswered:
            self.unanswered.remove(message["content"])
        else:
            super().handle_message(message)


@unusual("client-ends-with-its-connection", "ends when its connection does")
class EndsWithItsConnection(Client):
    def end(self, reason):
        super().end(reason)
        self.over = True


@unusual("client-tells-its-end-late", "ends when its connection does, and sometimes takes a while to say so")
class TellsItsEndLate(EndsWithItsConnection):
    def end(self, reason):
        if os.getpid() % 8 == 0:  # each connection has a process of its own
            time.sleep(0.8)
        super().end(reason)


@unusual("client-leaves-when-refused", "leaves where its join is refused, and cannot try another name")
class LeavesWhenRefused(Client):
    def join(self, username):
        self.report("unsupported", do="join", reason="this client leaves when its join is refused")

    def refuse(self, reason):
        self.asked = None
        self.link.close()
        self.end(f"the server refused: {reason}")


@unusual("client-public-only", "has no private messages of its own")
def say_privately(self, target, content):
    self.report("unsupported", do="say_privately", reason="this client speaks in public only")


@unusual("client-one-line", "takes no line feeds or other control characters from its user")
def do(self, request):
    if any(unicodedata.category(each) == "Cc" for each in request.get("content", "")):
        self.report("unsupported", do=request["do"], reason="no such character can be typed")
    else:
        Client.do(self, request)


@unusual("client-harmless", "shows no control and no invisible formatting characters")
def report(self, event, **members):
    Client.report(self, event, **{name: harmless(value) for name, value in members.items()})


def harmless(text):
    return "".join("\ufffd" if unicodedata.category(each) in ("Cc", "Cf", "Zl", "Zp", "Cn") else each for each in text)


@unusual("client-lenient", "takes a byte order mark, and the last of members that stand twice")
def parse(self, frame):
    frame = frame.removeprefix(b"\xef\xbb\xbf")
    pairs = json.JSONDecoder(object_pairs_hook=dict)
    try:
        value = pairs.decode(frame.decode())
    except (ValueError, RecursionError):
        return Client.parse(self, frame)
    # What is strict about everything but members that stand twice judges it once they stand once.
    twice = isinstance(value, dict) and b"NaN" not in frame and b"Infinity" not in frame
    return Client.parse(self, json.dumps(value).encode() if twice else frame)


@unusual("client-talkative", "tells more events, and more members, than anybody asked for")
def report(self, event, **members):
    self.link.report({"event": "status", "text": f"next: {event}"})
    Client.report(self, event, **members, at=time.time())


@unusual("client-every-error-a-line", "shows a refused join as an error, too long messages as failed")
def refuse(self, reason):
    self.asked = None
    self.show("error", message=reason)
