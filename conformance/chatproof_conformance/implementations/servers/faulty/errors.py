"""Faults in how bad frames are refused (ERROR)."""

import contextlib
import os
import re

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty, subtle
from helpers import changing, every


@faulty(
    "bad-json-ignored",
    "ignores bad JSON",
    breaks=("ERROR-1", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-8"),
    cause="refused-without-error",
)
def answer_error(self, connection, refused):
    if refused.code != "malformed_json":
        ChatServer.answer_error(self, connection, refused)


@faulty(
    "bad-json-closes",
    "closes a connection after bad JSON",
    breaks=("ERROR-1", "ERROR-5", "ERROR-6", "ERROR-7", "ERROR-8", "ERROR-10"),
    cause="exception-ends-connection",
)
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.code == "malformed_json":
        self.drop(connection)


@subtle(
    "third-error-closes",
    "closes after three errors",
    breaks=(*(f"ERROR-{number}" for number in range(1, 11)), "FRAME-5", "JOIN-5", "JOIN-8", "JOIN-9", "JOIN-10"),
)
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if every(3, connection, "error"):
        self.drop(connection)


@subtle(
    "error-eats-next",
    "drops what follows a frame that is not JSON in the same segment",
    breaks=("ERROR-1", "FRAME-3", "PUBLIC-1"),
    cause="exception-ends-connection",
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


@faulty(
    "not-an-object-closes",
    "closes after JSON that is not an object",
    breaks=("ERROR-2",),
    cause="exception-ends-connection",
)
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.text == "A message is a JSON object":
        self.drop(connection)


@subtle(
    "arrays-are-batches", "takes an array for several messages", breaks=("ERROR-2",), cause="rest-of-read-forgotten"
)
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


@subtle(
    "falsy-json-ignored",
    "ignores null, false, 0, an empty string or array",
    breaks=("ERROR-2",),
    cause="falsy-value-taken-for-nothing",
)
def handle_frame(self, connection, frame):
    if frame.strip() not in (b"null", b"false", b"0", b'""', b"[]"):
        ChatServer.handle_frame(self, connection, frame)


@faulty("unknown-types-ignored", "ignores unknown types", breaks=("ERROR-3", "ERROR-9"), cause="refused-without-error")
def answer_error(self, connection, refused):
    if refused.code != "unknown_type":
        ChatServer.answer_error(self, connection, refused)


@subtle("types-in-any-case", "takes Message for message", breaks=("ERROR-3",), cause="members-not-checked")
def check_type(self, message):
    if isinstance(message.get("type"), str):
        message["type"] = message["type"].lower()
    return ChatServer.check_type(self, message)


@subtle(
    "no-type-is-a-message",
    "takes an object with no type for a message",
    breaks=("ERROR-3",),
    cause="members-not-checked",
)
def check_type(self, message):
    message.setdefault("type", "message")
    return ChatServer.check_type(self, message)


@subtle(
    "non-string-types-ignored",
    "ignores types that are no strings",
    breaks=("ERROR-3", "ERROR-10"),
    cause="refused-without-error",
)
def answer_error(self, connection, refused):
    if refused.text != "The type is not a string":
        ChatServer.answer_error(self, connection, refused)


@faulty(
    "numbers-become-text",
    "turns other values of a content into text",
    breaks=("ERROR-4", "ERROR-10"),
    cause="members-not-checked",
)
def check_member(self, message, member):
    if member == "content" and member in message and not isinstance(message[member], str):
        message[member] = str(message[member])
    ChatServer.check_member(self, message, member)


@faulty("empty-content", "delivers an empty content", breaks=("ERROR-4", "FRAME-8"), cause="members-not-checked")
def check_content(self, content):
    pass


@faulty(
    "missing-content-ignored", "ignores a message with no content", breaks=("ERROR-4",), cause="refused-without-error"
)
def answer_error(self, connection, refused):
    if refused.text != "The message has no content":
        ChatServer.answer_error(self, connection, refused)


@subtle("bad-target-is-absent", "takes an invalid target for an absent one", breaks=("ERROR-4", "FRAME-8"))
def check_member(self, message, member):
    if member != "target" or not isinstance(message.get(member), str):
        ChatServer.check_member(self, message, member)


@subtle(
    "blank-content-refused",
    "refuses a content of spaces",
    breaks=("PUBLIC-1", "PRIVATE-1", "CONFIRM-1"),
    cause="valid-input-refused",
)
def check_content(self, content):
    ChatServer.check_content(self, content.strip())


@faulty("falls-back-to-latin-1", "reads what is not UTF-8 as Latin-1", breaks=("ERROR-5",), cause="bad-utf-8-repaired")
def decode_text(self, frame):
    try:
        return frame.decode()
    except UnicodeDecodeError:
        return frame.decode("latin-1")


@faulty("bad-bytes-dropped", "leaves out bytes that are not UTF-8", breaks=("ERROR-5",), cause="bad-utf-8-repaired")
def decode_text(self, frame):
    return frame.decode("utf-8", "ignore")


@subtle(
    "takes-cesu-8",
    "takes surrogate pairs coded as bytes for characters",
    breaks=("ERROR-5", "ERROR-7"),
    cause="bad-utf-8-repaired",
)
def decode_text(self, frame):
    try:
        return frame.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        return ChatServer.decode_text(self, frame)


@faulty("takes-nan", "takes NaN and Infinity", breaks=("ERROR-6",), cause="lenient-parser")
def refuse_constant(self, name):
    return 0


@faulty("takes-trailing-commas", "takes a comma before a closing brace", breaks=("ERROR-6",), cause="lenient-parser")
def parse(self, text):
    return ChatServer.parse(self, re.sub(r",\s*}\s*$", "}", text))


@subtle("takes-comments", "takes comments", breaks=("ERROR-6",), cause="lenient-parser")
def parse(self, text):
    try:
        return ChatServer.parse(self, text)
    except Refused:
        return ChatServer.parse(self, re.sub(r"/\*.*?\*/|//[^\"]*$", "", text))


@subtle("takes-more-text", "takes text after the object", breaks=("ERROR-6",), cause="lenient-parser")
def parse(self, text):
    try:
        return self.decoder.raw_decode(text.lstrip(" \t\r"))[0]
    except ValueError:
        return ChatServer.parse(self, text)


@subtle(
    "takes-control-characters", "takes raw control characters in strings", breaks=("ERROR-6",), cause="lenient-parser"
)
class TakesControlCharacters(ChatServer):
    refuses_control_characters = False


@subtle("takes-single-quotes", "takes single quotes", breaks=("ERROR-6",), cause="lenient-parser")
def parse(self, text):
    return ChatServer.parse(self, text if '"' in text else text.replace("'", '"'))


@faulty(
    "sends-surrogates", "sends lone surrogates on as bytes", breaks=("ERROR-7", "FRAME-1"), cause="surrogates-passed-on"
)
class SendsSurrogates(ChatServer):
    def refuse_surrogates(self, value):
        pass

    def encode(self, message):
        return self.encoder.encode(message).encode("utf-8", "surrogatepass") + b"\n"


@faulty("replaces-surrogates", "sends U+FFFD for a lone surrogate", breaks=("ERROR-7",), cause="surrogates-passed-on")
class ReplacesSurrogates(ChatServer):
    def refuse_surrogates(self, value):
        pass

    def encode(self, message):
        return self.surrogate.sub("\ufffd", self.encoder.encode(message)).encode() + b"\n"


@subtle("low-surrogates-pass", "refuses lone high surrogates only", breaks=("ERROR-7",), cause="surrogates-passed-on")
class LowSurrogatesPass(ReplacesSurrogates):
    surrogate_checked = re.compile("[\ud800-\udbff]")

    def refuse_surrogates(self, value):
        if isinstance(value, dict) and any(self.surrogate_checked.search(str(item)) for item in value.values()):
            raise Refused("malformed_json", "A surrogate without its other half")


@faulty(
    "last-duplicate-wins", "takes the last of two members with one name", breaks=("ERROR-8",), cause="duplicate-members"
)
def make_object(self, pairs):
    return dict(pairs)


@subtle(
    "first-duplicate-wins",
    "takes the first of two members with one name",
    breaks=("ERROR-8",),
    cause="duplicate-members",
)
def make_object(self, pairs):
    return dict(reversed(pairs))


class Relays(ChatServer):
    """Passes on what has a type that only servers send, by ``relay``."""

    def handle_frame(self, connection, frame):
        with contextlib.suppress(Refused, LookupError, TypeError):
            message = self.decode(frame)
            if connection.name is not None:
                self.relay(message)
        super().handle_frame(connection, frame)


@faulty(
    "relays-announcements",
    "announces what clients send as system or server",
    breaks=("ERROR-9", "ERROR-11"),
    cause="server-types-accepted",
)
class RelaysAnnouncements(Relays):
    def relay(self, message):
        if message["type"] in {"system", "server"}:
            self.announce(str(message.get("message", "?")))


@subtle(
    "relays-confirmations",
    "sends a client's confirmation to everyone",
    breaks=("ERROR-9", "ERROR-11"),
    cause="server-types-accepted",
)
class RelaysConfirmations(Relays):
    def relay(self, message):
        if message["type"] == "private_confirmation" and self.is_name(message["target"]) and message["content"]:
            self.broadcast(self.confirmation(message, delivered=True))


@subtle(
    "errors-ignored", "ignores error messages of clients", breaks=("ERROR-9", "ERROR-3"), cause="refused-without-error"
)
class ErrorsIgnored(ChatServer):
    def check(self, message):
        self.spares = isinstance(message, dict) and message.get("type") == "error"
        super().check(message)

    def answer_error(self, connection, refused):
        if refused.code != "unknown_type" or not self.spares:
            super().answer_error(connection, refused)


@faulty(
    "deep-nesting-kills",
    "dies of 100 levels of nesting",
    breaks=("ERROR-10", "ERROR-1", "ERROR-2", "PUBLIC-3"),
    cause="deep-nesting-or-huge-number",
)
def parse(self, text):
    if "[" * 100 in text or '{"a":' * 100 in text:
        os._exit(139)
    return ChatServer.parse(self, text)


@subtle(
    "deep-nesting-closes",
    "closes after 100 levels of nesting",
    breaks=("ERROR-10", "ERROR-1", "ERROR-2", "PUBLIC-3"),
    cause="deep-nesting-or-huge-number",
)
def handle_frame(self, connection, frame):
    if re.search(rb"(\[\s*){100}|([{]\s*\"\w+\"\s*:\s*){100}", frame):
        self.drop(connection)
    else:
        ChatServer.handle_frame(self, connection, frame)


@subtle(
    "huge-number-closes",
    "closes after a number too big for a double",
    breaks=("ERROR-10",),
    cause="deep-nesting-or-huge-number",
)
def handle_frame(self, connection, frame):
    bare = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", frame)  # digits in texts are no numbers
    if re.search(rb"[0-9]{310}|[0-9][eE]\+?[0-9]{3}", bare):
        self.drop(connection)
    else:
        ChatServer.handle_frame(self, connection, frame)


@faulty("errors-to-everyone", "sends errors to everyone", breaks=("ERROR-11", "JOIN-4"), cause="wrong-recipients")
def answer_error(self, connection, refused):
    if connection.name is None:
        ChatServer.answer_error(self, connection, refused)
    self.broadcast(self.error(refused))


@faulty("offender-leaves", "tells that a user with a bad frame left", breaks=("ERROR-11", "LEAVE-1"))
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if connection.name is not None and refused.code == "malformed_json":
        self.send_leave_notice(connection, connection.name)


@subtle(
    "error-to-target-too",
    "a private message with a bad content reaches its target as an error",
    breaks=("ERROR-11",),
    cause="wrong-recipients",
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


faulty(
    "one-code-for-all", "says invalid_message whatever is wrong", breaks=("ERROR-12",), cause="code-of-the-wrong-check"
)(changing("error", "code", lambda _: "invalid_message"))
