"""Faults in who may join, under what name, and who is told (JOIN)."""

import html
import re
import unicodedata

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty
from helpers import serve_others


@faulty("newcomer-not-told", breaks=("JOIN-1", "JOIN-2"), note="tells a join to the others only")
def tell_join(self, connection, name):
    notice = self.system(self.join_text(name))
    for other in self.joined.values():
        if other is not connection:
            self.send(other, notice)


@faulty("others-not-told", breaks=("JOIN-1",), note="tells a join to the newcomer only")
class OthersNotTold(ChatServer):
    def tell_join(self, connection, name):
        self.send(connection, self.system(self.join_text(name)))


@faulty("nameless-notice", breaks=("JOIN-1", "JOIN-3"), note="its join notice names nobody")
def join_text(self, name):
    return "A user joined the chat"


@faulty("rejoin-not-told", breaks=("JOIN-1",), note="others are not told of a name that was here before", subtle=True)
class RejoinNotTold(OthersNotTold):
    def tell_join(self, connection, name):
        self.seen = getattr(self, "seen", set())
        teller = super() if name in self.seen else super(OthersNotTold, self)
        self.seen.add(name)
        teller.tell_join(connection, name)


@faulty("notice-escapes-html", breaks=("JOIN-1", "JOIN-3"), note="escapes the name in the notice as HTML", subtle=True)
def join_text(self, name):
    return ChatServer.join_text(self, html.escape(name))


@faulty("notice-in-title-case", breaks=("JOIN-1", "JOIN-3"), note="capitalises the name in the notice", subtle=True)
def join_text(self, name):
    return ChatServer.join_text(self, name.title())


@faulty("ascii-names", breaks=("JOIN-1",), note="refuses names with other than ASCII characters")
def is_name(self, name):
    return ChatServer.is_name(self, name) and name.isascii()


@faulty("no-space-in-names", breaks=("JOIN-1",), note="refuses a space inside a name", subtle=True)
def is_name(self, name):
    return ChatServer.is_name(self, name) and " " not in name


@faulty("names-counted-in-bytes", breaks=("JOIN-1",), note="allows 32 bytes, not 32 code points", subtle=True)
def has_name_length(self, name):
    return 1 <= len(name.encode("utf-8", "replace")) <= self.name_limit


@faulty("names-counted-in-utf-16", breaks=("JOIN-1",), note="counts an astral character of a name twice", subtle=True)
def has_name_length(self, name):
    return 2 <= len(name.encode("utf-16-le", "replace")) <= 2 * self.name_limit


@faulty("welcome-first", breaks=("JOIN-2",), note="greets before the join notice")
def tell_join(self, connection, name):
    self.send(connection, self.system("Welcome to the chat"))
    ChatServer.tell_join(self, connection, name)


@faulty(
    "last-message-replayed",
    breaks=("JOIN-2", "ORDER-2"),
    note="sends a newcomer the last public message before the join notice",
    subtle=True,
)
class LastMessageReplayed(ChatServer):
    last = None

    def on_public(self, connection, message):
        self.last = self.public(connection, message)
        super().on_public(connection, message)

    def tell_join(self, connection, name):
        if self.last is not None:
            self.send(connection, self.last)
        super().tell_join(connection, name)


@faulty("join-in-other-words", breaks=("JOIN-3",), note="says NAME has joined")
def join_text(self, name):
    return f"{name} has joined"


@faulty(
    "taken-name-taken-over",
    breaks=("JOIN-4", "JOIN-5", "JOIN-6"),
    note="gives a name in use to whoever asks last",
)
class TakenNameTakenOver(ChatServer):
    def is_taken(self, name):
        return False


@faulty("taken-name-told-to-holder", breaks=("JOIN-4", "ERROR-11"), note="tells the holder that its name was asked for")
def on_taken_name(self, connection, name):
    self.send(self.find(name), self.system(f"Someone tried to join as {name}"))
    ChatServer.on_taken_name(self, connection, name)


@faulty(
    "refused-takes-name-away",
    breaks=("JOIN-4", "LEAVE-5", "PUBLIC-1", "JOIN-6", "CONFIRM-1", "PRIVATE-1", "ERROR-11"),
    note="when a connection refused for a taken name ends, the name's holder is forgotten",
    subtle=True,
)
class RefusedTakesNameAway(ChatServer):
    def on_taken_name(self, connection, name):
        connection.wanted = name
        super().on_taken_name(connection, name)

    def lost(self, connection):
        super().lost(connection)
        self.joined.pop(getattr(connection, "wanted", ""), None)


@faulty(
    "persistence-pays",
    breaks=("JOIN-4", "JOIN-6"),
    note="the second try for a name in use succeeds",
    subtle=True,
)
class PersistencePays(TakenNameTakenOver):
    def on_join(self, connection, message):
        if connection.name is None and self.find(message["username"]) and not hasattr(connection, "tried"):
            connection.tried = True
            self.on_taken_name(connection, message["username"])
        super().on_join(connection, message)


@faulty("refused-for-ever", breaks=("JOIN-5",), note="a connection refused once cannot join any more")
class RefusedForEver(ChatServer):
    def on_taken_name(self, connection, name):
        connection.refused = True
        super().on_taken_name(connection, name)

    def on_join(self, connection, message):
        if hasattr(connection, "refused"):
            raise Refused("already_joined", "You have tried before")
        super().on_join(connection, message)


@faulty(
    "name-checked-then-taken",
    breaks=("JOIN-6", "JOIN-4"),
    note="lets others in between checking a name and taking it, for 10 ms",
)
class NameCheckedThenTaken(ChatServer):
    window_seconds = 0.01

    def join(self, connection, name):
        serve_others(self, connection, self.window_seconds)
        super().join(connection, name)


@faulty("narrow-race", breaks=("JOIN-6", "JOIN-4"), note="the same for 1 ms", subtle=True)
class NarrowRace(NameCheckedThenTaken):
    window_seconds = 0.001


@faulty(
    "case-insensitive-names",
    breaks=("JOIN-7", "JOIN-1", "CONFIRM-2"),
    note="takes Alice and alice for one name",
)
def key(self, name):
    return name.casefold()


@faulty(
    "normalised-names",
    breaks=("JOIN-7", "JOIN-1", "CONFIRM-2"),
    note="compares names in Unicode normal form C",
    subtle=True,
)
def key(self, name):
    return unicodedata.normalize("NFC", name)


@faulty(
    "private-ignores-case",
    breaks=("JOIN-7", "CONFIRM-2", "PRIVATE-2"),
    note="finds the target of a private message in whatever case",
    subtle=True,
)
def on_absent_target(self, connection, message):
    for name, target in self.joined.items():
        if name.casefold() == message["target"].casefold():
            self.deliver_private(connection, target, message)
            return
    ChatServer.on_absent_target(self, connection, message)


@faulty("any-name", breaks=("JOIN-8", "ERROR-4", "FRAME-8"), note="takes every string for a name")
def is_name(self, name):
    return True


@faulty("names-stripped", breaks=("JOIN-8",), note="strips spaces around a name instead of refusing it")
def check_member(self, message, member):
    if member == "username" and isinstance(message.get(member), str):
        message[member] = message[member].strip(" ")
    ChatServer.check_member(self, message, member)


@faulty("long-names", breaks=("JOIN-8", "FRAME-8", "ERROR-4"), note="allows 33 code points", subtle=True)
class LongNames(ChatServer):
    name_limit = 33


@faulty("invisible-names", breaks=("JOIN-8", "ERROR-4"), note="allows invisible formatting in names", subtle=True)
class InvisibleNames(ChatServer):
    forbidden_in_names = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]|^ | $")


@faulty("c1-in-names", breaks=("JOIN-8", "ERROR-4"), note="allows U+0080 to U+009F in names", subtle=True)
def is_name(self, name):
    return ChatServer.is_name(self, re.sub("[\x80-\x9f]", "x", name))


@faulty("separators-in-names", breaks=("JOIN-8", "ERROR-4"), note="allows U+2028 and U+2029 in names", subtle=True)
def is_name(self, name):
    return ChatServer.is_name(self, re.sub("[\u2028\u2029]", "x", name))


@faulty("invalid-name-joins", breaks=("JOIN-8", "JOIN-11"), note="sends the error, and joins it under another name")
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.code == "username_invalid" and connection.name is None and not self.is_taken("?"):
        self.join(connection, "?")


@faulty("guests-speak", breaks=("JOIN-9", "PUBLIC-1"), note="delivers public messages before the join")
def on_message_before_join(self, connection, message):
    if message["type"] != "message":
        ChatServer.on_message_before_join(self, connection, message)
    connection.name = "guest"
    self.on_public(connection, message)
    connection.name = None


@faulty("guests-thrown-out", breaks=("JOIN-9",), note="closes a connection that sends a message before its join")
def on_message_before_join(self, connection, message):
    self.finish(connection)
    self.send_bytes(connection, b"")
    ChatServer.on_message_before_join(self, connection, message)


@faulty("guests-ignored", breaks=("JOIN-9",), note="gives no error for a message before the join")
def on_message_before_join(self, connection, message):
    pass


@faulty("guests-whisper", breaks=("JOIN-9", "PRIVATE-2"), note="delivers private messages before the join", subtle=True)
def on_message_before_join(self, connection, message):
    if message["type"] == "private_message" and self.find(message["target"]):
        connection.name = "guest"
        self.send(self.find(message["target"]), self.private(connection, message))
        connection.name = None
    ChatServer.on_message_before_join(self, connection, message)


@faulty("guests-remembered", breaks=("JOIN-9",), note="delivers after the join what was sent before it", subtle=True)
class GuestsRemembered(ChatServer):
    def on_message_before_join(self, connection, message):
        connection.early = message if message["type"] == "message" else None
        super().on_message_before_join(connection, message)

    def join(self, connection, name):
        super().join(connection, name)
        if getattr(connection, "early", None):
            self.on_public(connection, connection.early)


@faulty("second-join-renames", breaks=("JOIN-10",), note="a second join changes the name")
def on_second_join(self, connection, message):
    if self.is_taken(message["username"]):
        ChatServer.on_second_join(self, connection, message)
    self.unregister(connection, connection.name)
    self.join(connection, message["username"])


@faulty("second-join-ignored", breaks=("JOIN-10",), note="gives no error for a second join")
def on_second_join(self, connection, message):
    pass


@faulty("second-join-reserves", breaks=("JOIN-10",), note="keeps the name of a refused second join", subtle=True)
class SecondJoinReserves(ChatServer):
    def on_second_join(self, connection, message):
        self.reserved = getattr(self, "reserved", set()) | {message["username"]}
        super().on_second_join(connection, message)

    def is_taken(self, name):
        return super().is_taken(name) or name in getattr(self, "reserved", ())


@faulty("joins-again-as-itself", breaks=("JOIN-10",), note="lets a client join again under its own name", subtle=True)
def on_second_join(self, connection, message):
    if message["username"] != connection.name:
        ChatServer.on_second_join(self, connection, message)
    self.tell_join(connection, connection.name)


@faulty("everyone-connected-hears", breaks=("JOIN-11",), note="broadcasts to connections that have not joined")
def audience(self, message):
    return list(self.connections)


@faulty("notices-to-guests", breaks=("JOIN-11",), note="tells leaves to connections that have not joined", subtle=True)
def tell_leave(self, connection, name):
    notice = self.system(self.leave_text(name))
    for other in self.connections:
        if other is not connection:
            self.send(other, notice)


@faulty("refused-hears", breaks=("JOIN-11",), note="broadcasts to connections refused for a taken name", subtle=True)
class RefusedHears(ChatServer):
    def on_taken_name(self, connection, name):
        connection.listens = True
        super().on_taken_name(connection, name)

    def audience(self, message):
        return [other for other in self.connections if other.name is not None or hasattr(other, "listens")]


@faulty("full-at-32-code-points", breaks=("JOIN-1",), note="refuses names of exactly 32 code points", subtle=True)
class FullAt32CodePoints(ChatServer):
    name_limit = 31
