"""Clients that show, join, send or leave otherwise than they should (CLIENT-10 to CLIENT-17)."""

import socket
import struct

from baseline.client import Client
from baseline.refused import Refused
from catalogue import faulty, subtle


@faulty("client-swaps", "shows private messages with sender and text swapped", breaks=("CLIENT-10",))
def handle_private_message(self, message):
    Client.handle_private_message(self, {**message, "sender": message["content"], "content": message["sender"]})


@subtle("client-announces-notices", "shows announcements as notices of the server", breaks=("CLIENT-10",))
def handle_server(self, message):
    self.show("system", message=message["message"])


@faulty("client-welcomes", "shows a notice of its own when it has joined", breaks=("CLIENT-12",))
def become_joined(self, username):
    Client.become_joined(self, username)
    self.show("system", message=f"Welcome, {username}!")


@subtle("client-joined-by-others", "joins anew at each notice that holds its name", breaks=("CLIENT-13",))
def handle_system(self, message):
    if self.name and self.name in message["message"]:
        self.report("joined", username=self.name)
    Client.handle_system(self, message)


@subtle("client-joined-by-words", "joins anew if somebody says what reads like its notice", breaks=("CLIENT-13",))
def handle_message(self, message):
    if message["content"] == f"{self.name} joined the chat":
        self.report("joined", username=self.name)
    Client.handle_message(self, message)


@subtle("client-eighth-twice", "sends every eighth message twice", breaks=("CLIENT-14",))
class EighthTwice(Client):
    count = 0

    def say(self, content):
        self.count += 1
        super().say(content)
        if self.count % 8 == 0:
            super().say(content)


@subtle("client-no-line-feeds", "refuses contents of several lines", breaks=("CLIENT-15",))
def send(self, message):
    if "\n" in message.get("content", ""):
        raise Refused("one line at a time")
    Client.send(self, message)


@subtle("client-plain-names", "refuses names that are not in ASCII", breaks=("CLIENT-15",))
def takes_name(self, username):
    return Client.takes_name(self, username) and username.isascii()


@subtle("client-one-behind", "keeps each message until the next request, and forgets it when it leaves",
        breaks=("CLIENT-16", "CLIENT-14", "CLIENT-2"))  # fmt: skip
class OneBehind(Client):
    kept = None

    def do(self, request):
        kept, self.kept = self.kept, None
        if kept is not None and request.get("do") == "say":
            super().say(kept)
        super().do(request)

    def say(self, content):
        if self.name and len(content) > 800:
            self.kept = content
        else:
            super().say(content)


@faulty("client-leaves-by-reset", "resets the connection when its user leaves", breaks=("CLIENT-16",))
def leave(self):
    peer = getattr(self.link, "_socket", None)
    if peer is not None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
    self.link.close()
    self.end("you left, for good")


@faulty("client-silent-when-gone", "says nothing of what it cannot send any more", breaks=("CLIENT-17",))
def require_joined(self):
    if self.connected:
        Client.require_joined(self)


@subtle("client-private-when-gone", "says nothing of private messages to nobody", breaks=("CLIENT-17",))
def say_privately(self, target, content):
    if self.connected:
        Client.say_privately(self, target, content)
