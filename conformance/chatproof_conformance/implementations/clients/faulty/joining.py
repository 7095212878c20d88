"""Clients whose first frame is no valid join (CLIENT-1), or that take a refused join wrongly (CLIENT-6)."""

from baseline.checks import is_name
from baseline.client import Client
from catalogue import faulty, subtle


@faulty("client-speaks-first", "greets with a message before it joins", breaks=("CLIENT-1",))
def ask_to_join(self, username):
    self.send({"type": "message", "content": "hello"})
    Client.ask_to_join(self, username)


@faulty("client-join-calls-it-name", "its join has name instead of username", breaks=("CLIENT-1", "CLIENT-2"))
def ask_to_join(self, username):
    self.asked = username
    self.send({"type": "join", "name": username})


@faulty("client-never-joins", "connects, and waits for the server to ask for a name", breaks=("CLIENT-1",))
def ask_to_join(self, username):
    self.asked = username


@subtle("client-back-again", "says that it is back before its second join", breaks=("CLIENT-1",))  # fmt: skip
class BackAgain(Client):
    connections = 0

    def ask_to_join(self, username):
        self.connections += 1
        if self.connections == 2:
            self.send({"type": "message", "content": "back again"})
        super().ask_to_join(username)


@subtle(
    "client-joins-invisibly", "joins under names with invisible formatting characters", breaks=("CLIENT-1", "CLIENT-2")
)
def takes_name(self, username):
    return is_name(username.translate(dict.fromkeys((*range(0x200B, 0x2010), *range(0x2060, 0x206A)))) or username)


@subtle("client-joins-padded", "joins under names with a space at an end", breaks=("CLIENT-1", "CLIENT-2"))
def takes_name(self, username):
    return is_name(username.strip(" "))


@faulty("client-joined-at-once", "takes itself for joined as soon as it has asked", breaks=("CLIENT-6", "CLIENT-13"))
def ask_to_join(self, username):
    Client.ask_to_join(self, username)
    self.become_joined(username)


@faulty("client-refused-in-silence", "shows nothing of a refused join", breaks=("CLIENT-6",))
def refuse(self, reason):
    self.asked = None


@faulty("client-refused-for-no-reason", "says that the join was refused, not why", breaks=("CLIENT-6",))
def refuse(self, reason):
    Client.refuse(self, "the server refused")


@faulty("client-joined-by-an-error", "takes any answer to its join for a yes", breaks=("CLIENT-6",))
def refuse(self, reason):
    self.become_joined(self.asked)
    self.show("error", message=reason)


@subtle(
    "client-second-refusal-joins", "takes itself for joined when its second try is refused too", breaks=("CLIENT-6",)
)
class SecondRefusalJoins(Client):
    refusals = 0

    def begin(self):
        super().begin()
        self.refusals = 0

    def refuse(self, reason):
        self.refusals += 1
        username = self.asked
        super().refuse(reason)
        if self.refusals == 2:
            self.become_joined(username)


@subtle(
    "client-sends-what-waited",
    "keeps what is said before the join is answered, and sends it after a refusal too",
    breaks=("CLIENT-6",),
)
class SendsWhatWaited(Client):
    def begin(self):
        super().begin()
        self.waiting = []

    def say(self, content):
        if self.asked:
            self.waiting.append(content)
        else:
            super().say(content)

    def refuse(self, reason):
        super().refuse(reason)
        self.flush()

    def become_joined(self, username):
        super().become_joined(username)
        self.flush()

    def flush(self):
        while self.waiting:
            self.send({"type": "message", "content": self.waiting.pop(0)})
