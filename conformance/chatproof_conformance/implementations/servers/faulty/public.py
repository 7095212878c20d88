"""Faults in public messages (PUBLIC)."""

import html
import re
import unicodedata

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty, subtle
from helpers import changing, every


def formatted(content):
    try:
        return content.format()
    except (ValueError, LookupError, AttributeError):
        return content


def changes_content(enter, name, note, change):
    enter(name, note, breaks=("PUBLIC-2",), cause="content-changed")(changing("public", "content", change))


@faulty("no-echo", "does not send a public message to its sender", breaks=("PUBLIC-1",), cause="sender-left-out")
def on_public(self, connection, message):
    public = self.public(connection, message)
    for other in self.joined.values():
        if other is not connection:
            self.send(other, public)


@faulty(
    "echo-twice", "sends a public message to its sender twice", breaks=("PUBLIC-1",), cause="message-lost-or-doubled"
)
def on_public(self, connection, message):
    ChatServer.on_public(self, connection, message)
    self.send(connection, self.public(connection, message))


@subtle(
    "twelfth-lost",
    "loses every twelfth public message of a connection",
    breaks=("PUBLIC-1",),
    cause="message-lost-or-doubled",
)
def on_public(self, connection, message):
    if not every(12, connection, "public"):
        ChatServer.on_public(self, connection, message)


@subtle(
    "thirtieth-doubled",
    "doubles every 30th public message of a connection",
    breaks=("PUBLIC-1",),
    cause="message-lost-or-doubled",
)
def on_public(self, connection, message):
    ChatServer.on_public(self, connection, message)
    if every(30, connection, "public"):
        ChatServer.on_public(self, connection, message)


@subtle(
    "repetition-suppressed",
    "drops a public message that repeats the sender's last one",
    breaks=("PUBLIC-1",),
    cause="message-lost-or-doubled",
)
def on_public(self, connection, message):
    if getattr(connection, "last", None) != message["content"]:
        ChatServer.on_public(self, connection, message)
    connection.last = message["content"]


@subtle("once-refused-never-heard", "a user whose first join was refused gets no public messages", breaks=("PUBLIC-1",))
class OnceRefusedNeverHeard(ChatServer):
    def on_taken_name(self, connection, name):
        connection.refused = True
        super().on_taken_name(connection, name)

    def audience(self, message):
        everyone = self.joined.values()
        return everyone if message["type"] == "system" else [one for one in everyone if not hasattr(one, "refused")]


changes_content(faulty, "content-stripped", "strips white space around the content", str.strip)
changes_content(faulty, "content-escaped-as-html", "escapes the content as HTML", html.escape)
faulty("wrong-username", "sends the username in lower case", breaks=("PUBLIC-2",), cause="content-changed")(
    changing("public", "username", str.lower)
)
changes_content(
    subtle,
    "line-separator-lost",
    "turns U+2028 and U+2029 into spaces",
    lambda content: re.sub("[\u2028\u2029]", " ", content),
)
changes_content(subtle, "next-line-lost", "turns U+0085 into LF", lambda content: content.replace("\x85", "\n"))
changes_content(subtle, "cut-at-nul", "cuts the content at U+0000", lambda content: content.partition("\0")[0] or "?")
changes_content(
    subtle,
    "astral-lost",
    "turns characters above U+FFFF into U+FFFD",
    lambda content: re.sub("[\U00010000-\U0010ffff]", "\ufffd", content),
)
changes_content(
    subtle,
    "backslash-unescaped",
    "unescapes backslashes once too often",
    lambda content: content.replace("\\\\", "\\").replace("\\n", "\n"),
)
changes_content(subtle, "tags-broken", "puts a backslash into each </", lambda content: content.replace("</", "<\\/"))
changes_content(
    subtle,
    "line-ends-unified",
    "turns CR LF and CR into LF",
    lambda content: content.replace("\r\n", "\n").replace("\r", "\n"),
)
changes_content(
    subtle,
    "content-normalised",
    "normalises the content to form C",
    lambda content: unicodedata.normalize("NFC", content),
)
subtle("cut-at-500", "cuts contents at 500 characters", breaks=("PUBLIC-2", "FRAME-4"), cause="content-changed")(
    changing("public", "content", lambda content: content[:500])
)
changes_content(subtle, "braces-formatted", "takes {{ in a content for an escaped brace", formatted)
changes_content(
    subtle, "byte-order-mark-lost", "removes U+FEFF from contents", lambda content: content.replace("\ufeff", "")
)


@faulty(
    "believes-username",
    "believes a username in a message",
    breaks=("PUBLIC-3", "PUBLIC-2", "FRAME-8"),
    cause="raw-object-passed-on",
)
def public(self, connection, message):
    public = ChatServer.public(self, connection, message)
    return {**public, "username": message.get("username", connection.name)}


@subtle(
    "believes-timestamp",
    "believes a timestamp in a message",
    breaks=("PUBLIC-3", "TIME-1", "FRAME-8"),
    cause="raw-object-passed-on",
)
def public(self, connection, message):
    public = ChatServer.public(self, connection, message)
    return {**public, "timestamp": message.get("timestamp", public["timestamp"])}


@faulty(
    "refuses-more-members", "refuses messages with unknown members", breaks=("PUBLIC-3",), cause="valid-input-refused"
)
def on_public(self, connection, message):
    if set(message) - {"type", "content"}:
        raise Refused("invalid_message", "Unknown member")
    ChatServer.on_public(self, connection, message)


@subtle(
    "judges-unknown-members",
    "refuses a message with a username or timestamp that is no string",
    breaks=("PUBLIC-3",),
    cause="valid-input-refused",
)
def on_public(self, connection, message):
    if not all(isinstance(message.get(member, ""), str) for member in ("username", "timestamp")):
        raise Refused("invalid_message", "Not a string")
    ChatServer.on_public(self, connection, message)


def added_texts(message):
    """Return the texts that a client has added to a message; other values could also make the frame invalid."""
    return {name: value for name, value in message.items() if isinstance(value, str) and value}


@faulty(
    "members-passed-on",
    "passes on what a client has added to a public message",
    breaks=("PUBLIC-4",),
    cause="raw-object-passed-on",
)
def public(self, connection, message):
    return {**added_texts(message), **ChatServer.public(self, connection, message)}


@subtle(
    "members-in-confirmations",
    "repeats in a confirmation what was added to the message",
    breaks=("PUBLIC-4",),
    cause="raw-object-passed-on",
)
def confirmation(self, message, *, delivered):
    return {**added_texts(message), **ChatServer.confirmation(self, message, delivered=delivered)}
