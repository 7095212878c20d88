"""Faults in what is sent and how the stream is cut into frames (FRAME)."""

import json

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import changing, every


@faulty("byte-order-mark", breaks=("FRAME-1",), note="begins every frame with a byte order mark")
def encode(self, message):
    return b"\xef\xbb\xbf" + ChatServer.encode(self, message)


@faulty("nul-terminated", breaks=("FRAME-1", "JOIN-1", "JOIN-2"), note="ends frames with U+0000")
def encode(self, message):
    return ChatServer.encode(self, message)[:-1] + b"\0"


@faulty("pretty-printed", breaks=("FRAME-1", "FRAME-8", "JOIN-1"), note="spreads each object over several lines")
def make_encoder(self):
    return json.JSONEncoder(ensure_ascii=False, indent=2)


@faulty(
    "latin-1",
    breaks=("FRAME-1", "JOIN-1", "PUBLIC-2", "PRIVATE-1", "CONFIRM-1"),
    note="sends Latin-1 where all characters have a place in it",
    subtle=True,
)
def encode(self, message):
    data = ChatServer.encode(self, message)
    try:
        return data.decode().encode("latin-1")
    except UnicodeEncodeError:
        return data


@faulty(
    "cut-at-1024",
    breaks=("FRAME-1", "FRAME-4", "FRAME-8", "PUBLIC-1", "PUBLIC-2", "PRIVATE-1", "CONFIRM-1", "CONFIRM-2"),
    note="sends only the first 1024 bytes of a longer frame",
    subtle=True,
)
def encode(self, message):
    return ChatServer.encode(self, message)[:1024]


@faulty(
    "escapes-everything-twice",
    breaks=("FRAME-1",),
    note="sends each content twice, every character escaped: a long one passes 8192 bytes",
    subtle=True,
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


@faulty(
    "two-on-a-line",
    breaks=("FRAME-1", "PRIVATE-3", "CONFIRM-1", "PRIVATE-1"),
    note="puts a message to oneself and its confirmation on one line",
    subtle=True,
)
def deliver_private(self, connection, target, message):
    if target is not connection:
        ChatServer.deliver_private(self, connection, target, message)
        return
    first = self.encode(self.private(connection, message))[:-1]
    self.send_bytes(connection, first + self.encode(self.confirmation(message, delivered=True)))


@faulty("segment-is-message", breaks=("FRAME-2",), note="takes what one read returns for whole frames")
def keep_rest(self, connection, rest):
    if rest:
        self.handle_frame(connection, rest)


@faulty(
    "decodes-segments",
    breaks=("FRAME-2", "PUBLIC-2", "PRIVATE-1", "ERROR-5"),
    note="decodes each segment by itself: a character split between two is lost",
    subtle=True,
)
def received(self, connection, data):
    ChatServer.received(self, connection, data.decode("utf-8", "replace").encode())


@faulty("segment-stripped", breaks=("FRAME-2",), note="drops an LF that comes first in a segment", subtle=True)
def received(self, connection, data):
    ChatServer.received(self, connection, data.lstrip(b"\n"))


@faulty(
    "full-buffer-drops-rest",
    breaks=("FRAME-2", "FRAME-3", "FRAME-4", "FRAME-5", "LEAVE-6"),
    note="reads 1024 bytes at a time and drops the unended rest of a full read",
    subtle=True,
)
class FullBufferDropsRest(ChatServer):
    read_bytes = 1024
    last_read = 0

    def received(self, connection, data):
        self.last_read = len(data)
        super().received(connection, data)

    def keep_rest(self, connection, rest):
        super().keep_rest(connection, b"" if self.last_read == self.read_bytes else rest)


@faulty("eight-segments", breaks=("FRAME-2",), note="drops a frame that arrives in more than eight pieces", subtle=True)
def keep_rest(self, connection, rest):
    connection.pieces = getattr(connection, "pieces", 0) + 1 if rest else 0
    ChatServer.keep_rest(self, connection, rest if connection.pieces <= 8 else b"")


@faulty(
    "one-frame-a-read",
    breaks=("FRAME-3", "LEAVE-6"),
    note="handles the first frame of a read, keeps the others for the next",
)
class OneFrameARead(ChatServer):
    def lines(self, data):
        return data.split(b"\n", 1)

    def is_too_long(self, frame):
        return b"\n" not in frame and super().is_too_long(frame)


@faulty(
    "drops-last-of-many",
    breaks=("FRAME-3", "LEAVE-6", "PUBLIC-1"),
    note="drops the last of five or more frames that arrive at once",
    subtle=True,
)
def lines(self, data):
    *lines, rest = ChatServer.lines(self, data)
    return [*(lines if len(lines) < 5 else lines[:-1]), rest]


@faulty(
    "last-in-first-out",
    breaks=("FRAME-3", "ORDER-1", "ORDER-2", "LEAVE-6"),
    note="handles three or more frames that arrive at once from last to first",
    subtle=True,
)
def lines(self, data):
    *lines, rest = ChatServer.lines(self, data)
    return [*(lines if len(lines) < 3 else lines[::-1]), rest]


@faulty("limit-of-1000", breaks=("FRAME-4",), note="refuses frames of more than 1000 bytes")
class LimitOf1000(ChatServer):
    frame_bytes = 1000


@faulty("limit-counts-lf", breaks=("FRAME-4",), note="counts the LF, so that 1024 bytes are too many", subtle=True)
class LimitCountsLf(ChatServer):
    frame_bytes = 1023


@faulty(
    "full-frame-before-lf",
    breaks=("FRAME-4", "FRAME-2"),
    note="refuses a frame of 1024 bytes whose LF comes in the next segment",
    subtle=True,
)
def keep_rest(self, connection, rest):
    ChatServer.keep_rest(self, connection, rest + b" " if len(rest) == self.frame_bytes else rest)


@faulty("no-limit", breaks=("FRAME-5",), note="handles frames of any length")
class NoLimit(ChatServer):
    frame_bytes = 60_000


@faulty("too-long-in-pieces", breaks=("FRAME-5",), note="takes each 1024 bytes of an overlong frame for a frame")
def lines(self, data):
    return [line[i : i + 1024] for line in ChatServer.lines(self, data) for i in range(0, max(1, len(line)), 1024)]


@faulty("too-long-answered-twice", breaks=("FRAME-5",), note="sends two errors for an overlong frame")
def refuse_too_long(self, connection):
    ChatServer.refuse_too_long(self, connection)
    ChatServer.refuse_too_long(self, connection)


@faulty("too-long-closes", breaks=("FRAME-5",), note="closes the connection after an overlong frame")
def refuse_too_long(self, connection):
    ChatServer.refuse_too_long(self, connection)
    self.drop(connection)


@faulty("too-long-silent", breaks=("FRAME-5",), note="skips overlong frames with no error")
def refuse_too_long(self, connection):
    pass


@faulty("limit-in-characters", breaks=("FRAME-5",), note="counts characters, not bytes", subtle=True)
def is_too_long(self, frame):
    return len(frame.decode("utf-8", "replace")) > self.frame_bytes


@faulty("limit-without-white-space", breaks=("FRAME-5",), note="does not count white space around", subtle=True)
def is_too_long(self, frame):
    return len(frame.strip()) > self.frame_bytes


@faulty(
    "skips-one-too-many",
    breaks=("FRAME-5",),
    note="after an overlong frame that came in pieces skips the next frame too",
    subtle=True,
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


@faulty("too-long-heard", breaks=("FRAME-5",), note="sends the error, and delivers the message too", subtle=True)
class TooLongHeard(ChatServer):
    def is_too_long(self, frame):
        return len(frame) > 2048

    def handle_frame(self, connection, frame):
        if len(frame) > self.frame_bytes:
            self.refuse_too_long(connection)
        super().handle_frame(connection, frame)


@faulty("no-cr", breaks=("FRAME-6", "FRAME-7"), note="refuses a frame that ends in CR LF")
def decode(self, frame):
    if frame.endswith(b"\r"):
        raise Refused("malformed_json", "CR where the frame should end")
    return ChatServer.decode(self, frame)


@faulty("no-tab", breaks=("FRAME-6",), note="refuses a tab around the object", subtle=True)
def decode(self, frame):
    if frame.strip(b" \r") != frame.strip(b" \r\t"):
        raise Refused("malformed_json", "A tab around the object")
    return ChatServer.decode(self, frame)


@faulty("no-leading-space", breaks=("FRAME-6",), note="refuses a frame that does not begin with its object")
def decode(self, frame):
    if frame[:1] in b" \t\r":
        raise Refused("malformed_json", "The frame does not begin with an object")
    return ChatServer.decode(self, frame)


@faulty("blank-line-refused", breaks=("FRAME-7",), note="answers blank lines with errors")
def is_blank(self, frame):
    return False


@faulty("blank-cr-refused", breaks=("FRAME-7",), note="takes CR LF alone for a bad frame", subtle=True)
def is_blank(self, frame):
    return not frame


@faulty("notice-without-timestamp", breaks=("FRAME-8",), note="sends system messages with no timestamp")
def system(self, text):
    return {"type": "system", "message": text}


@faulty("null-reason", breaks=("FRAME-8",), note="confirms deliveries with a reason of null", subtle=True)
def confirmation(self, message, *, delivered):
    return {"reason": None, **ChatServer.confirmation(self, message, delivered=delivered)}


faulty("code-is-a-number", breaks=("FRAME-8", "ERROR-12"), note="sends codes as numbers", subtle=True)(
    changing("error", "code", lambda _: 400)
)


@faulty(
    "half-a-line-once-in-a-while",
    breaks=("FRAME-1", "PUBLIC-1"),
    note="loses the LF of every 20th message that it sends to a client",
    subtle=True,
)
def deliver(self, recipient, message, data):
    ChatServer.deliver(self, recipient, message, data[:-1] if every(20, recipient, "deliver") else data)
