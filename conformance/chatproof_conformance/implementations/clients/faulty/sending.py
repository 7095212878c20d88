"""Clients that send frames that are not valid, or not what their user said (CLIENT-2)."""

import json
import unicodedata

from baseline.client import MOST_BYTES, Client
from catalogue import faulty, subtle


@faulty("client-cuts", "cuts what is too long", breaks=("CLIENT-2",))
class Cuts(Client):
    def to_frame(self, message):
        while message.get("content") and len(self.encode(message)) > MOST_BYTES:
            message = {**message, "content": message["content"][:-1]}
        return super().to_frame(message)


@faulty("client-sends-too-long", "sends frames of any length", breaks=("CLIENT-2",))
def require_length(self, frame):
    pass


@subtle("client-counts-characters", "counts characters for bytes", breaks=("CLIENT-2",))
def require_length(self, frame):
    Client.require_length(self, frame.decode().encode("latin-1", "replace"))


@subtle("client-one-byte-more", "sends frames of 1025 bytes", breaks=("CLIENT-2",))
def require_length(self, frame):
    Client.require_length(self, frame[1:])


@subtle("client-cuts-private", "cuts private messages that are too long", breaks=("CLIENT-2",))
class CutsPrivate(Cuts):
    def to_frame(self, message):
        return super().to_frame(message) if "target" in message else Client.to_frame(self, message)


@faulty("client-drops-too-long", "drops what is too long, without a word", breaks=("CLIENT-2",))
def report(self, event, **members):
    if event != "failed" or "too long" not in members["reason"]:
        Client.report(self, event, **members)


@faulty("client-ends-with-cr", "ends its frames with CR alone", breaks=("CLIENT-1", "CLIENT-2"))
def send(self, message):
    self.link.send(self.to_frame(message) + b"\r")


@subtle("client-no-end-after-private", "sends private messages with no LF", breaks=("CLIENT-2",))
def send(self, message):
    self.link.send(self.to_frame(message) + (b"" if "target" in message else b"\n"))


@faulty("client-single-quotes", "writes Python's literals for JSON", breaks=("CLIENT-1", "CLIENT-2"))
def encode(self, message):
    return repr(message).encode()


@subtle("client-latin-1", "sends Latin-1 where the text has nothing else", breaks=("CLIENT-2", "CLIENT-1"))
def encode(self, message):
    try:
        return json.dumps(message, ensure_ascii=False).encode("latin-1")
    except UnicodeEncodeError:
        return Client.encode(self, message)


@subtle("client-half-characters", "sends lone surrogates as escapes", breaks=("CLIENT-2",))
def encode(self, message):
    try:
        return Client.encode(self, message)
    except UnicodeEncodeError:
        return json.dumps(message).encode()


@faulty("client-sends-nothing", "sends messages with no content", breaks=("CLIENT-2",))
def to_frame(self, message):
    return Client.to_frame(self, message) if message.get("content") != "" else self.encode(message)


@faulty("client-any-target", "sends private messages to what is no username", breaks=("CLIENT-2",))
def require_target(self, target):
    pass


@subtle("client-strips", "strips white space off what is said", breaks=("CLIENT-14", "CLIENT-2"))
def encode(self, message):
    content = message.get("content", "")
    return Client.encode(self, {**message, "content": content.strip()} if content.strip() else message)


@subtle("client-composes", "brings what is said into Unicode's form NFC", breaks=("CLIENT-2", "CLIENT-14"))
def encode(self, message):
    if "content" in message:
        message = {**message, "content": unicodedata.normalize("NFC", message["content"])}
    return Client.encode(self, message)


@subtle("client-first-line-only", "sends the first line of several", breaks=("CLIENT-2", "CLIENT-14"))
def encode(self, message):
    lines = message.get("content", "").split("\n")
    return Client.encode(self, {**message, "content": lines[0]} if lines[0] else message)


@subtle("client-too-long-is-two", "sends what is too long as two messages", breaks=("CLIENT-2",))
def send(self, message):
    content = message.get("content", "")
    if content.isascii() and len(content) > MOST_BYTES - 60:
        half = len(content) // 2
        self.send({**message, "content": content[:half]})
        message = {**message, "content": content[half:]}
    Client.send(self, message)
