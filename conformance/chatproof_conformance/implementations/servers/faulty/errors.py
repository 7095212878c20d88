"""Faults in how bad frames are refused (ERROR)."""

import contextlib
import json
import os
import re

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import changing, every


@faulty("bad-json-ignored", breaks=("ERROR-1", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-8"), note="ignores bad JSON")
def answer_error(self, connection, refused):
    if refused.code != "malformed_json":
        ChatServer.answer_error(self, connection, refused)


@faulty(
    "bad-json-closes",
    breaks=("ERROR-1", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-8", "ERROR-10"),
    note="closes a connection after bad JSON",
)
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.code == "malformed_json":
        self.drop(connection)


@faulty(
    "third-error-closes",
    breaks=("ERROR-1", "ERROR-2", "ERROR-3", "ERROR-4"),
    note="closes after three errors",
    subtle=True,
)
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if every(3, connection, "error"):
        self.drop(connection)


@faulty(
    "error-eats-next",
    breaks=("ERROR-1", "FRAME-3", "PUBLIC-1"),
    note="drops what follows a frame that is not JSON in the same segment",
    subtle=True,
)
class ErrorEatsNext(ChatServer):
    def split_frames(self, connection, data):
        connection.spoilt = False
        for frame in super().split_frames(connection, data):
            if not connection.spoilt:
                yield frame

    def answer_error(self, connection, refused):
        connection.spoilt = refused.text == "The frame is not JSON"
        super().answer_error(connection, refused)


@faulty("not-an-object-closes", breaks=("ERROR-2",), note="closes after JSON that is not an object")
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.text == "A message is a JSON object":
        self.drop(connection)


@faulty("arrays-are-batches", breaks=("ERROR-2",), note="takes an array for several messages", subtle=True)
def handle_frame(self, connection, frame):
    if not frame.lstrip().startswith(b"["):
        ChatServer.handle_frame(self, connection, frame)
        return
    try:
        messages = self.decode(frame)
    except Refused as refused:
        self.answer_error(connection, refused)
        return
    for message in messages:
        ChatServer.handle_frame(self, connection, self.encode(message)[:-1])


@faulty("falsy-json-ignored", breaks=("ERROR-2",), note="ignores null, false, 0, an empty string or array", subtle=True)
def handle_frame(self, connection, frame):
    if frame.strip() not in (b"null", b"false", b"0", b'""', b"[]"):
        ChatServer.handle_frame(self, connection, frame)


@faulty("unknown-types-ignored", breaks=("ERROR-3", "ERROR-9"), note="ignores unknown types")
def answer_error(self, connection, refused):
    if refused.code != "unknown_type":
        ChatServer.answer_error(self, connection, refused)


@faulty("types-in-any-case", breaks=("ERROR-3",), note="takes Message for message", subtle=True)
def check_type(self, message):
    if isinstance(message.get("type"), str):
        message["type"] = message["type"].lower()
    return ChatServer.check_type(self, message)


@faulty("no-type-is-a-message", breaks=("ERROR-3",), note="takes an object with no type for a message", subtle=True)
def check_type(self, message):
    message.setdefault("type", "message")
    return ChatServer.check_type(self, message)


@faulty(
    "non-string-types-ignored", breaks=("ERROR-3", "ERROR-10"), note="ignores types that are no strings", subtle=True
)
def answer_error(self, connection, refused):
    if refused.text != "The type is not a string":
        ChatServer.answer_error(self, connection, refused)


@faulty("numbers-become-text", breaks=("ERROR-4", "ERROR-10"), note="turns other values of a content into text")
def check_member(self, message, member):
    if member == "content" and member in message and not isinstance(message[member], str):
        message[member] = str(message[member])
    ChatServer.check_member(self, message, member)


@faulty("empty-content", breaks=("ERROR-4", "FRAME-8"), note="delivers an empty content")
def check_content(self, content):
    pass


@faulty("missing-content-ignored", breaks=("ERROR-4",), note="ignores a message with no content")
def answer_error(self, connection, refused):
    if refused.text != "The message has no content":
        ChatServer.answer_error(self, connection, refused)


@faulty(
    "bad-target-is-absent", breaks=("ERROR-4", "FRAME-8"), note="takes an invalid target for an absent one", subtle=True
)
def check_member(self, message, member):
    if member != "target" or not isinstance(message.get(member), str):
        ChatServer.check_member(self, message, member)


@faulty(
    "blank-content-refused",
    breaks=("PUBLIC-1", "PRIVATE-1", "CONFIRM-1"),
    note="refuses a content of spaces",
    subtle=True,
)
def check_content(self, content):
    ChatServer.check_content(self, content.strip())


@faulty("falls-back-to-latin-1", breaks=("ERROR-5",), note="reads what is not UTF-8 as Latin-1")
def decode_text(self, frame):
    try:
        return frame.decode()
    except UnicodeDecodeError:
        return frame.decode("latin-1")


@faulty("bad-bytes-dropped", breaks=("ERROR-5",), note="leaves out bytes that are not UTF-8")
def decode_text(self, frame):
    return frame.decode("utf-8", "ignore")


@faulty(
    "takes-cesu-8",
    breaks=("ERROR-5", "ERROR-7"),
    note="takes surrogate pairs coded as bytes for characters",
    subtle=True,
)
def decode_text(self, frame):
    try:
        return frame.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        return ChatServer.decode_text(self, frame)


@faulty("takes-nan", breaks=("ERROR-6",), note="takes NaN and Infinity")
def refuse_constant(self, name):
    return 0


@faulty("takes-trailing-commas", breaks=("ERROR-6",), note="takes a comma before a closing brace")
def parse(self, text):
    return ChatServer.parse(self, re.sub(r",\s*}\s*$", "}", text))


@faulty("takes-comments", breaks=("ERROR-6",), note="takes comments", subtle=True)
def parse(self, text):
    try:
        return ChatServer.parse(self, text)
    except Refused:
        return ChatServer.parse(self, re.sub(r"/\*.*?\*/|//[^\"]*$", "", text))


@faulty("takes-more-text", breaks=("ERROR-6",), note="takes text after the object", subtle=True)
def parse(self, text):
    try:
        return self.decoder.raw_decode(text.lstrip(" \t\r"))[0]
    except ValueError:
        return ChatServer.parse(self, text)


@faulty("takes-control-characters", breaks=("ERROR-6",), note="takes raw control characters in strings", subtle=True)
def make_decoder(self):
    return json.JSONDecoder(
        strict=False,
        object_pairs_hook=self.make_object,
        parse_constant=self.refuse_constant,
        parse_int=self.read_integer,
    )


@faulty("takes-single-quotes", breaks=("ERROR-6",), note="takes single quotes", subtle=True)
def parse(self, text):
    return ChatServer.parse(self, text if '"' in text else text.replace("'", '"'))


@faulty("sends-surrogates", breaks=("ERROR-7", "FRAME-1"), note="sends lone surrogates on as bytes")
class SendsSurrogates(ChatServer):
    def refuse_surrogates(self, value):
        pass

    def encode(self, message):
        return self.encoder.encode(message).encode("utf-8", "surrogatepass") + b"\n"


@faulty("replaces-surrogates", breaks=("ERROR-7",), note="sends U+FFFD for a lone surrogate")
class ReplacesSurrogates(ChatServer):
    def refuse_surrogates(self, value):
        pass

    def encode(self, message):
        return self.surrogate.sub("\ufffd", self.encoder.encode(message)).encode() + b"\n"


@faulty("low-surrogates-pass", breaks=("ERROR-7",), note="refuses lone high surrogates only", subtle=True)
class LowSurrogatesPass(ReplacesSurrogates):
    surrogate_checked = re.compile("[\ud800-\udbff]")

    def refuse_surrogates(self, value):
        if isinstance(value, dict) and any(self.surrogate_checked.search(str(item)) for item in value.values()):
            raise Refused("malformed_json", "A surrogate without its other half")


@faulty("last-duplicate-wins", breaks=("ERROR-8",), note="takes the last of two members with one name")
def make_object(self, pairs):
    return dict(pairs)


@faulty("first-duplicate-wins", breaks=("ERROR-8",), note="takes the first of two members with one name", subtle=True)
def make_object(self, pairs):
    return dict(reversed(pairs))


class Relays(ChatServer):
    """Passes on what has a type that only servers send."""

    def relay(self, message):
        raise NotImplementedError

    def handle_frame(self, connection, frame):
        with contextlib.suppress(Refused, LookupError, TypeError):
            message = self.decode(frame)
            if connection.name is not None:
                self.relay(message)
        super().handle_frame(connection, frame)


@faulty("relays-announcements", breaks=("ERROR-9", "ERROR-11"), note="announces what clients send as system or server")
class RelaysAnnouncements(Relays):
    def relay(self, message):
        if message["type"] in {"system", "server"}:
            self.announce(str(message.get("message", "?")))


@faulty(
    "relays-confirmations",
    breaks=("ERROR-9", "ERROR-11"),
    note="sends a client's confirmation to everyone",
    subtle=True,
)
class RelaysConfirmations(Relays):
    def relay(self, message):
        if message["type"] == "private_confirmation" and self.is_name(message["target"]) and message["content"]:
            self.broadcast(self.confirmation(message, delivered=True))


@faulty("errors-ignored", breaks=("ERROR-9", "ERROR-3"), note="ignores error messages of clients", subtle=True)
class ErrorsIgnored(ChatServer):
    def check(self, message):
        self.spares = isinstance(message, dict) and message.get("type") == "error"
        super().check(message)

    def answer_error(self, connection, refused):
        if refused.code != "unknown_type" or not self.spares:
            super().answer_error(connection, refused)


@faulty("deep-nesting-kills", breaks=("ERROR-10", "ERROR-1", "ERROR-2"), note="dies of 100 levels of nesting")
def parse(self, text):
    if "[" * 100 in text or '{"a":' * 100 in text:
        os._exit(139)
    return ChatServer.parse(self, text)


@faulty(
    "deep-nesting-closes",
    breaks=("ERROR-10", "ERROR-1", "ERROR-2"),
    note="closes after 100 levels of nesting",
    subtle=True,
)
def handle_frame(self, connection, frame):
    if re.search(rb"(\[\s*){100}|([{]\s*\"\w+\"\s*:\s*){100}", frame):
        self.drop(connection)
    else:
        ChatServer.handle_frame(self, connection, frame)


@faulty("huge-number-closes", breaks=("ERROR-10",), note="closes after a number too big for a double", subtle=True)
def handle_frame(self, connection, frame):
    if re.search(rb"[0-9]{310}|[0-9][eE]\+?[0-9]{3}", frame):
        self.drop(connection)
    else:
        ChatServer.handle_frame(self, connection, frame)


@faulty("errors-to-everyone", breaks=("ERROR-11", "JOIN-4"), note="sends errors to everyone")
def answer_error(self, connection, refused):
    if connection.name is None:
        ChatServer.answer_error(self, connection, refused)
    self.broadcast(self.error(refused))


@faulty("offender-leaves", breaks=("ERROR-11", "LEAVE-1"), note="tells that a user with a bad frame left")
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if connection.name is not None and refused.code == "malformed_json":
        self.tell_leave(connection, connection.name)


@faulty(
    "error-to-target-too",
    breaks=("ERROR-11",),
    note="a private message with a bad content reaches its target as an error",
    subtle=True,
)
class ErrorToTargetToo(ChatServer):
    def check_member(self, message, member):
        private = message["type"] == "private_message" and member == "content"
        self.target = self.find(message["target"]) if private else None
        super().check_member(message, member)
        self.target = None

    def answer_error(self, connection, refused):
        super().answer_error(connection, refused)
        target, self.target = getattr(self, "target", None), None
        if target not in (None, connection):
            self.send(target, self.error(refused))


faulty("one-code-for-all", breaks=("ERROR-12",), note="says invalid_message whatever is wrong")(
    changing("error", "code", lambda _: "invalid_message")
)
