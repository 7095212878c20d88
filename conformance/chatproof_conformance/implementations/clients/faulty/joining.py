"""Clients whose first frame is no valid join (CLIENT-1), or that take a refused join wrongly (CLIENT-6)."""

from baseline.checks import is_name
from baseline.client import Client
from catalogue import faulty


@faulty("client-speaks-first", breaks=("CLIENT-1",), note="greets with a message before it joins")
def ask_to_join(self, username):
    self.send({"type": "message", "content": "hello"})
    Client.ask_to_join(self, username)


@faulty("client-join-calls-it-name", breaks=("CLIENT-1", "CLIENT-2"), note="its join has name instead of username")
def ask_to_join(self, username):
    self.asked = username
    self.send({"type": "join", "name": username})


@faulty("client-never-joins", breaks=("CLIENT-1",), note="connects, and waits for the server to ask for a name")
def ask_to_join(self, username):
    self.asked = username


@faulty(
    "client-back-again", breaks=("CLIENT-1",), note="says that it is back before its second join", subtle=True
)  # fmt: skip
class BackAgain(Client):
    connections = 0

    def ask_to_join(self, username):
        self.connections += 1
        if self.connections == 2:
            self.send({"type": "message", "content": "back again"})
        super().ask_to_join(username)


@faulty(
    "client-joins-invisibly",
    breaks=("CLIENT-1", "CLIENT-2"),
    note="joins under names with invisible formatting characters",
    subtle=True,
)
def takes_name(self, username):
    return is_name(username.translate(dict.fromkeys((*range(0x200B, 0x2010), *range(0x2060, 0x206A)))) or username)


@faulty(
    "client-joins-padded", breaks=("CLIENT-1", "CLIENT-2"), note="joins under names with a space at an end", subtle=True
)
def takes_name(self, username):
    return is_name(username.strip(" "))


@faulty("client-joined-at-once", breaks=("CLIENT-6",), note="takes itself for joined as soon as it has asked")
def ask_to_join(self, username):
    Client.ask_to_join(self, username)
    self.become_joined(username)


@faulty("client-refused-in-silence", breaks=("CLIENT-6",), note="shows nothing of a refused join")
def refuse(self, reason):
    self.asked = None


@faulty("client-refused-for-no-reason", breaks=("CLIENT-6",), note="says that the join was refused, not why")
def refuse(self, reason):
    Client.refuse(self, "the server refused")


@faulty("client-joined-by-an-error", breaks=("CLIENT-6",), note="takes any answer to its join for a yes")
def refuse(self, reason):
    self.become_joined(self.asked)
    self.show("error", message=reason)


@faulty(
    "client-second-refusal-joins",
    breaks=("CLIENT-6",),
    note="takes itself for joined when its second try is refused too",
    subtle=True,
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


@faulty(
    "client-sends-what-waited",
    breaks=("CLIENT-6",),
    note="keeps what is said before the join is answered, and sends it after a refusal too",
    subtle=True,
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
