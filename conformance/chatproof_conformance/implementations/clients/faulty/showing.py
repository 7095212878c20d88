"""Clients that show a message twice, never, or otherwise than it was (CLIENT-8)."""

from baseline.client import Client
from catalogue import faulty, subtle


@faulty("client-own-twice", "shows its own message when sent, and when it comes back", breaks=("CLIENT-8",))
def say(self, content):
    Client.say(self, content)
    if self.name and content and len(content) < 200:
        self.show("message", username=self.name, content=content)


@faulty("client-own-never", "shows none of its own messages", breaks=("CLIENT-8", "CLIENT-3"))
def handle_message(self, message):
    if message["username"] != self.name:
        Client.handle_message(self, message)


@subtle("client-no-repeats", "shows the same message once, however often it comes", breaks=("CLIENT-8",))
class NoRepeats(Client):
    last = None

    def handle_message(self, message):
        this = (message["username"], message["content"])
        if this != self.last:
            super().handle_message(message)
        self.last = this


@subtle("client-echo-by-content", "takes others' words for its own echo", breaks=("CLIENT-8", "CLIENT-3"))
class EchoByContent(Client):
    def begin(self):
        super().begin()
        self.said = []

    def send(self, message):
        super().send(message)
        if message["type"] == "message":
            self.said.append(message["content"])

    def handle_message(self, message):
        if message["content"] in self.said and message["username"] != self.name:
            self.said.remove(message["content"])
            return
        super().handle_message(message)


@subtle("client-tenth-twice", "shows every tenth message twice", breaks=("CLIENT-8",))
class TenthTwice(Client):
    count = 0

    def handle_message(self, message):
        self.count += 1
        for _ in range(2 if self.count % 10 == 0 else 1):
            super().handle_message(message)


@subtle("client-private-to-itself", "shows what it sends itself in private twice", breaks=("CLIENT-8",))
def handle_private_message(self, message):
    for _ in range(2 if message["sender"] == self.name else 1):
        Client.handle_private_message(self, message)


@subtle(
    "client-shows-again",
    "shows its last message again when it connects anew",
    breaks=("CLIENT-12", "CLIENT-8", "CLIENT-3"),
)
class ShowsAgain(Client):
    last = None

    def handle_message(self, message):
        super().handle_message(message)
        self.last = message

    def become_joined(self, username):
        super().become_joined(username)
        if self.last is not None:
            super().handle_message(self.last)


@faulty("client-no-announcements", "shows no announcements", breaks=("CLIENT-8", "CLIENT-3"))
def handle_server(self, message):
    pass


@subtle("client-shows-the-first-line", "shows the first line of a message", breaks=("CLIENT-8", "CLIENT-10"))
def handle_message(self, message):
    Client.handle_message(self, {**message, "content": message["content"].split("\n")[0] or message["content"]})


@subtle("client-no-astral", "shows characters past U+FFFF as boxes", breaks=("CLIENT-8", "CLIENT-10"))
def handle_private_message(self, message):
    content = "".join(each if each < "\U00010000" else "\ufffd" for each in message["content"])
    Client.handle_private_message(self, {**message, "content": content})
