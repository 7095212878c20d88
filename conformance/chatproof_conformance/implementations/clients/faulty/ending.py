"""Clients that do not notice an end (CLIENT-7)."""

from baseline.client import Client
from catalogue import faulty


@faulty("client-end-unnoticed", breaks=("CLIENT-7",), note="shows nothing of the end of its connection")
def lose(self, *, reset):
    self.connected, self.name, self.asked = False, None, None


@faulty("client-still-joined", breaks=("CLIENT-7",), note="tells of the end when one next speaks")
class StillJoined(Client):
    lost = False

    def begin(self):
        super().begin()
        self.lost = False

    def lose(self, *, reset):
        self.lost = True

    def say(self, content):
        if self.lost:
            super().lose(reset=False)
        super().say(content)

    def leave(self):
        self.connected = self.connected and not self.lost
        super().leave()


@faulty("client-reset-unnoticed", breaks=("CLIENT-7",), note="shows nothing of a reset", subtle=True)
def lose(self, *, reset):
    if reset:
        self.connected, self.name, self.asked = False, None, None
    else:
        Client.lose(self, reset=False)


@faulty("client-dies-of-a-reset", breaks=("CLIENT-7",), note="dies of a reset", subtle=True)
def lose(self, *, reset):
    if reset:
        raise SystemExit("connection reset")
    Client.lose(self, reset=False)


@faulty("client-end-amid-a-frame", breaks=("CLIENT-7",), note="shows no end in the middle of a frame", subtle=True)
def lose(self, *, reset):
    if self.framer.rest:
        self.connected, self.name, self.asked = False, None, None
    else:
        Client.lose(self, reset=reset)


@faulty(
    "client-shows-the-unfinished",
    breaks=("CLIENT-7", "CLIENT-3"),
    note="shows what it has of a frame that never ended",
    subtle=True,
)
def lose(self, *, reset):
    if self.framer.rest:
        self.show("system", message=self.framer.rest.decode("utf-8", "replace"))
    Client.lose(self, reset=reset)


@faulty(
    "client-end-before-the-join", breaks=("CLIENT-7",), note="shows no end before its join is answered", subtle=True
)
def lose(self, *, reset):
    if self.asked:
        self.connected, self.asked = False, None
    else:
        Client.lose(self, reset=reset)


@faulty("client-second-end", breaks=("CLIENT-7",), note="shows no end but its first", subtle=True)
class SecondEnd(Client):
    ends = 0

    def lose(self, *, reset):
        self.ends += 1
        if self.ends == 1:
            super().lose(reset=reset)
        else:
            self.connected, self.name, self.asked = False, None, None
