"""Faults in who may join, under what name, and who gets the notice (JOIN)."""

import html
import re
import unicodedata

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import faulty, subtle
from helpers import serve_others, with_time_to_join


@faulty(
    "newcomer-not-told", "tells a join to the others only", breaks=("JOIN-1", "JOIN-2"), cause="newcomer-not-in-set"
)
def send_join_notice(self, connection, name):
    notice = self.system(self.join_text(name))
    for other in self.joined.values():
        if other is not connection:
            self.send(other, notice)


@faulty("others-not-told", "tells a join to the newcomer only", breaks=("JOIN-1",), cause="newcomer-not-in-set")
class OthersNotTold(ChatServer):
    def send_join_notice(self, connection, name):
        self.send(connection, self.system(self.join_text(name)))


@faulty("nameless-notice", "its join notice names nobody", breaks=("JOIN-1", "JOIN-3"), cause="notice-in-other-words")
def join_text(self, name):
    return "A user joined the chat"


@subtle("rejoin-not-told", "others are not told of a name that was here before", breaks=("JOIN-1",))
class RejoinNotTold(OthersNotTold):
    def send_join_notice(self, connection, name):
        self.seen = getattr(self, "seen", set())
        sender = super() if name in self.seen else super(OthersNotTold, self)
        self.seen.add(name)
        sender.send_join_notice(connection, name)


@subtle(
    "notice-escapes-html",
    "escapes the name in the notice as HTML",
    breaks=("JOIN-1", "JOIN-3"),
    cause="notice-in-other-words",
)
def join_text(self, name):
    return ChatServer.join_text(self, html.escape(name))


@subtle(
    "notice-in-title-case",
    "capitalises the name in the notice",
    breaks=("JOIN-1", "JOIN-3"),
    cause="notice-in-other-words",
)
def join_text(self, name):
    return ChatServer.join_text(self, name.title())


@faulty(
    "ascii-names",
    "refuses names with other than ASCII characters",
    breaks=("JOIN-1", "CONFIRM-2"),
    cause="valid-input-refused",
)
def is_name(self, name):
    return ChatServer.is_name(self, name) and name.isascii()


@subtle(
    "no-space-in-names", "refuses a space inside a name", breaks=("JOIN-1", "CONFIRM-2"), cause="valid-input-refused"
)
def is_name(self, name):
    return ChatServer.is_name(self, name) and " " not in name


@subtle(
    "names-counted-in-bytes",
    "allows 32 bytes, not 32 code points",
    breaks=("JOIN-1", "CONFIRM-2"),
    cause="utf-16-lengths",
)
def has_name_length(self, name):
    return 1 <= len(name.encode("utf-8", "replace")) <= self.name_limit


@subtle(
    "names-counted-in-utf-16",
    "counts an astral character of a name twice",
    breaks=("JOIN-1", "CONFIRM-2"),
    cause="utf-16-lengths",
)
def has_name_length(self, name):
    return 2 <= len(name.encode("utf-16-le", "replace")) <= 2 * self.name_limit


@faulty("welcome-first", "greets before the join notice", breaks=("JOIN-2",), cause="greeting-before-notice")
def send_join_notice(self, connection, name):
    self.send(connection, self.system("Welcome to the chat"))
    ChatServer.send_join_notice(self, connection, name)


@subtle(
    "last-message-replayed",
    "sends a newcomer the last public message before the join notice",
    breaks=("JOIN-2", "ORDER-2"),
    cause="greeting-before-notice",
)
class LastMessageReplayed(ChatServer):
    last = None

    def on_public(self, connection, message):
        self.last = self.public(connection, message)
        super().on_public(connection, message)

    def send_join_notice(self, connection, name):
        if self.last is not None:
            self.send(connection, self.last)
        super().send_join_notice(connection, name)


@faulty("join-in-other-words", "says NAME has joined", breaks=("JOIN-3",), cause="notice-in-other-words")
def join_text(self, name):
    return f"{name} has joined"


@faulty(
    "taken-name-taken-over",
    "gives a name in use to whoever asks last",
    breaks=("JOIN-4", "JOIN-5", "JOIN-6"),
    cause="taken-name-accepted",
)
class TakenNameTakenOver(ChatServer):
    def is_taken(self, name):
        return False


@faulty(
    "taken-name-told-to-holder",
    "tells the holder that its name was asked for",
    breaks=("JOIN-4", "ERROR-11"),
    cause="wrong-recipients",
)
def on_taken_name(self, connection, name):
    self.send(self.find(name), self.system(f"Someone tried to join as {name}"))
    ChatServer.on_taken_name(self, connection, name)


@subtle(
    "refused-takes-name-away",
    "when a connection refused for a taken name ends, the name's holder is forgotten",
    breaks=("JOIN-4", "LEAVE-5", "PUBLIC-1", "JOIN-6", "CONFIRM-1", "PRIVATE-1", "ERROR-11"),
    cause="clean-up-by-name",
)
class RefusedTakesNameAway(ChatServer):
    def on_taken_name(self, connection, name):
        connection.refused_name = name
        super().on_taken_name(connection, name)

    def lost(self, connection):
        super().lost(connection)
        self.joined.pop(getattr(connection, "refused_name", ""), None)


@subtle("persistence-pays", "the second try for a name in use succeeds", breaks=("JOIN-4", "JOIN-6"))
class PersistencePays(TakenNameTakenOver):
    def on_join(self, connection, message):
        if connection.name is None and self.find(message["username"]) and not hasattr(connection, "tried"):
            connection.tried = True
            self.on_taken_name(connection, message["username"])
        super().on_join(connection, message)


@faulty(
    "refused-for-ever",
    "a connection refused once cannot join any more",
    breaks=("JOIN-5", "JOIN-1"),
    cause="refused-frame-leaves-a-trace",
)
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
    "lets others in between checking a name and taking it, for 10 ms",
    breaks=("JOIN-6", "JOIN-4"),
    cause="name-entered-after-waiting",
)
class NameCheckedThenTaken(ChatServer):
    window_seconds = 0.01

    def join(self, connection, name):
        serve_others(self, connection, self.window_seconds)
        super().join(connection, name)


@subtle("narrow-race", "the same for 1 ms", breaks=("JOIN-6", "JOIN-4"), cause="name-entered-after-waiting")
class NarrowRace(NameCheckedThenTaken):
    window_seconds = 0.001


@faulty(
    "case-insensitive-names",
    "takes Alice and alice for one name",
    breaks=("JOIN-7", "JOIN-1", "CONFIRM-2"),
    cause="names-changed-for-comparison",
)
def key(self, name):
    return name.casefold()


@subtle(
    "normalised-names",
    "compares names in Unicode normal form C",
    breaks=("JOIN-7", "JOIN-1", "CONFIRM-2"),
    cause="names-changed-for-comparison",
)
def key(self, name):
    return unicodedata.normalize("NFC", name)


@subtle(
    "private-ignores-case",
    "finds the target of a private message in whatever case",
    breaks=("JOIN-7", "CONFIRM-2", "PRIVATE-2"),
    cause="names-changed-for-comparison",
)
def on_absent_target(self, connection, message):
    for name, target in self.joined.items():
        if name.casefold() == message["target"].casefold():
            self.deliver_private(connection, target, message)
            return
    ChatServer.on_absent_target(self, connection, message)


@faulty(
    "any-name", "takes every string for a name", breaks=("JOIN-8", "ERROR-4", "FRAME-8"), cause="name-rules-incomplete"
)
def is_name(self, name):
    return True


@faulty(
    "names-stripped",
    "strips spaces around a name instead of refusing it",
    breaks=("JOIN-8",),
    cause="name-rules-incomplete",
)
def check_member(self, message, member):
    if member == "username" and isinstance(message.get(member), str):
        message[member] = message[member].strip(" ")
    ChatServer.check_member(self, message, member)


@subtle("long-names", "allows 33 code points", breaks=("JOIN-8", "FRAME-8", "ERROR-4"), cause="name-rules-incomplete")
class LongNames(ChatServer):
    name_limit = 33


@subtle(
    "invisible-names",
    "allows invisible formatting in names",
    breaks=("JOIN-8", "ERROR-4"),
    cause="name-rules-incomplete",
)
class InvisibleNames(ChatServer):
    forbidden_in_names = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]|^ | $")


@subtle("c1-in-names", "allows U+0080 to U+009F in names", breaks=("JOIN-8", "ERROR-4"), cause="name-rules-incomplete")
def is_name(self, name):
    return ChatServer.is_name(self, re.sub("[\x80-\x9f]", "x", name))


@subtle(
    "separators-in-names",
    "allows U+2028 and U+2029 in names",
    breaks=("JOIN-8", "ERROR-4"),
    cause="name-rules-incomplete",
)
def is_name(self, name):
    return ChatServer.is_name(self, re.sub("[\u2028\u2029]", "x", name))


@faulty("invalid-name-joins", "sends the error, and joins it under another name", breaks=("JOIN-8", "JOIN-11"))
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.code == "username_invalid" and connection.name is None and not self.is_taken("?"):
        self.join(connection, "?")


@faulty(
    "guests-speak", "delivers public messages before the join", breaks=("JOIN-9", "PUBLIC-1"), cause="state-not-checked"
)
def on_message_before_join(self, connection, message):
    if message["type"] != "message":
        ChatServer.on_message_before_join(self, connection, message)
    connection.name = "guest"
    self.on_public(connection, message)
    connection.name = None


@faulty(
    "guests-thrown-out",
    "closes a connection that sends a message before its join",
    breaks=("JOIN-9",),
    cause="exception-ends-connection",
)
def on_message_before_join(self, connection, message):
    self.finish(connection)
    self.send_bytes(connection, b"")
    ChatServer.on_message_before_join(self, connection, message)


@faulty(
    "guests-ignored", "gives no error for a message before the join", breaks=("JOIN-9",), cause="refused-without-error"
)
def on_message_before_join(self, connection, message):
    pass


@subtle(
    "guests-whisper",
    "delivers private messages before the join",
    breaks=("JOIN-9", "PRIVATE-2"),
    cause="state-not-checked",
)
def on_message_before_join(self, connection, message):
    if message["type"] == "private_message" and self.find(message["target"]):
        connection.name = "guest"
        self.send(self.find(message["target"]), self.private(connection, message))
        connection.name = None
    ChatServer.on_message_before_join(self, connection, message)


@subtle(
    "guests-remembered",
    "delivers after the join what was sent before it",
    breaks=("JOIN-9",),
    cause="refused-frame-leaves-a-trace",
)
class GuestsRemembered(ChatServer):
    def on_message_before_join(self, connection, message):
        connection.early = message if message["type"] == "message" else None
        super().on_message_before_join(connection, message)

    def join(self, connection, name):
        super().join(connection, name)
        if getattr(connection, "early", None):
            self.on_public(connection, connection.early)


@faulty("second-join-renames", "a second join changes the name", breaks=("JOIN-10",), cause="state-not-checked")
def on_second_join(self, connection, message):
    if self.is_taken(message["username"]):
        ChatServer.on_second_join(self, connection, message)
    self.unregister(connection, connection.name)
    self.join(connection, message["username"])


@faulty("second-join-ignored", "gives no error for a second join", breaks=("JOIN-10",), cause="refused-without-error")
def on_second_join(self, connection, message):
    pass


@subtle(
    "second-join-reserves",
    "keeps the name of a refused second join",
    breaks=("JOIN-10",),
    cause="refused-frame-leaves-a-trace",
)
class SecondJoinReserves(ChatServer):
    def on_second_join(self, connection, message):
        self.reserved = getattr(self, "reserved", set()) | {message["username"]}
        super().on_second_join(connection, message)

    def is_taken(self, name):
        return super().is_taken(name) or name in getattr(self, "reserved", ())


@subtle(
    "joins-again-as-itself",
    "lets a client join again under its own name",
    breaks=("JOIN-10",),
    cause="state-not-checked",
)
def on_second_join(self, connection, message):
    if message["username"] != connection.name:
        ChatServer.on_second_join(self, connection, message)
    self.send_join_notice(connection, connection.name)


@faulty(
    "everyone-connected-hears",
    "broadcasts to connections that have not joined",
    breaks=("JOIN-11",),
    cause="unjoined-in-broadcast",
)
def audience(self, message):
    return list(self.connections)


@subtle(
    "notices-to-guests",
    "tells leaves to connections that have not joined",
    breaks=("JOIN-11",),
    cause="unjoined-in-broadcast",
)
def send_leave_notice(self, connection, name):
    notice = self.system(self.leave_text(name))
    for other in self.connections:
        if other is not connection:
            self.send(other, notice)


@subtle(
    "refused-hears",
    "broadcasts to connections refused for a taken name",
    breaks=("JOIN-11",),
    cause="unjoined-in-broadcast",
)
class RefusedHears(ChatServer):
    def on_taken_name(self, connection, name):
        connection.listens = True
        super().on_taken_name(connection, name)

    def audience(self, message):
        return [other for other in self.connections if other.name is not None or hasattr(other, "listens")]


@subtle(
    "full-at-32-code-points",
    "refuses names of exactly 32 code points",
    breaks=("JOIN-1", "CONFIRM-2"),
    cause="valid-input-refused",
)
class FullAt32CodePoints(ChatServer):
    name_limit = 31


faulty(
    "join-within-2-s",
    "ends connections that have not joined within 2 s",
    breaks=("JOIN-12",),
    cause="connection-ended-without-reason",
)(with_time_to_join(2))


@subtle(
    "half-a-join-ended",
    "ends a connection whose join stays half done for a second",
    breaks=("JOIN-12",),
    cause="connection-ended-without-reason",
)
class HalfAJoinEnded(ChatServer):
    def keep_rest(self, connection, rest):
        super().keep_rest(connection, rest)
        if rest and connection.name is None:
            self.loop.call_later(1, lambda: self.end_half_done(connection))

    def end_half_done(self, connection):
        if connection.inbox and connection.name is None:
            self.finish(connection)


@faulty("joins-told-twice", "tells everyone of a join twice", breaks=("JOIN-13",), cause="notice-in-other-words")
def send_join_notice(self, connection, name):
    ChatServer.send_join_notice(self, connection, name)
    ChatServer.send_join_notice(self, connection, name)


@subtle(
    "absent-target-said-to-leave",
    "tells the sender of a private message to somebody absent that the target left",
    breaks=("JOIN-13", "LEAVE-1", "LEAVE-2"),
    cause="notice-in-other-words",
)
def on_absent_target(self, connection, message):
    self.send(connection, self.system(self.leave_text(message["target"])))
    ChatServer.on_absent_target(self, connection, message)
