"""Faults in public messages (PUBLIC)."""

import html
import re

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import every


class MangledPublic(ChatServer):
    def mangle(self, content):
        return content

    def public(self, connection, message):
        public = super().public(connection, message)
        # An empty content would be a second fault.
        return {**public, "content": self.mangle(public["content"]) or public["content"]}


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


@faulty("content-stripped", breaks=("PUBLIC-2",), note="strips white space around the content")
class ContentStripped(MangledPublic):
    def mangle(self, content):
        return content.strip()


@faulty("content-escaped-as-html", breaks=("PUBLIC-2",), note="escapes the content as HTML")
class ContentEscapedAsHtml(MangledPublic):
    def mangle(self, content):
        return html.escape(content)


@faulty("wrong-username", breaks=("PUBLIC-2",), note="sends the username in lower case")
def public(self, connection, message):
    return {**ChatServer.public(self, connection, message), "username": connection.name.lower()}


@faulty("line-separator-lost", breaks=("PUBLIC-2",), note="turns U+2028 and U+2029 into spaces", subtle=True)
class LineSeparatorLost(MangledPublic):
    def mangle(self, content):
        return re.sub("[\u2028\u2029]", " ", content)


@faulty("next-line-lost", breaks=("PUBLIC-2",), note="turns U+0085 into LF", subtle=True)
class NextLineLost(MangledPublic):
    def mangle(self, content):
        return content.replace("\x85", "\n")


@faulty("cut-at-nul", breaks=("PUBLIC-2",), note="cuts the content at U+0000", subtle=True)
class CutAtNul(MangledPublic):
    def mangle(self, content):
        return content.partition("\0")[0] or "?"


@faulty("astral-lost", breaks=("PUBLIC-2",), note="turns characters above U+FFFF into U+FFFD", subtle=True)
class AstralLost(MangledPublic):
    def mangle(self, content):
        return re.sub("[\U00010000-\U0010ffff]", "\ufffd", content)


@faulty("backslash-unescaped", breaks=("PUBLIC-2",), note="unescapes backslashes once too often", subtle=True)
class BackslashUnescaped(MangledPublic):
    def mangle(self, content):
        return content.replace("\\\\", "\\").replace("\\n", "\n")


@faulty("tags-broken", breaks=("PUBLIC-2",), note="puts a backslash into each </", subtle=True)
class TagsBroken(MangledPublic):
    def mangle(self, content):
        return content.replace("</", "<\\/")


@faulty("line-ends-unified", breaks=("PUBLIC-2",), note="turns CR LF and CR into LF", subtle=True)
class LineEndsUnified(MangledPublic):
    def mangle(self, content):
        return content.replace("\r\n", "\n").replace("\r", "\n")


@faulty("content-normalised", breaks=("PUBLIC-2",), note="normalises the content to form C", subtle=True)
class ContentNormalised(MangledPublic):
    def mangle(self, content):
        import unicodedata  # noqa: PLC0415  only this fault pays for the import

        return unicodedata.normalize("NFC", content)


@faulty("cut-at-500", breaks=("PUBLIC-2", "FRAME-4"), note="cuts contents at 500 characters", subtle=True)
class CutAt500(MangledPublic):
    def mangle(self, content):
        return content[:500]


@faulty("braces-formatted", breaks=("PUBLIC-2",), note="takes {{ in a content for an escaped brace", subtle=True)
class BracesFormatted(MangledPublic):
    def mangle(self, content):
        try:
            return content.format()
        except (ValueError, LookupError, AttributeError):
            return content


@faulty("byte-order-mark-lost", breaks=("PUBLIC-2",), note="removes U+FEFF from contents", subtle=True)
class ByteOrderMarkLost(MangledPublic):
    def mangle(self, content):
        return content.replace("\ufeff", "")


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
