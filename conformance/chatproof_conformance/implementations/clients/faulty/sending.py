"""Clients that send frames that are not valid, or not what their user said (CLIENT-2)."""

import json
import unicodedata

from baseline.client import MOST_BYTES, Client
from catalogue import faulty


@faulty("client-cuts", breaks=("CLIENT-2",), note="cuts what is too long")
class Cuts(Client):
    def to_frame(self, message):
        while message.get("content") and len(self.encode(message)) > MOST_BYTES:
            message = {**message, "content": message["content"][:-1]}
        return super().to_frame(message)


@faulty("client-sends-too-long", breaks=("CLIENT-2",), note="sends frames of any length")
def require_length(self, frame):
    pass


@faulty("client-counts-characters", breaks=("CLIENT-2",), note="counts characters for bytes", subtle=True)
def require_length(self, frame):
    Client.require_length(self, frame.decode().encode("latin-1", "replace"))


@faulty("client-one-byte-more", breaks=("CLIENT-2",), note="sends frames of 1025 bytes", subtle=True)
def require_length(self, frame):
    Client.require_length(self, frame[1:])


@faulty("client-cuts-private", breaks=("CLIENT-2",), note="cuts private messages that are too long", subtle=True)
class CutsPrivate(Cuts):
    def to_frame(self, message):
        to_frame = super().to_frame if "target" in message else lambda message: Client.to_frame(self, message)
        return to_frame(message)


@faulty("client-drops-too-long", breaks=("CLIENT-2",), note="drops what is too long, without a word")
def tell(self, event, **members):
    if event != "failed" or "too long" not in members["reason"]:
        Client.tell(self, event, **members)


@faulty("client-ends-with-cr", breaks=("CLIENT-1", "CLIENT-2"), note="ends its frames with CR alone")
def send(self, message):
    self.link.send(self.to_frame(message) + b"\r")


@faulty("client-no-end-after-private", breaks=("CLIENT-2",), note="sends private messages with no LF", subtle=True)
def send(self, message):
    self.link.send(self.to_frame(message) + (b"" if "target" in message else b"\n"))


@faulty("client-single-quotes", breaks=("CLIENT-1", "CLIENT-2"), note="writes Python's literals for JSON")
def encode(self, message):
    return repr(message).encode()


@faulty("client-latin-1", breaks=("CLIENT-2",), note="sends Latin-1 where the text has nothing else", subtle=True)
def encode(self, message):
    try:
        return json.dumps(message, ensure_ascii=False).encode("latin-1")
    except UnicodeEncodeError:
        return Client.encode(self, message)


@faulty("client-half-characters", breaks=("CLIENT-2",), note="sends lone surrogates as escapes", subtle=True)
def encode(self, message):
    try:
        return Client.encode(self, message)
    except UnicodeEncodeError:
        return json.dumps(message).encode()


@faulty("client-sends-nothing", breaks=("CLIENT-2",), note="sends messages with no content")
def to_frame(self, message):
    return Client.to_frame(self, message) if message.get("content") != "" else self.encode(message)


@faulty("client-any-target", breaks=("CLIENT-2",), note="sends private messages to what is no username")
def require_target(self, target):
    pass


@faulty("client-strips", breaks=("CLIENT-2",), note="strips white space off what is said", subtle=True)
def encode(self, message):
    content = message.get("content", "")
    return Client.encode(self, {**message, "content": content.strip()} if content.strip() else message)


@faulty("client-composes", breaks=("CLIENT-2",), note="brings what is said into Unicode's form NFC", subtle=True)
def encode(self, message):
    if "content" in message:
        message = {**message, "content": unicodedata.normalize("NFC", message["content"])}
    return Client.encode(self, message)


@faulty("client-first-line-only", breaks=("CLIENT-2",), note="sends the first line of several", subtle=True)
def encode(self, message):
    lines = message.get("content", "").split("\n")
    return Client.encode(self, {**message, "content": lines[0]} if lines[0] else message)


@faulty("client-too-long-is-two", breaks=("CLIENT-2",), note="sends what is too long as two messages", subtle=True)
def send(self, message):
    content = message.get("content", "")
    if content.isascii() and len(content) > MOST_BYTES - 60:
        half = len(content) // 2
        self.send({**message, "content": content[:half]})
        message = {**message, "content": content[half:]}
    Client.send(self, message)
