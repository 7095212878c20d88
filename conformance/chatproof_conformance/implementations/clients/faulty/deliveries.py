"""Clients that do not show a failed delivery as failed (CLIENT-9)."""

from baseline.client import Client
from catalogue import faulty, subtle


@faulty("client-always-delivered", "takes every confirmation for a delivery", breaks=("CLIENT-9",))
def handle_private_confirmation(self, message):
    Client.handle_private_confirmation(self, {**message, "delivered": True})


@faulty("client-fails-in-silence", "shows nothing of a failed delivery", breaks=("CLIENT-9",))
def handle_private_confirmation(self, message):
    if message["delivered"]:
        Client.handle_private_confirmation(self, message)


@subtle("client-fails-with-a-reason", "takes it for delivered where no reason stands", breaks=("CLIENT-9",))
def handle_private_confirmation(self, message):
    Client.handle_private_confirmation(self, {**message, "delivered": message["delivered"] or "reason" not in message})


@subtle("client-fails-once", "shows one failure for each target only", breaks=("CLIENT-9",))
class FailsOnce(Client):
    def begin(self):
        super().begin()
        self.failed = set()

    def handle_private_confirmation(self, message):
        if message["delivered"] or message["target"] not in self.failed:
            super().handle_private_confirmation(message)
        if not message["delivered"]:
            self.failed.add(message["target"])


@faulty("client-failure-is-a-notice", "shows a failure and a delivery beside it", breaks=("CLIENT-9",))
def handle_private_confirmation(self, message):
    Client.handle_private_confirmation(self, {**message, "delivered": True})
    if not message["delivered"]:
        Client.handle_private_confirmation(self, message)


@subtle("client-once-delivered", "believes that who got one message gets all", breaks=("CLIENT-9",))
class OnceDelivered(Client):
    def begin(self):
        super().begin()
        self.reached = set()

    def handle_private_confirmation(self, message):
        if message["delivered"]:
            self.reached.add(message["target"])
        super().handle_private_confirmation({**message, "delivered": message["target"] in self.reached})
