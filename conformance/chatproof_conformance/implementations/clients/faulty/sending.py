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
class SendsTooLong(Client):
    def require_length(self, frame):
        pass


@faulty("client-counts-characters", breaks=("CLIENT-2",), note="counts characters for bytes", subtle=True)
class CountsCharacters(Client):
    def require_length(self, frame):
        super().require_length(frame.decode().encode("latin-1", "replace"))


@faulty("client-one-byte-more", breaks=("CLIENT-2",), note="sends frames of 1025 bytes", subtle=True)
class OneByteMore(Client):
    def require_length(self, frame):
        super().require_length(frame[1:])


@faulty("client-cuts-private", breaks=("CLIENT-2",), note="cuts private messages that are too long", subtle=True)
class CutsPrivate(Cuts):
    def to_frame(self, message):
        to_frame = super().to_frame if "target" in message else lambda message: Client.to_frame(self, message)
        return to_frame(message)


@faulty("client-drops-too-long", breaks=("CLIENT-2",), note="drops what is too long, without a word")
class DropsTooLong(Client):
    def tell(self, event, **members):
        if event != "failed" or "too long" not in members["reason"]:
            super().tell(event, **members)


@faulty("client-ends-with-cr", breaks=("CLIENT-1", "CLIENT-2"), note="ends its frames with CR alone")
class EndsWithCr(Client):
    def send(self, message):
        self.link.send(self.to_frame(message) + b"\r")


@faulty("client-no-end-after-private", breaks=("CLIENT-2",), note="sends private messages with no LF", subtle=True)
class NoEndAfterPrivate(Client):
    def send(self, message):
        self.link.send(self.to_frame(message) + (b"" if "target" in message else b"\n"))


@faulty("client-single-quotes", breaks=("CLIENT-1", "CLIENT-2"), note="writes Python's literals for JSON")
class SingleQuotes(Client):
    def encode(self, message):
        return repr(message).encode()


@faulty("client-latin-1", breaks=("CLIENT-2",), note="sends Latin-1 where the text has nothing else", subtle=True)
class Latin1(Client):
    def encode(self, message):
        try:
            return json.dumps(message, ensure_ascii=False).encode("latin-1")
        except UnicodeEncodeError:
            return super().encode(message)


@faulty("client-half-characters", breaks=("CLIENT-2",), note="sends lone surrogates as escapes", subtle=True)
class HalfCharacters(Client):
    def encode(self, message):
        try:
            return super().encode(message)
        except UnicodeEncodeError:
            return json.dumps(message).encode()


@faulty("client-sends-nothing", breaks=("CLIENT-2",), note="sends messages with no content")
class SendsNothing(Client):
    def to_frame(self, message):
        return super().to_frame(message) if message.get("content") != "" else self.encode(message)


@faulty("client-any-target", breaks=("CLIENT-2",), note="sends private messages to what is no username")
class AnyTarget(Client):
    def require_target(self, target):
        pass


@faulty("client-strips", breaks=("CLIENT-2",), note="strips white space off what is said", subtle=True)
class Strips(Client):
    def encode(self, message):
        content = message.get("content", "")
        return super().encode({**message, "content": content.strip()} if content.strip() else message)


@faulty("client-composes", breaks=("CLIENT-2",), note="brings what is said into Unicode's form NFC", subtle=True)
class Composes(Client):
    def encode(self, message):
        if "content" in message:
            message = {**message, "content": unicodedata.normalize("NFC", message["content"])}
        return super().encode(message)


@faulty("client-first-line-only", breaks=("CLIENT-2",), note="sends the first line of several", subtle=True)
class FirstLineOnly(Client):
    def encode(self, message):
        lines = message.get("content", "").split("\n")
        return super().encode({**message, "content": lines[0]} if lines[0] else message)


@faulty("client-too-long-is-two", breaks=("CLIENT-2",), note="sends what is too long as two messages", subtle=True)
class TooLongIsTwo(Client):
    def send(self, message):
        content = message.get("content", "")
        if content.isascii() and len(content) > MOST_BYTES - 60:
            half = len(content) // 2
            self.send({**message, "content": content[:half]})
            message = {**message, "content": content[half:]}
        super().send(message)
