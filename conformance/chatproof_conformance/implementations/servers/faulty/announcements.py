"""Faults in what the operator announces (SERVER)."""

from baseline.chat import ChatServer
from catalogue import faulty, subtle


@faulty("announces-nothing", "ignores the operator", breaks=("SERVER-1",), cause="announcement-lost")
def announce(self, text):
    pass


@faulty("announces-twice", "announces twice", breaks=("SERVER-1",), cause="announcement-lost")
def announce(self, text):
    ChatServer.announce(self, text)
    ChatServer.announce(self, text)


@faulty("announces-as-system", "announces in system messages", breaks=("SERVER-1",), cause="announcement-lost")
def announcement(self, text):
    return self.system(text)


@subtle("announces-once", "loses the second announcement", breaks=("SERVER-1",), cause="announcement-lost")
def announce(self, text):
    self.announced = getattr(self, "announced", 0) + 1
    if self.announced != 2:
        ChatServer.announce(self, text)


@subtle(
    "newest-misses-announcement", "whoever joined last hears none", breaks=("SERVER-1",), cause="recipients-remembered"
)
def announce(self, text):
    for connection in list(self.joined.values())[: max(1, len(self.joined) - 1)]:
        self.send(connection, self.announcement(text))
