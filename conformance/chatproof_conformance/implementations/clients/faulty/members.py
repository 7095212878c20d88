"""Clients that do not ignore members that they do not know (CLIENT-5)."""

from baseline.checks import OPTIONAL, REQUIRED
from baseline.client import Client
from baseline.refused import Refused
from catalogue import faulty, subtle


def unknown(message):
    kind = message["type"]
    return message.keys() - REQUIRED[kind].keys() - OPTIONAL.get(kind, {}).keys() - {"type"}


@faulty("client-refuses-members", "takes a message with an unknown member for invalid", breaks=("CLIENT-5",))
def check(self, value):
    message = Client.check(self, value)
    if unknown(message):
        raise Refused("the server sent an unknown member")
    return message


@faulty("client-dies-of-members", "dies of an unknown member", breaks=("CLIENT-5",))
def handle(self, message):
    if unknown(message):
        raise SystemExit("an unknown member")
    Client.handle(self, message)


@subtle("client-strict-confirmations", "refuses confirmations with more members", breaks=("CLIENT-5",))
def check(self, value):
    message = Client.check(self, value)
    if message["type"] == "private_confirmation" and unknown(message):
        raise Refused("the server sent an unknown member")
    return message


@subtle("client-flat-members", "refuses unknown members that are no plain value", breaks=("CLIENT-5",))
def check(self, value):
    message = Client.check(self, value)
    if any(isinstance(message[member], (dict, list)) for member in unknown(message)):
        raise Refused("the server sent a member that is no plain value")
    return message


@subtle("client-believes-sender", "shows a public message with a sender as theirs", breaks=("CLIENT-5", "CLIENT-10"))
def handle_message(self, message):
    Client.handle_message(self, {**message, "username": message.get("sender", message["username"])})


@faulty("client-appends-members", "shows unknown members beside a notice", breaks=("CLIENT-5", "CLIENT-10"))
def handle_system(self, message):
    Client.handle_system(self, {**message, "message": " ".join([message["message"], *sorted(unknown(message))])})
