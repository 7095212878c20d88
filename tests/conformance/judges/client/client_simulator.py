"""A conforming client in memory, whose manners and pace are chosen at random, and what the harness records of it."""

import json
from dataclasses import dataclass

from chatproof_schemas.transcript import Event, Kind

NAME = "ann"
TEXTS = ("hi", "hi", "yo", "é", "a\x1bb", "a\u2028b", "two\nlines")
NOT_JSON = (b"nonsense", b"{", b"\xff{}", b"hi")
INVALID = (
    b"[]",
    b'{"type":"dance"}',
    b'{"type":"message"}',
    b'{"type":"system","message":"hi","timestamp":"25:00:00"}',
)
TIME = {"timestamp": "10:00:00"}
TOO_LONG = "x" * 1024


@dataclass(frozen=True)
class Manners:
    """What a conforming client may do or not.

    Attributes:
        echoes: it shows its user's message when it sends it, and not when that comes back.
        shares: of several bad frames in a row it tells once.
        delays: it tells of bad frames after the next message that it shows, or at the end.
        reads_on: it shows what the specification lets it show or not.
        spells: it spells out control characters; else it leaves them out.
        fails: it shows an error of the server as the failure of what its user did.
        tells_empty: it tells that an empty message was not sent.
    """

    echoes: bool = False
    shares: bool = False
    delays: bool = False
    reads_on: bool = False
    spells: bool = False
    fails: bool = False
    tells_empty: bool = False


def line(**members):
    return json.dumps(members).encode()


class Meeting:
    """One connection of the client with the harness; it has joined before. ``step`` does one random thing."""

    def __init__(self, random, manners, *, distinct=False):
        self.random = random
        self.manners = manners
        self.distinct = distinct
        self.events = []
        self.to_harness = []
        self.to_client = []
        self.echoed = []
        self.untold = 0
        self.in_row = False

    def record(self, kind, data=b"", connection="c1"):
        self.events.append(Event(len(self.events) * 0.01, connection, kind, data))

    # What the client does

    def emit(self, **event):
        self.record(Kind.DRIVER_EVENT, line(**event), "")

    def harmless(self, text):
        return "".join(
            char if char.isprintable() else char.encode("unicode_escape").decode() * self.manners.spells
            for char in text
        )

    def show(self, kind, **members):
        self.settle_problems()
        self.emit(event="shown", kind=kind, **{name: self.harmless(text) for name, text in members.items()})

    def problem(self):
        if self.manners.shares and self.in_row:
            return
        self.in_row = True
        self.untold += 1
        if not self.manners.delays:
            self.settle_problems()

    def settle_problems(self):
        for _ in range(self.untold):
            self.emit(event="problem", reason="That is no message.")
        self.untold = 0

    def take(self, frame):
        """Handle one frame of the server."""
        what, message = frame
        if what == "blank":
            return
        if what == "bad" or (what == "either" and not self.manners.reads_on):
            self.problem()
            return
        kind = message["type"]
        delayed, self.untold = self.untold, 0
        self.understand(kind, message)
        self.untold = delayed
        self.in_row = False
        self.settle_problems()

    def understand(self, kind, message):
        content = message.get("content", "")
        if kind == "message":
            if message["username"] == NAME and content in self.echoed:
                self.echoed.remove(content)
                return
            self.show(kind, username=message["username"], content=content)
        elif kind == "private_message":
            self.show(kind, sender=message["sender"], content=content)
        elif kind == "private_confirmation" and message["delivered"]:
            self.show(kind, target=message["target"], content=content)
        elif kind == "private_confirmation":
            whom = self.harmless(message["target"])
            self.emit(
                event="failed", do="say_privately", target=whom, content=self.harmless(content), reason="not there"
            )
        elif kind == "error" and self.manners.fails:
            self.emit(event="failed", reason=f"The server says: {self.harmless(message['message'])}")
        else:
            self.show(kind, message=message["message"])

    def obey(self, request):
        """Do what the user asks."""
        content, private = request["content"], request["do"] == "say_privately"
        if not content and not self.manners.tells_empty:
            return
        if not content or content == TOO_LONG:
            self.emit(event="failed", **request, reason="Not between 1 and 1024 bytes.")
            return
        if private:
            self.send({"type": "private_message", "target": request["target"], "content": content})
            return
        self.send({"type": "message", "content": content})
        if self.manners.echoes:
            self.echoed.append(content)
            self.emit(event="shown", kind="message", username=NAME, content=self.harmless(content))

    def send(self, message):
        self.record(Kind.CLIENT_DATA, json.dumps(message).encode() + b"\n")
        self.to_harness.append(message)

    # What the harness does

    def ask(self):
        content = self.random.choice([self.a_text(), self.a_text(), self.a_text(), "", TOO_LONG])
        request = {"do": "say", "content": content}
        if self.random.random() < 0.3:
            request = {"do": "say_privately", "target": self.random.choice(["bob", "eve"]), "content": content}
        self.record(Kind.REQUEST, line(**request), "")
        self.obey(request)

    def answer(self):
        message = self.to_harness.pop(0)
        if message["type"] == "message":
            self.send_frames(("valid", {"type": "message", "username": NAME, "content": message["content"], **TIME}))
        else:
            there = message["target"] == "bob"
            reason = {} if there else {"reason": "User not found"}
            members = {"target": message["target"], "content": message["content"], "delivered": there}
            self.send_frames(("valid", {"type": "private_confirmation", **members, **TIME, **reason}))

    def send_frames(self, *frames):
        data = b"".join(self.encoded(*frame) + b"\n" for frame in frames)
        cut = self.random.randrange(len(data)) if self.random.random() < 0.3 else 0
        for piece in (data[:cut], data[cut:]):
            if piece:
                self.record(Kind.SERVER_DATA, piece)
        self.to_client += frames

    def encoded(self, what, message):
        if what == "either":
            return b"\xef\xbb\xbf" + json.dumps(message).encode()
        return message if isinstance(message, bytes) else json.dumps(message).encode()

    def a_frame(self):
        chance = self.random.random()
        if chance < 0.2:
            return "bad", self.random.choice([*NOT_JSON, *INVALID])
        if chance < 0.25:
            return "blank", self.random.choice([b"", b" ", b"\r"])
        return "either" if chance < 0.35 and not self.distinct else "valid", self.a_message()

    def a_text(self):
        return f"text {len(self.events)} {self.random.random()}" if self.distinct else self.random.choice(TEXTS)

    def a_message(self):
        text, more = self.a_text(), {"more": 1} if self.random.random() < 0.2 else {}
        return self.random.choice(
            [
                {"type": "message", "username": self.random.choice(["bob", "eve"]), "content": text, **TIME, **more},
                {"type": "message", "username": "bob", "content": text, **TIME, **more},
                {"type": "private_message", "sender": "bob", "content": text, **TIME, **more},
                {"type": "system", "message": text, **TIME, **more},
                {"type": "server", "message": text, **TIME, **more},
                {"type": "error", "message": text, **more},
            ]
        )

    def step(self):
        choices = [self.ask, lambda: self.send_frames(*[self.a_frame() for _ in range(self.random.choice([1, 1, 3]))])]
        choices += [self.answer] * 2 * bool(self.to_harness)
        choices += [lambda: self.take(self.to_client.pop(0))] * 4 * bool(self.to_client)
        self.random.choice(choices)()

    def settle(self):
        while self.to_harness:
            self.answer()
        for frame in self.to_client:
            self.take(frame)
        self.to_client = []
        self.settle_problems()

    def vanish(self, kind):
        """End the connection, perhaps in the middle of a frame; a reset may overtake what was sent before it."""
        last = self.encoded(*self.a_frame())
        if part := last[: self.random.randrange(len(last) + 1)]:
            self.record(Kind.SERVER_DATA, part)
        self.record(kind)
        if kind is Kind.SERVER_RESET:
            del self.to_client[self.random.randint(0, len(self.to_client)) :]
        self.to_harness = []
        self.settle()
        self.emit(event="disconnected", reason="The server has gone.")


def meet(random, manners, steps, end=None):
    """Return what is recorded of a number of random steps, after which everything arrives, or the server vanishes."""
    meeting = Meeting(random, manners)
    for _ in range(steps):
        meeting.step()
    if end is None:
        meeting.settle()
    else:
        meeting.vanish(end)
    return meeting.events
