"""Clients that do not show a failed delivery as failed (CLIENT-9)."""

from baseline.client import Client
from catalogue import faulty


@faulty("client-always-delivered", breaks=("CLIENT-9",), note="takes every confirmation for a delivery")
def handle_private_confirmation(self, message):
    Client.handle_private_confirmation(self, {**message, "delivered": True})


@faulty("client-fails-in-silence", breaks=("CLIENT-9",), note="shows nothing of a failed delivery")
def handle_private_confirmation(self, message):
    if message["delivered"]:
        Client.handle_private_confirmation(self, message)


@faulty(
    "client-fails-with-a-reason",
    breaks=("CLIENT-9",),
    note="takes it for delivered where no reason stands",
    subtle=True,
)
def handle_private_confirmation(self, message):
    Client.handle_private_confirmation(self, {**message, "delivered": message["delivered"] or "reason" not in message})


@faulty("client-fails-once", breaks=("CLIENT-9",), note="shows one failure for each target only", subtle=True)
class FailsOnce(Client):
    def begin(self):
        super().begin()
        self.failed = set()

    def handle_private_confirmation(self, message):
        if message["delivered"] or message["target"] not in self.failed:
            super().handle_private_confirmation(message)
        if not message["delivered"]:
            self.failed.add(message["target"])


@faulty("client-failure-is-a-notice", breaks=("CLIENT-9",), note="shows a failure and a delivery beside it")
def handle_private_confirmation(self, message):
    Client.handle_private_confirmation(self, {**message, "delivered": True})
    if not message["delivered"]:
        Client.handle_private_confirmation(self, message)


@faulty("client-once-delivered", breaks=("CLIENT-9",), note="believes that who got one message gets all", subtle=True)
class OnceDelivered(Client):
    def begin(self):
        super().begin()
        self.reached = set()

    def handle_private_confirmation(self, message):
        if message["delivered"]:
            self.reached.add(message["target"])
        super().handle_private_confirmation({**message, "delivered": message["target"] in self.reached})
