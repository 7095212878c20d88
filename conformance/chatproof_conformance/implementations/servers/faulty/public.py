"""Faults in public messages (PUBLIC)."""

import html
import re
import unicodedata

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import changing, every


def formatted(content):
    try:
        return content.format()
    except (ValueError, LookupError, AttributeError):
        return content


def changes_content(name, change, note, *, subtle=True):
    faulty(name, breaks=("PUBLIC-2",), note=note, subtle=subtle)(changing("public", "content", change))


@faulty("no-echo", breaks=("PUBLIC-1",), note="does not send a public message to its sender")
def on_public(self, connection, message):
    public = self.public(connection, message)
    for other in self.joined.values():
        if other is not connection:
            self.send(other, public)


@faulty("echo-twice", breaks=("PUBLIC-1",), note="sends a public message to its sender twice")
def on_public(self, connection, message):
    ChatServer.on_public(self, connection, message)
    self.send(connection, self.public(connection, message))


@faulty("twelfth-lost", breaks=("PUBLIC-1",), note="loses every twelfth public message of a connection", subtle=True)
def on_public(self, connection, message):
    if not every(12, connection, "public"):
        ChatServer.on_public(self, connection, message)


@faulty(
    "thirtieth-doubled", breaks=("PUBLIC-1",), note="doubles every 30th public message of a connection", subtle=True
)
def on_public(self, connection, message):
    ChatServer.on_public(self, connection, message)
    if every(30, connection, "public"):
        ChatServer.on_public(self, connection, message)


@faulty(
    "repetition-suppressed",
    breaks=("PUBLIC-1",),
    note="drops a public message that repeats the sender's last one",
    subtle=True,
)
def on_public(self, connection, message):
    if getattr(connection, "last", None) != message["content"]:
        ChatServer.on_public(self, connection, message)
    connection.last = message["content"]


@faulty(
    "once-refused-never-heard",
    breaks=("PUBLIC-1",),
    note="a user whose first join was refused gets no public messages",
    subtle=True,
)
class OnceRefusedNeverHeard(ChatServer):
    def on_taken_name(self, connection, name):
        connection.refused = True
        super().on_taken_name(connection, name)

    def audience(self, message):
        everyone = self.joined.values()
        return everyone if message["type"] == "system" else [one for one in everyone if not hasattr(one, "refused")]


changes_content("content-stripped", str.strip, "strips white space around the content", subtle=False)
changes_content("content-escaped-as-html", html.escape, "escapes the content as HTML", subtle=False)
faulty("wrong-username", breaks=("PUBLIC-2",), note="sends the username in lower case")(
    changing("public", "username", str.lower)
)
changes_content(
    "line-separator-lost", lambda content: re.sub("[\u2028\u2029]", " ", content), "turns U+2028 and U+2029 into spaces"
)
changes_content("next-line-lost", lambda content: content.replace("\x85", "\n"), "turns U+0085 into LF")
changes_content("cut-at-nul", lambda content: content.partition("\0")[0] or "?", "cuts the content at U+0000")
changes_content(
    "astral-lost",
    lambda content: re.sub("[\U00010000-\U0010ffff]", "\ufffd", content),
    "turns characters above U+FFFF into U+FFFD",
)
changes_content(
    "backslash-unescaped",
    lambda content: content.replace("\\\\", "\\").replace("\\n", "\n"),
    "unescapes backslashes once too often",
)
changes_content("tags-broken", lambda content: content.replace("</", "<\\/"), "puts a backslash into each </")
changes_content(
    "line-ends-unified", lambda content: content.replace("\r\n", "\n").replace("\r", "\n"), "turns CR LF and CR into LF"
)
changes_content(
    "content-normalised", lambda content: unicodedata.normalize("NFC", content), "normalises the content to form C"
)
faulty("cut-at-500", breaks=("PUBLIC-2", "FRAME-4"), note="cuts contents at 500 characters", subtle=True)(
    changing("public", "content", lambda content: content[:500])
)
changes_content("braces-formatted", formatted, "takes {{ in a content for an escaped brace")
changes_content("byte-order-mark-lost", lambda content: content.replace("\ufeff", ""), "removes U+FEFF from contents")


@faulty("believes-username", breaks=("PUBLIC-3", "PUBLIC-2", "FRAME-8"), note="believes a username in a message")
def public(self, connection, message):
    public = ChatServer.public(self, connection, message)
    return {**public, "username": message.get("username", connection.name)}


@faulty(
    "believes-timestamp",
    breaks=("PUBLIC-3", "TIME-1", "FRAME-8"),
    note="believes a timestamp in a message",
    subtle=True,
)
def public(self, connection, message):
    public = ChatServer.public(self, connection, message)
    return {**public, "timestamp": message.get("timestamp", public["timestamp"])}


@faulty("refuses-more-members", breaks=("PUBLIC-3",), note="refuses messages with unknown members")
def on_public(self, connection, message):
    if set(message) - {"type", "content"}:
        raise Refused("invalid_message", "Unknown member")
    ChatServer.on_public(self, connection, message)


@faulty(
    "judges-unknown-members",
    breaks=("PUBLIC-3",),
    note="refuses a message with a username or timestamp that is no string",
    subtle=True,
)
def on_public(self, connection, message):
    if not all(isinstance(message.get(member, ""), str) for member in ("username", "timestamp")):
        raise Refused("invalid_message", "Not a string")
    ChatServer.on_public(self, connection, message)
