"""Faults in what the operator announces (SERVER)."""

from baseline.chat import ChatServer
from catalogue import faulty


@faulty("announces-nothing", breaks=("SERVER-1",), note="ignores the operator")
def announce(self, text):
    pass


@faulty("announces-twice", breaks=("SERVER-1",), note="announces twice")
def announce(self, text):
    ChatServer.announce(self, text)
    ChatServer.announce(self, text)


@faulty("announces-as-system", breaks=("SERVER-1",), note="announces in system messages")
def announcement(self, text):
    return self.system(text)


@faulty("announces-once", breaks=("SERVER-1",), note="loses the second announcement", subtle=True)
def announce(self, text):
    self.announced = getattr(self, "announced", 0) + 1
    if self.announced != 2:
        ChatServer.announce(self, text)


@faulty("newest-misses-announcement", breaks=("SERVER-1",), note="whoever joined last hears none", subtle=True)
def announce(self, text):
    for connection in list(self.joined.values())[: max(1, len(self.joined) - 1)]:
        self.send(connection, self.announcement(text))
