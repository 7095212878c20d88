"""Faults in what is sent and how the stream is cut into frames (FRAME)."""

import json

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty, subtle
from helpers import changing, every


@faulty(
    "byte-order-mark", "begins every frame with a byte order mark", breaks=("FRAME-1",), cause="json-written-by-hand"
)
def encode(self, message):
    return b"\xef\xbb\xbf" + ChatServer.encode(self, message)


@faulty(
    "nul-terminated", "ends frames with U+0000", breaks=("FRAME-1", "JOIN-1", "JOIN-2"), cause="json-written-by-hand"
)
def encode(self, message):
    return ChatServer.encode(self, message)[:-1] + b"\0"


@faulty(
    "pretty-printed",
    "spreads each object over several lines",
    breaks=("FRAME-1", "FRAME-8", "JOIN-1"),
    cause="json-written-by-hand",
)
def make_encoder(self):
    return json.JSONEncoder(ensure_ascii=False, indent=2)


@subtle(
    "latin-1",
    "sends Latin-1 where all characters have a place in it",
    breaks=("FRAME-1", "JOIN-1", "PUBLIC-2", "PRIVATE-1", "CONFIRM-1"),
)
def encode(self, message):
    data = ChatServer.encode(self, message)
    try:
        return data.decode().encode("latin-1")
    except UnicodeEncodeError:
        return data


@subtle(
    "cut-at-1024",
    "sends only the first 1024 bytes of a longer frame",
    breaks=("FRAME-1", "FRAME-4", "FRAME-8", "PUBLIC-1", "PUBLIC-2", "PRIVATE-1", "CONFIRM-1", "CONFIRM-2"),
    cause="json-written-by-hand",
)
def encode(self, message):
    return ChatServer.encode(self, message)[:1024]


@subtle(
    "escapes-everything-twice",
    "sends each content twice, every character escaped: a long one passes 8192 bytes",
    breaks=("FRAME-1",),
    cause="json-written-by-hand",
)
class EscapesEverythingTwice(ChatServer):
    def public(self, connection, message):
        return {**super().public(connection, message), "html": message["content"]}

    def encode(self, message):
        if "html" not in message:
            return super().encode(message)
        units = message["content"].encode("utf-16-be")
        escaped = "".join(f"\\u{units[i]:02x}{units[i + 1]:02x}" for i in range(0, len(units), 2))
        short = super().encode({**message, "content": "@", "html": "@"})
        return short.replace(b'"@"', f'"{escaped}"'.encode())


@subtle(
    "two-on-a-line",
    "puts a message to oneself and its confirmation on one line",
    breaks=("FRAME-1", "PRIVATE-3", "CONFIRM-1", "PRIVATE-1"),
    cause="json-written-by-hand",
)
def deliver_private(self, connection, target, message):
    if target is not connection:
        ChatServer.deliver_private(self, connection, target, message)
        return
    first = self.encode(self.private(connection, message))[:-1]
    self.send_bytes(connection, first + self.encode(self.confirmation(message, delivered=True)))


@faulty(
    "segment-is-message",
    "takes what one read returns for whole frames",
    breaks=("FRAME-2",),
    cause="one-read-one-message",
)
def keep_rest(self, connection, rest):
    if rest:
        self.handle_frame(connection, rest)


@subtle(
    "decodes-segments",
    "decodes each segment by itself: a character split between two is lost",
    breaks=("FRAME-2", "PUBLIC-2", "PRIVATE-1", "ERROR-5"),
    cause="text-decoded-by-chunk",
)
def received(self, connection, data):
    ChatServer.received(self, connection, data.decode("utf-8", "replace").encode())


@subtle(
    "segment-stripped",
    "drops an LF that comes first in a segment",
    breaks=("FRAME-2",),
    cause="buffer-outlives-connection",
)
def received(self, connection, data):
    ChatServer.received(self, connection, data.lstrip(b"\n"))


@subtle(
    "full-buffer-drops-rest",
    "reads 1024 bytes at a time and drops the unended rest of a full read",
    breaks=("FRAME-2", "FRAME-3", "FRAME-4", "FRAME-5", "LEAVE-6"),
)
class FullBufferDropsRest(ChatServer):
    read_bytes = 1024
    last_read = 0

    def received(self, connection, data):
        self.last_read = len(data)
        super().received(connection, data)

    def keep_rest(self, connection, rest):
        super().keep_rest(connection, b"" if self.last_read == self.read_bytes else rest)


@subtle(
    "eight-segments",
    "drops a frame that arrives in more than eight pieces",
    breaks=("FRAME-2",),
    cause="buffer-outlives-connection",
)
def keep_rest(self, connection, rest):
    connection.pieces = getattr(connection, "pieces", 0) + 1 if rest else 0
    ChatServer.keep_rest(self, connection, rest if connection.pieces <= 8 else b"")


@faulty(
    "one-frame-a-read",
    "handles the first frame of a read, keeps the others for the next",
    breaks=("FRAME-3", "LEAVE-6"),
    cause="rest-of-read-forgotten",
)
class OneFrameARead(ChatServer):
    def lines(self, data):
        return data.split(b"\n", 1)

    def is_too_long(self, frame):
        return b"\n" not in frame and super().is_too_long(frame)


@subtle(
    "drops-last-of-many",
    "drops the last of five or more frames that arrive at once",
    breaks=("FRAME-3", "LEAVE-6", "PUBLIC-1"),
    cause="rest-of-read-forgotten",
)
def lines(self, data):
    *lines, rest = ChatServer.lines(self, data)
    return [*(lines if len(lines) < 5 else lines[:-1]), rest]


@subtle(
    "last-in-first-out",
    "handles three or more frames that arrive at once from last to first",
    breaks=("FRAME-3", "ORDER-1", "ORDER-2", "LEAVE-6"),
)
def lines(self, data):
    *lines, rest = ChatServer.lines(self, data)
    return [*(lines if len(lines) < 3 else lines[::-1]), rest]


@faulty("limit-of-1000", "refuses frames of more than 1000 bytes", breaks=("FRAME-4",), cause="bytes-and-characters")
class LimitOf1000(ChatServer):
    frame_bytes = 1000


@subtle(
    "limit-counts-lf",
    "counts the LF, so that 1024 bytes are too many",
    breaks=("FRAME-4",),
    cause="bytes-and-characters",
)
class LimitCountsLf(ChatServer):
    frame_bytes = 1023


@subtle(
    "full-frame-before-lf",
    "refuses a frame of 1024 bytes whose LF comes in the next segment",
    breaks=("FRAME-4", "FRAME-2"),
)
def keep_rest(self, connection, rest):
    ChatServer.keep_rest(self, connection, rest + b" " if len(rest) == self.frame_bytes else rest)


@faulty("no-limit", "handles frames of any length", breaks=("FRAME-5",), cause="rest-of-long-frame-handled")
class NoLimit(ChatServer):
    frame_bytes = 60_000


@faulty(
    "too-long-in-pieces",
    "takes each 1024 bytes of an overlong frame for a frame",
    breaks=("FRAME-5",),
    cause="rest-of-long-frame-handled",
)
def lines(self, data):
    return [line[i : i + 1024] for line in ChatServer.lines(self, data) for i in range(0, max(1, len(line)), 1024)]


@faulty(
    "too-long-answered-twice",
    "sends two errors for an overlong frame",
    breaks=("FRAME-5",),
    cause="rest-of-long-frame-handled",
)
def refuse_too_long(self, connection):
    ChatServer.refuse_too_long(self, connection)
    ChatServer.refuse_too_long(self, connection)


@faulty(
    "too-long-closes",
    "closes the connection after an overlong frame",
    breaks=("FRAME-5",),
    cause="rest-of-long-frame-handled",
)
def refuse_too_long(self, connection):
    ChatServer.refuse_too_long(self, connection)
    self.drop(connection)


@faulty("too-long-silent", "skips overlong frames with no error", breaks=("FRAME-5",), cause="refused-without-error")
def refuse_too_long(self, connection):
    pass


@subtle("limit-in-characters", "counts characters, not bytes", breaks=("FRAME-5",), cause="bytes-and-characters")
def is_too_long(self, frame):
    return len(frame.decode("utf-8", "replace")) > self.frame_bytes


@subtle(
    "limit-without-white-space", "does not count white space around", breaks=("FRAME-5",), cause="bytes-and-characters"
)
def is_too_long(self, frame):
    return len(frame.strip()) > self.frame_bytes


@subtle(
    "skips-one-too-many",
    "after an overlong frame that came in pieces skips the next frame too",
    breaks=("FRAME-5",),
    cause="rest-of-long-frame-handled",
)
class SkipsOneTooMany(ChatServer):
    def begin_skipping(self, connection):
        super().begin_skipping(connection)
        connection.skip_next = True

    def handle_frame(self, connection, frame):
        if getattr(connection, "skip_next", False):
            connection.skip_next = False
        else:
            super().handle_frame(connection, frame)


@subtle("too-long-heard", "sends the error, and delivers the message too", breaks=("FRAME-5",))
class TooLongHeard(ChatServer):
    def is_too_long(self, frame):
        return len(frame) > 2048

    def handle_frame(self, connection, frame):
        if len(frame) > self.frame_bytes:
            self.refuse_too_long(connection)
        super().handle_frame(connection, frame)


@faulty("no-cr", "refuses a frame that ends in CR LF", breaks=("FRAME-6", "FRAME-7"), cause="white-space-refused")
def decode(self, frame):
    if frame.endswith(b"\r"):
        raise Refused("malformed_json", "CR where the frame should end")
    return ChatServer.decode(self, frame)


@subtle("no-tab", "refuses a tab around the object", breaks=("FRAME-6",), cause="white-space-refused")
def decode(self, frame):
    if frame.strip(b" \r") != frame.strip(b" \r\t"):
        raise Refused("malformed_json", "A tab around the object")
    return ChatServer.decode(self, frame)


@faulty(
    "no-leading-space",
    "refuses a frame that does not begin with its object",
    breaks=("FRAME-6",),
    cause="white-space-refused",
)
def decode(self, frame):
    if frame[:1] in b" \t\r":
        raise Refused("malformed_json", "The frame does not begin with an object")
    return ChatServer.decode(self, frame)


@faulty("blank-line-refused", "answers blank lines with errors", breaks=("FRAME-7",), cause="white-space-refused")
def is_blank(self, frame):
    return False


@subtle("blank-cr-refused", "takes CR LF alone for a bad frame", breaks=("FRAME-7",), cause="white-space-refused")
def is_blank(self, frame):
    return not frame


@faulty(
    "notice-without-timestamp",
    "sends system messages with no timestamp",
    breaks=("FRAME-8",),
    cause="message-without-its-schema",
)
def system(self, text):
    return {"type": "system", "message": text}


@subtle(
    "null-reason", "confirms deliveries with a reason of null", breaks=("FRAME-8",), cause="message-without-its-schema"
)
def confirmation(self, message, *, delivered):
    return {"reason": None, **ChatServer.confirmation(self, message, delivered=delivered)}


subtle(
    "code-is-a-number", "sends codes as numbers", breaks=("FRAME-8", "ERROR-12"), cause="message-without-its-schema"
)(changing("error", "code", lambda _: 400))


@subtle(
    "half-a-line-once-in-a-while",
    "loses the LF of every 20th message that it sends to a client",
    breaks=("FRAME-1", "PUBLIC-1"),
    cause="json-written-by-hand",
)
def deliver(self, recipient, message, data):
    ChatServer.deliver(self, recipient, message, data[:-1] if every(20, recipient, "deliver") else data)
