"""Conforming servers that use the freedom that the protocol leaves, one in each way."""

import json
import random
import time
from collections import deque

from baseline.chat import ChatServer
from baseline.refused import Refused
from catalogue import unusual
from helpers import with_room_for, with_time_to_join


@unusual("other-words", "has words of its own for everything", warnings=("JOIN-3", "JOIN-5", "LEAVE-3"))
class OtherWords(ChatServer):
    def join_text(self, name):
        return f"Say hello to {name}!"

    def leave_text(self, name):
        return f"{name} is gone."

    def error(self, refused):
        return {**super().error(refused), "message": f"No: {refused.code}"}


@unusual("members-reversed", "sends members in reverse order")
def encode(self, message):
    return ChatServer.encode(self, dict(reversed(message.items())))


@unusual("ascii-escapes", "sends all but ASCII as escapes")
def make_encoder(self):
    return json.JSONEncoder(ensure_ascii=True)


@unusual("extra-members", "sends members that version 1 does not know")
class ExtraMembers(ChatServer):
    sent = 0

    def encode(self, message):
        self.sent += 1
        return super().encode({"id": self.sent, **message, "more": {"type": "join", "tags": [None, 1.5]}})


@unusual("confirms-first", "confirms a private message, then delivers it")
def deliver_private(self, connection, target, message):
    self.confirm(connection, message, delivered=True)
    self.send(target, self.private(connection, message))


@unusual("refused-join-closes", "closes a connection whose join is refused for a taken name", warnings=("JOIN-5",))
def answer_error(self, connection, refused):
    ChatServer.answer_error(self, connection, refused)
    if refused.code == "username_taken":
        self.finish(connection)


@unusual("cr-lf", "ends frames with CR LF")
def encode(self, message):
    return ChatServer.encode(self, message)[:-1] + b"\r\n"


@unusual("white-space-around", "puts white space around and inside its objects")
class WhiteSpaceAround(ChatServer):
    def make_encoder(self):
        return json.JSONEncoder(ensure_ascii=False, separators=(" ,\t", " : "))

    def encode(self, message):
        return b" \t" + super().encode(message)[:-1] + b" \n"


@unusual("one-byte-a-send", "hands the system one byte at a time while little waits")
def transmit(self, connection):
    # More at once for a client that is behind: so many calls for it would delay the others.
    return connection.sock.send(connection.outbox[:1] if len(connection.outbox) < 4096 else connection.outbox)


@unusual("reads-seven-bytes", "reads seven bytes at a time")
class ReadsSevenBytes(ChatServer):
    read_bytes = 7


@unusual("coalesced", "sends every 20 ms, all at once")
class Coalesced(ChatServer):
    waiting = False

    def settle(self):
        while self.overflowed:
            self.was_reset(self.overflowed.pop())
        if self.unsent and not self.waiting:
            self.waiting = True
            self.loop.call_later(0.02, self.send_all)

    def send_all(self):
        self.waiting = False
        super().settle()


class Late(ChatServer):
    """Holds back what it sends to a connection, for the seconds of ``hold_back``; the order stays."""

    def later(self, connection, action):
        if not hasattr(connection, "held"):
            connection.held, connection.due = deque(), 0.0
        now = time.monotonic()
        connection.due = max(connection.due, now + self.hold_back())
        connection.held.append(action)
        self.loop.call_later(connection.due - now, lambda: self.act_on_next(connection))

    def act_on_next(self, connection):
        connection.held.popleft()()

    def send_bytes(self, connection, data):
        send = super().send_bytes
        self.later(connection, lambda: send(connection, data))

    def finish(self, connection):
        finish = super().finish
        self.later(connection, lambda: finish(connection))


@unusual("late-by-100-ms", "answers 100 ms late")
class LateBy100Ms(Late):
    def hold_back(self):
        return 0.1


@unusual("jitter", "delays each connection by another 0 to 30 ms each time")
class Jitter(Late):
    def hold_back(self):
        return random.random() * 0.03


@unusual("welcome", "greets and lists those present after the join notice")
class Welcome(ChatServer):
    def send_join_notice(self, connection, name):
        super().send_join_notice(connection, name)
        self.send(connection, self.system(f"Welcome, {name}"))
        present = ", ".join(list(self.joined)[:20])
        self.send(connection, self.system(f"Present ({len(self.joined)}): {present}"))


@unusual("blank-lines", "sends blank lines between frames, and to those joined four times a second")
class BlankLines(ChatServer):
    def encode(self, message):
        return b"\r\n" + super().encode(message) + b"\n"

    def started(self):
        super().started()
        self.keep_alive()

    def keep_alive(self):
        for connection in self.joined.values():
            self.send_bytes(connection, b"\n")
        self.loop.call_later(0.25, self.keep_alive)


unusual("join-within-10-s", "ends connections that have not joined within 10 s")(with_time_to_join(10))


@unusual("no-codes", "sends errors with no code")
def error(self, refused):
    return {"type": "error", "message": refused.text}


@unusual("byte-order-mark-ignored", "ignores a byte order mark")
def decode_text(self, frame):
    return ChatServer.decode_text(self, frame).removeprefix("\ufeff")


@unusual("takes-objects-without-lf", "takes a complete object at the end of a read for a frame")
class TakesObjectsWithoutLf(ChatServer):
    def keep_rest(self, connection, rest):
        if rest and len(rest) <= self.frame_bytes and not connection.skipping and self.is_object(rest):
            self.handle_frame(connection, rest)
        else:
            super().keep_rest(connection, rest)

    def is_object(self, rest):
        try:
            return isinstance(self.decode(rest), dict)
        except Refused:
            return False


@unusual("rest-handled-at-end", "handles a complete object that stands after the last LF when the stream ends")
class RestHandledAtEnd(TakesObjectsWithoutLf):
    def keep_rest(self, connection, rest):
        ChatServer.keep_rest(self, connection, rest)

    def reached_end(self, connection):
        TakesObjectsWithoutLf.keep_rest(self, connection, connection.inbox)
        super().reached_end(connection)


@unusual("unended-closes", "closes a connection after 65,536 bytes with no LF")
def keep_rest(self, connection, rest):
    ChatServer.keep_rest(self, connection, rest)
    connection.unended = getattr(connection, "unended", 0) + len(rest) if connection.skipping else 0
    if connection.unended > 65_536:
        self.drop(connection)


@unusual("other-time-zone", "lives at UTC-5:30")
def timestamp(self):
    return time.strftime("%H:%M:%S", time.gmtime(time.time() - 5.5 * 3600))


unusual("full-at-sixty", "has room for 60, and closes the connection of the next")(with_room_for(60))
