"""Clients that talk all the time and keep what they get, and the judge of what those got who stayed."""

import contextlib
import json
import random
import socket
import threading
import time
from collections import Counter


def as_text(frame):
    """Return a frame as its recipients must all have got it: the time is a node's own."""
    if frame["type"] == "private_confirmation":
        return f"{'delivered' if frame['delivered'] else 'not delivered'}: {frame['content']}"
    if frame["type"] == "error":
        return f"error: {frame['code']}"
    if frame["type"] == "private_message":
        return f"private: {frame['content']}"
    return f"{frame.get('username', '')}|{frame.get('content', frame.get('message'))}"


class Talker:
    """One connection.

    Attributes:
        node: to which it is connected.
        sent: how many messages it has sent, those of its name before it included; they are numbered.
        got: everything that it has got, as texts; read only when asked for, so that talking takes little.
        joined_at: when it got the first of it, on the clock of time.monotonic; 0 before.
        is_ended: whether its node has ended it, or it itself.
    """

    def __init__(self, name, node, sent=0):
        self.name, self.node = name, node
        self.first = self.sent = sent
        self._lines, self._texts, self._lock = [], [], threading.Lock()
        self.joined_at = 0.0
        self.is_ended = False
        self._over = threading.Event()
        self._socket = socket.create_connection(node.address, timeout=30)
        self._send({"type": "join", "username": name})
        self._reading, self._talking = (threading.Thread(target=work, daemon=True) for work in (self._read, self._talk))
        self._reading.start()

    @property
    def got(self):
        with self._lock:
            self._texts += [as_text(json.loads(line)) for line in self._lines[len(self._texts) :]]
            return self._texts

    @property
    def has_joined(self):
        return f"|{self.name} joined the chat" in self.got

    def own(self, texts):
        """Return the numbers of this one's messages among texts."""
        head = f"{self.name}|{self.name} "
        numbers = [int(text.removeprefix(head)) for text in texts if text.startswith(head)]
        return [number for number in numbers if self.first <= number < self.sent]

    def say(self):
        self.sent += 1
        self._send({"type": "message", "content": f"{self.name} {self.sent - 1}"})

    def say_privately(self, target, content):
        self._send({"type": "private_message", "target": target, "content": content})

    def begin(self):
        """Talk from now on, until :meth:`hush`."""
        self._talking.start()

    def hush(self):
        self._over.set()

    def wait_until_silent(self):
        self._talking.join(20)

    def end(self):
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._reading.join(10)
        self._socket.close()

    def _send(self, message):
        self._socket.sendall(json.dumps(message).encode() + b"\n")

    def _talk(self):
        """Talk, but not so much that a node falls silent for want of a processor: the others would bury it."""
        with contextlib.suppress(OSError):
            while not self._over.is_set():
                for _ in range(random.randint(1, 8)):
                    self.say()
                time.sleep(random.uniform(0.05, 0.3))

    def _read(self):
        with contextlib.suppress(OSError), self._socket.makefile("rb") as file:
            for line in file:
                if line.endswith(b"\n"):
                    self._lines.append(line)
                    self.joined_at = self.joined_at or time.monotonic()
        self.is_ended = True


def gather(nodes, count, seconds=30):
    """Return talkers at nodes in turn once everybody has joined; the first one sees everything.

    Raises:
        TimeoutError: if not everybody joins.
    """
    deadline = time.monotonic() + seconds
    talkers = []

    def wait_until(is_so):
        while not is_so():
            if time.monotonic() > deadline:
                raise TimeoutError("not everybody has joined")
            time.sleep(0.02)

    for number in range(count):
        talkers.append(Talker(f"t{number}", nodes[number % len(nodes)]))
        wait_until(lambda: talkers[0].has_joined)
    wait_until(lambda: {f"|{talker.name} joined the chat" for talker in talkers} <= {*talkers[0].got})
    return talkers


def settle(talkers, must_go=(), seconds=12):
    """Have everybody fall silent, and wait until everything has arrived, or nothing more does."""
    for talker in talkers:
        talker.hush()
    for talker in talkers:
        talker.wait_until_silent()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        stayed = [talker for talker in talkers if not talker.is_ended]
        if not any(talker.node in must_go for talker in stayed):
            owed = {f"{talker.name}|{talker.name} {talker.sent - 1}" for talker in stayed}
            owed |= {f"|{talker.name} left the chat" for talker in talkers if talker not in stayed}
            if all(owed <= {*talker.got} for talker in stayed):
                break
        time.sleep(0.1)
    time.sleep(0.3)  # what is doubled comes late


def judge(talkers, must_go=(), may_go=()):
    """Return what is wrong with what talkers got who joined before anybody talked.

    Args:
        talkers: all of them.
        must_go: the nodes that must have ended all of theirs.
        may_go: those that may have ended theirs, then all.
    """
    stayed = [talker for talker in talkers if not talker.is_ended]
    left = [talker for talker in talkers if talker.is_ended]
    gone = {talker.node for talker in left}
    wrong = [f"{talker.name} was ended: {talker.got[-1:]}" for talker in left if talker.node not in {*must_go, *may_go}]
    wrong += [f"{talker.name} was not ended" for talker in stayed if talker.node in {*must_go, *gone}]
    longest = max((talker.got for talker in stayed), key=len, default=[])
    for talker in stayed:
        got = talker.got[talker.got.index(f"|{talker.name} joined the chat") :]
        if longest[-len(got) :] != got:
            wrong.append(f"{talker.name} has another history than the one who joined first")
        if talker.own(longest) != [*range(talker.sent)]:
            wrong.append(f"of {talker.name} {len(talker.own(longest))} messages arrived, of {talker.sent}")
    counted = Counter(longest)
    for talker in talkers if stayed else ():
        leaves = counted[f"|{talker.name} left the chat"]
        if leaves != (talker in left):
            wrong.append(f"{leaves} leave notices of {talker.name}")
    said = said_to_all(longest) or max((said_to_all(talker.got) for talker in left), key=len, default=[])
    for talker in talkers:
        if talker.own(said) != [*range(len(talker.own(said)))]:
            wrong.append(f"messages of {talker.name} are missing, doubled or out of order")
    for talker in left:  # a prefix; what the log has before a node's burial may be late, but nothing comes after it
        got = said_to_all(talker.got)
        if said[: len(got)] != got:
            wrong.append(f"{talker.name}, who was ended, has seen what the others have not")
    return wrong


def said_to_all(texts):
    """Return the public messages among texts."""
    return [text for text in texts if not text.startswith("|") and "|" in text]
