"""Faults in what the operator announces (SERVER)."""

from baseline.chat import ChatServer
from catalogue import faulty


@faulty("announces-nothing", breaks=("SERVER-1",), note="ignores the operator")
class AnnouncesNothing(ChatServer):
    def announce(self, text):
        pass


@faulty("announces-twice", breaks=("SERVER-1",), note="announces twice")
class AnnouncesTwice(ChatServer):
    def announce(self, text):
        super().announce(text)
        super().announce(text)


@faulty("announces-as-system", breaks=("SERVER-1",), note="announces in system messages")
class AnnouncesAsSystem(ChatServer):
    def announcement(self, text):
        return self.system(text)


@faulty("announces-once", breaks=("SERVER-1",), note="loses the second announcement", subtle=True)
class AnnouncesOnce(ChatServer):
    def announce(self, text):
        self.announced = getattr(self, "announced", 0) + 1
        if self.announced != 2:
            super().announce(text)


@faulty("newest-misses-announcement", breaks=("SERVER-1",), note="whoever joined last hears none", subtle=True)
class NewestMissesAnnouncement(ChatServer):
    def announce(self, text):
        for connection in list(self.joined.values())[: max(1, len(self.joined) - 1)]:
            self.send(connection, self.announcement(text))
