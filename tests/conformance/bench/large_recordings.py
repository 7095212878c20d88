"""How long the judge takes for large recordings, of right servers and of wrong ones: run it as a program.

It prints CPU seconds, events, received frames and findings of each; the ratio to the right server's time matters.
"""

import json
import sys
import time

from chatproof_conformance.judges.server import judge
from chatproof_schemas.transcript import Event, Kind

AT = "12:00:00"


def encode(**members):
    return json.dumps(members, ensure_ascii=False).encode() + b"\n"


class Recorded:
    """A chat whose server answers at once; a fault changes what goes to one recipient."""

    def __init__(self, fault=None):
        self.events = []
        self.members = {}
        self.sent = 0
        self.fault = fault or (lambda _number, _recipient, _source, frame: [frame])

    def note(self, label, kind, data=b"", *, later=0.0):
        self.events.append(Event(len(self.events) * 0.0001 + later, label, kind, data))

    def put(self, recipient, source, frame):
        self.sent += 1
        for one in self.fault(self.sent, recipient, source, frame):
            self.note(recipient, Kind.SERVER_DATA, one)

    def all(self, source, frame):
        for member in [*self.members]:
            self.put(member, source, frame)

    def join(self, label, name):
        self.note(label, Kind.OPEN)
        self.note(label, Kind.CLIENT_DATA, encode(type="join", username=name))
        self.members[label] = name
        self.all(label, encode(type="system", message=f"{name} joined the chat", timestamp=AT))

    def say(self, label, *texts):
        self.note(label, Kind.CLIENT_DATA, b"".join(encode(type="message", content=text) for text in texts))
        for text in texts:
            self.all(label, encode(type="message", username=self.members[label], content=text, timestamp=AT))

    def whisper(self, label, target, text):
        name = self.members[target]
        self.note(label, Kind.CLIENT_DATA, encode(type="private_message", target=name, content=text))
        told = {"target": name, "content": text, "delivered": True, "timestamp": AT}
        self.put(label, label, encode(type="private_confirmation", **told))
        sender = self.members[label]
        self.put(target, label, encode(type="private_message", sender=sender, content=text, timestamp=AT))

    def spoil(self, label, frame):
        self.note(label, Kind.CLIENT_DATA, frame + b"\n")
        self.put(label, label, encode(type="error", message=f"bad: {len(frame)}"))

    def leave(self, label):
        self.note(label, Kind.HALF_CLOSE)
        name = self.members.pop(label)
        self.all(label, encode(type="system", message=f"{name} left the chat", timestamp=AT))
        self.note(label, Kind.SERVER_CLOSE)

    def settle(self):
        self.note("", Kind.NOTE, b"settled", later=11.0)
        return self.events


def do_act(chat, label, act, choice):
    match choice:
        case 0:
            chat.spoil(label, b'{"type":"message","content":%d}' % act)
        case 1:
            chat.whisper(label, "o0", f"hi {act % 3}")
        case 2:
            chat.say(label, f"same {act % 3}", f"text of {label} {act}")
        case 3:
            chat.spoil(label, b"nonsense")


def waves(fault=None, *, count=50, actors=12, acts=6):
    """Return waves of scripts: join, marker, act, marker ...; three observers stay."""
    chat = Recorded(fault)
    for number in range(3):
        chat.join(f"o{number}", f"observer {number}")
    for wave in range(count):
        labels = [f"w{wave}a{number}" for number in range(actors)]
        for label in labels:
            chat.join(label, f"user {label}")
            chat.say(label, f"marker {label} start")
        for act in range(acts):
            for number, label in enumerate(labels):
                do_act(chat, label, act, (act + number) % 4)
                chat.say(label, f"marker {label} {act}")
        for label in labels:
            chat.leave(label)
    return chat.settle()


def visitors(fault=None, *, count=8000):
    """Return connections that come, say something, and go, one after another, under one name or several."""
    chat = Recorded(fault)
    chat.join("o", "observer")
    for number in range(count):
        label = f"v{number}"
        chat.join(label, f"guest {number}")
        chat.say(label, "hello")
        chat.leave(label)
    return chat.settle()


def same_name(fault=None, *, count=8000):
    """Return visitors who all come under one name."""
    chat = Recorded(fault)
    chat.join("o", "observer")
    for number in range(count):
        label = f"v{number}"
        chat.join(label, "guest")
        chat.say(label, f"hello {number}")
        chat.leave(label)
    return chat.settle()


def every(step, change):
    return lambda number, _recipient, _source, frame: change(frame) if number % step == 0 else [frame]


def at_others(change):
    return lambda _number, recipient, source, frame: [frame] if recipient == source else change(frame)


def altered(frame):
    return [frame.replace(b'"content": "', b'"content": "~')]


def anonymous(frame):
    return [frame.replace(b'"username": "user', b'"username": "USER')]


FAULTS = {
    "right": None,
    "lost 1 in 10": every(10, lambda _frame: []),
    "lost 1 in 100": every(100, lambda _frame: []),
    "twice 1 in 10": every(10, lambda frame: [frame, frame]),
    "twice": every(1, lambda frame: [frame, frame]),
    "altered": every(1, altered),
    "altered at others": at_others(altered),
    "under another name at others": at_others(anonymous),
    "nothing at others": at_others(lambda _frame: []),
    "no errors": every(1, lambda frame: [] if b'"error"' in frame else [frame]),
    "no notices": every(1, lambda frame: [] if b'"system"' in frame else [frame]),
    "no messages": every(1, lambda frame: [] if b'"message", "username' in frame else [frame]),
}


def main(words):
    for made in (waves, visitors, same_name):
        right = None
        for name, fault in FAULTS.items():
            if words and not any(word in (made.__name__, name) for word in words):
                continue
            events = made(fault)
            began = time.process_time()
            judgement = judge(events, settled=True)
            spent = time.process_time() - began
            right = right or spent
            received = sum(event.kind is Kind.SERVER_DATA for event in events)
            ids = sorted({found.requirement for found in judgement.findings})
            print(
                f"{made.__name__:10} {name:30} {spent:6.1f} s {spent / right:4.1f} x  {len(events)} events,"
                f" {received} received, {len(judgement.findings)} findings {' '.join(ids)}",
                flush=True,
            )


if __name__ == "__main__":
    main(sys.argv[1:])
