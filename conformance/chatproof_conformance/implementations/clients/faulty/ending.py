"""Clients that do not notice an end (CLIENT-7)."""

from baseline.client import Client
from catalogue import faulty, subtle


@faulty("client-end-unnoticed", "shows nothing of the end of its connection", breaks=("CLIENT-7",))
def lose(self, *, reset):
    self.forget()


@faulty("client-still-joined", "tells of the end when one next speaks", breaks=("CLIENT-7",))
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


@subtle("client-reset-unnoticed", "shows nothing of a reset", breaks=("CLIENT-7",))
def lose(self, *, reset):
    if reset:
        self.forget()
    else:
        Client.lose(self, reset=False)


@subtle("client-dies-of-a-reset", "dies of a reset", breaks=("CLIENT-7",))
def lose(self, *, reset):
    if reset:
        raise SystemExit("connection reset")
    Client.lose(self, reset=False)


@subtle("client-end-amid-a-frame", "shows no end in the middle of a frame", breaks=("CLIENT-7",))
def lose(self, *, reset):
    if self.framer.rest:
        self.forget()
    else:
        Client.lose(self, reset=reset)


@subtle(
    "client-shows-the-unfinished",
    "shows what it has of a frame that never ended",
    breaks=("CLIENT-3", "CLIENT-7", "CLIENT-12"),
)
def lose(self, *, reset):
    if self.framer.rest:
        self.show("system", message=self.framer.rest.decode("utf-8", "replace"))
    Client.lose(self, reset=reset)


@subtle("client-end-before-the-join", "shows no end before its join is answered", breaks=("CLIENT-7",))
def lose(self, *, reset):
    if self.asked:
        self.forget()
    else:
        Client.lose(self, reset=reset)


@subtle("client-second-end", "shows no end but its first", breaks=("CLIENT-7",))
class SecondEnd(Client):
    ends = 0

    def lose(self, *, reset):
        self.ends += 1
        if self.ends == 1:
            super().lose(reset=reset)
        else:
            self.forget()
