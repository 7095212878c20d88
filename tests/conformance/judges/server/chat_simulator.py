"""A conforming chat in memory, whose every interleaving is chosen at random, and what its clients record."""

import json
from collections import deque
from dataclasses import dataclass
from random import Random

from chatproof_schemas.transcript import Event, Kind

NAMES = ("ann", "bob", "Bob", "a", "ann left the chat")
TEXTS = ("hi", "hi", "yo", "\u2028 ok \u0000", "joined the chat")
BAD = (b"nonsense", b"[]", b'{"type":"dance"}', b'{"type":"message"}', b'{"type":"join","username":" x"}', b"\xff{}")


STRANGERS = ("zoe", "yan")
STRANGE_TEXTS = ("hi", "yo", "nobody recorded this")
_END_OF_STREAM = None


@dataclass(frozen=True)
class Manners:
    """What a conforming server may do or not.

    Attributes:
        lists: it tells who joins of each who is there, as if they joined now.
        names_all: it tells who joins of all who are there, in one message.
        welcomes: it welcomes who joins.
        rewords: its join and leave notices have words of its own.
        closes: it ends a connection whose join it refuses.
        crowded: others are on it too, whom nobody records.
    """

    lists: bool = False
    names_all: bool = False
    welcomes: bool = False
    rewords: bool = False
    closes: bool = False
    crowded: bool = False

    @property
    def warnings(self):
        """What they earn."""
        return ({"JOIN-3", "LEAVE-3"} if self.rewords else set()) | ({"JOIN-5"} if self.closes else set())


PLAIN = Manners()


def encode(**members):
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


class SimulatedClient:
    """One connection: what its client sent and the server has not handled; what the server sent and nobody has read."""

    def __init__(self, label, *, recorded=True):
        self.label = label
        self.recorded = recorded
        self.inbox = deque()
        self.outbox = deque()
        self.name = None
        self.ended = None
        self.left = False
        self.joined_at = None


class Chat:
    """The server and its clients. ``step`` does one random thing; a fault changes what the server puts out."""

    def __init__(self, random, *, fault=None, manners=PLAIN, unique=False):
        self.random = random
        self.unique = unique
        self.events = []
        self.peers = []
        self.fault = fault
        self.manners = manners
        self.faults_done = 0
        self.cause_at = 0

    def record(self, peer, kind, data=b""):
        if peer.recorded:
            self.events.append(Event(len(self.events) * 0.01, peer.label, kind, data))

    # What clients do

    def open(self, *, recorded=True):
        peer = SimulatedClient(f"c{len(self.peers)}", recorded=recorded)
        self.peers.append(peer)
        self.record(peer, Kind.OPEN)
        return peer

    def send(self, peer, *frames):
        data = b"".join(frame.rstrip(b"\n") + b"\n" for frame in frames)
        cut = self.random.randrange(len(data) + 1) if self.random.random() < 0.2 else 0
        for piece in (data[:cut], data[cut:]):
            if piece:
                self.record(peer, Kind.CLIENT_DATA, piece)
        sent_at = len(self.events) - 1
        peer.inbox.extend((frame, sent_at) for frame in frames)

    def end(self, peer, kind):
        self.record(peer, kind)
        peer.ended = kind
        if kind is Kind.RESET:
            peer.inbox = deque(list(peer.inbox)[: self.random.randrange(len(peer.inbox) + 1)])
            peer.outbox.clear()
        peer.inbox.append((None, len(self.events) - 1))

    def read(self, peer):
        if peer.ended in (Kind.RESET, Kind.CLOSE):
            peer.outbox.clear()
            return
        count = self.random.randint(1, len(peer.outbox))
        chunks = [peer.outbox.popleft() for _ in range(count)]
        over = chunks[-1] is _END_OF_STREAM
        data = b"".join(chunks[:-1] if over else chunks)
        if data:
            self.record(peer, Kind.SERVER_DATA, data)
            if b" joined the chat" in data and peer.joined_at is None and peer.name is not None:
                peer.joined_at = len(self.events) - 1
        if over:
            self.record(peer, Kind.SERVER_CLOSE)
            peer.ended = peer.ended or Kind.SERVER_CLOSE

    # What the server does

    def put(self, peer, frame, **facts):
        frames = [frame]
        if self.fault:
            frames = self.fault(self, peer, frame, facts)
        for one in frames:
            peer.outbox.append(one)

    def members(self):
        return [peer for peer in self.peers if peer.name is not None and not peer.left]

    def handle(self, peer):
        frame, self.cause_at = peer.inbox.popleft()
        if peer.left:
            return
        if frame is None:
            self.leave(peer)
            return
        try:
            message = json.loads(frame)
            kind = message["type"]
            assert kind in ("join", "message", "private_message")
            assert isinstance(message.get("content", message.get("username")), str)
            assert message.get("username", "x").strip(" ")[:1] == message.get("username", "x")[:1]
        except Exception:  # noqa: BLE001  whatever is wrong with the frame, it is refused
            self.error(peer, "bad frame")
            return
        if kind == "join":
            self.join(peer, message["username"])
        elif peer.name is None:
            self.error(peer, "not joined")
        elif kind == "message":
            self.say(peer, message["content"])
        else:
            self.whisper(peer, message["target"], message["content"])

    def error(self, peer, text):
        self.put(peer, encode(type="error", message=text), kind="error", source=peer)

    def join(self, peer, name):
        if peer.name is not None:
            self.error(peer, "already joined")
        elif any(member.name == name for member in self.members()):
            self.error(peer, "Username already taken")
            if self.manners.closes:
                peer.left = True
                peer.outbox.append(_END_OF_STREAM)
        else:
            peer.name = name
            self.notify(peer, "joined")
            self.greet(peer)

    def notify(self, peer, kind):
        text = f"{peer.name} {kind} the chat"
        if self.manners.rewords:
            text = f"* {peer.name} {'is here' if kind == 'joined' else 'is gone'}"
        for member in self.members():
            self.put(member, encode(type="system", message=text, timestamp="12:00:00"), kind=kind, source=peer)

    def greet(self, peer):
        names = [member.name for member in self.members()]
        texts = [f"{name} joined the chat" for name in names if name != peer.name] if self.manners.lists else []
        texts += ["Welcome!"] * self.manners.welcomes
        texts += [f"Here are: {', '.join(names)}"] * self.manners.names_all
        peer.outbox.extend(encode(type="system", message=text, timestamp="12:00:00") for text in texts)

    def say(self, peer, content):
        frame = encode(type="message", username=peer.name, content=content, timestamp="12:00:00")
        for member in self.members():
            self.put(member, frame, kind="message", source=peer)

    def whisper(self, peer, target, content):
        found = [member for member in self.members() if member.name == target]
        members = {"target": target, "content": content, "delivered": bool(found), "timestamp": "12:00:00"}
        if not found:
            members["reason"] = "User not found"
        jobs = [(peer, encode(type="private_confirmation", **members), "confirmation")]
        for member in found:
            delivery = encode(type="private_message", sender=peer.name, content=content, timestamp="12:00:00")
            jobs.append((member, delivery, "private"))
        self.random.shuffle(jobs)
        for recipient, frame, kind in jobs:
            self.put(recipient, frame, kind=kind, source=peer)

    def leave(self, peer):
        if peer.left:
            return
        peer.left = True
        if peer.name is not None:
            self.notify(peer, "left")

    # Chance

    def step(self):
        self.random.choice([self.act, self.act, *self.jobs()])()

    def jobs(self):
        """Return what the server or a reader can do now."""
        busy = [peer for peer in self.peers if peer.inbox]
        full = [peer for peer in self.peers if peer.outbox]
        jobs = [lambda: self.handle(self.random.choice(busy))] * (3 if busy else 0)
        return jobs + [lambda: self.read(self.random.choice(full))] * (3 if full else 0)

    def serve(self):
        """Let the server handle, and the clients read, some of what is there."""
        for _ in range(self.random.randint(0, 8)):
            if jobs := self.jobs():
                self.random.choice(jobs)()

    def saying(self, content):
        return encode(type="message", content=content)

    def act(self):
        if self.manners.crowded and self.random.random() < 0.15:
            self.act_strangely()
            return
        alive = [peer for peer in self.peers if peer.ended is None and peer.recorded]
        if not alive or (len(alive) < 4 and self.random.random() < 0.2):
            peer = self.open()
            if self.random.random() < 0.5:
                self.send(peer, self.a_join())
            return
        peer = self.random.choice(alive)
        if self.random.random() < 0.07:
            self.end(peer, self.random.choice([Kind.HALF_CLOSE, Kind.CLOSE, Kind.RESET]))
        else:
            self.send(peer, *[self.a_frame() for _ in range(self.random.choice([1, 1, 1, 3]))])

    def act_strangely(self):
        """Let somebody whom nobody records do something."""
        alive = [peer for peer in self.peers if peer.ended is None and not peer.recorded]
        if not alive or (len(alive) < len(STRANGERS) and self.random.random() < 0.3):
            self.send(self.open(recorded=False), encode(type="join", username=self.random.choice(STRANGERS)))
        elif self.random.random() < 0.1:
            self.end(self.random.choice(alive), Kind.CLOSE)
        else:
            public = encode(type="message", content=self.random.choice(STRANGE_TEXTS))
            private = encode(
                type="private_message", target=self.random.choice(NAMES), content="nobody recorded this either"
            )
            self.send(self.random.choice(alive), self.random.choice([public, private]))

    def a_join(self):
        return encode(type="join", username=self.random.choice(NAMES))

    def a_frame(self):
        chance = self.random.random()
        if chance < 0.15:
            return self.a_join()
        if chance < 0.3:
            return self.random.choice(BAD)
        if chance < 0.5:
            target = self.random.choice(NAMES)
            return encode(type="private_message", target=target, content=self.a_text())
        return encode(type="message", content=self.a_text())

    def a_text(self):
        text = self.random.choice(TEXTS)
        return f"{text} {self.random.random()}" if self.unique else text

    def settle(self):
        """Let everything that was caused arrive."""
        while busy := [peer for peer in self.peers if peer.inbox]:
            self.handle(self.random.choice(busy))
        for peer in self.peers:
            while peer.outbox:
                self.read(peer)
        self.events.append(Event(len(self.events) * 0.01 + 11, "", Kind.NOTE, b"by now every leave has been told"))


def run(seed, steps=40, *, settle=True, **options):
    """Return the chat after a number of random steps."""
    chat = Chat(Random(seed), **options)
    for _ in range(steps):
        chat.step()
    if settle:
        chat.settle()
    return chat


def run_race(seed, *, settle=True, **options):
    """Return the chat after some clients have raced for a few names, said who they are, and gone, others looking on."""
    random = Random(seed)
    chat = Chat(random, **options)
    for number in range(random.randint(1, 3)):
        chat.send(chat.open(), encode(type="join", username=f"witness {number}"))
    names = NAMES[: random.randint(1, 3)]
    racers = [chat.open() for _ in range(random.randint(2, 6))]
    for peer in racers:
        chat.send(peer, encode(type="join", username=random.choice(names)), chat.saying(f"I am {peer.label}"))
        chat.serve()
    for peer in racers:
        if random.random() < 0.7:
            chat.send(peer, chat.saying(f"{peer.label} goes"))
            chat.end(peer, random.choice([Kind.RESET, Kind.RESET, Kind.HALF_CLOSE]))
            chat.serve()
    if settle:
        chat.settle()
    return chat
