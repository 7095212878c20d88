"""Clients that do not ignore members that they do not know (CLIENT-5)."""

from baseline.checks import OPTIONAL, REQUIRED
from baseline.client import Client
from baseline.refused import Refused
from catalogue import faulty


def unknown(message):
    kind = message["type"]
    return message.keys() - REQUIRED[kind].keys() - OPTIONAL.get(kind, {}).keys() - {"type"}


@faulty("client-refuses-members", breaks=("CLIENT-5",), note="takes a message with an unknown member for invalid")
def check(self, value):
    message = Client.check(self, value)
    if unknown(message):
        raise Refused("the server sent an unknown member")
    return message


@faulty("client-dies-of-members", breaks=("CLIENT-5",), note="dies of an unknown member")
def handle(self, message):
    if unknown(message):
        raise SystemExit("an unknown member")
    Client.handle(self, message)


@faulty(
    "client-strict-confirmations", breaks=("CLIENT-5",), note="refuses confirmations with more members", subtle=True
)
def check(self, value):
    message = Client.check(self, value)
    if message["type"] == "private_confirmation" and unknown(message):
        raise Refused("the server sent an unknown member")
    return message


@faulty(
    "client-flat-members", breaks=("CLIENT-5",), note="refuses unknown members that are no plain value", subtle=True
)
def check(self, value):
    message = Client.check(self, value)
    if any(isinstance(message[member], (dict, list)) for member in unknown(message)):
        raise Refused("the server sent a member that is no plain value")
    return message


@faulty(
    "client-believes-sender", breaks=("CLIENT-5",), note="shows a public message with a sender as theirs", subtle=True
)
def handle_message(self, message):
    Client.handle_message(self, {**message, "username": message.get("sender", message["username"])})


@faulty("client-appends-members", breaks=("CLIENT-5",), note="shows unknown members beside a notice")
def handle_system(self, message):
    Client.handle_system(self, {**message, "message": " ".join([message["message"], *sorted(unknown(message))])})
