"""The client: what it sends when it is asked to, and what it shows of what arrives. It knows no socket."""

import json
from collections.abc import Iterable
from typing import Any

from baseline.checks import check, is_name
from baseline.framing import Frame, Framer, Overlong
from baseline.refused import Refused
from baseline.strict_json import parse

MOST_BYTES = 1024

Message = dict[str, Any]


class Client:
    """One user's client. Its methods are small, so that a fault replaces one.

    The link carries its bytes: ``connect(host, port)`` (raises OSError), ``send(data)``, ``close()`` (in order), and
    ``report(event)``, which shows an event to the user.
    """

    def __init__(self, link: Any) -> None:
        self.link = link
        self.connected = False
        self.over = False
        self.begin()

    def begin(self) -> None:
        """Forget the connection before."""
        self.over = False
        self.framer = Framer()
        self.asked: str | None = None
        self.name: str | None = None

    # What the user asks for

    def do(self, request: Message) -> None:
        """Do what a request asks for, whatever it is."""
        actions = {
            "connect": self.connect, "join": self.join, "say": self.say, "say_privately": self.say_privately,
            "leave": self.leave,
        }  # fmt: skip
        name = request.pop("do", None)
        if name in actions:
            actions[name](**request)
        else:
            self.report("invalid_request", reason=f"there is no request {name}")

    def connect(self, host: str, port: int, username: str) -> None:
        if self.connected:
            self.leave()
        self.begin()
        if not self.takes_name(username):
            self.report("refused", username=username, reason="this is no valid username")
            return
        try:
            self.link.connect(host, port)
        except OSError as error:
            self.report("disconnected", reason=f"no connection: {error.strerror}")
            return
        self.connected = True
        self.ask_to_join(username)

    def join(self, username: str) -> None:
        if not self.connected or self.name or self.asked:
            self.report("refused", username=username, reason="there is nothing to join, or it is joined")
        elif not self.takes_name(username):
            self.report("refused", username=username, reason="this is no valid username")
        else:
            self.ask_to_join(username)

    def takes_name(self, username: str) -> bool:
        return is_name(username)

    def ask_to_join(self, username: str) -> None:
        self.asked = username
        self.send({"type": "join", "username": username})

    def say(self, content: str) -> None:
        try:
            self.require_joined()
            self.send({"type": "message", "content": content})
        except Refused as refusal:
            self.report("failed", do="say", content=content, reason=str(refusal))

    def say_privately(self, target: str, content: str) -> None:
        try:
            self.require_joined()
            self.require_target(target)
            self.send({"type": "private_message", "target": target, "content": content})
        except Refused as refusal:
            self.report("failed", do="say_privately", target=target, content=content, reason=str(refusal))

    def require_joined(self) -> None:
        if not self.name:
            raise Refused("not joined")

    def require_target(self, target: str) -> None:
        if not is_name(target):
            raise Refused("the target is no valid username")

    def leave(self) -> None:
        if self.connected:
            self.link.close()
            self.end("you left")

    # What it sends

    def send(self, message: Message) -> None:
        """Send a message.

        Raises:
            Refused: its frame would not be valid.
        """
        self.link.send(self.to_frame(message) + b"\n")

    def to_frame(self, message: Message) -> bytes:
        if message.get("content") == "":
            raise Refused("there is nothing to send")
        try:
            frame = self.encode(message)
        except UnicodeEncodeError:
            raise Refused("it holds half a character, which cannot be sent") from None
        self.require_length(frame)
        return frame

    def encode(self, message: Message) -> bytes:
        return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()

    def require_length(self, frame: bytes) -> None:
        if len(frame) > MOST_BYTES:
            raise Refused(f"too long by {len(frame) - MOST_BYTES} bytes")

    # What arrives

    def receive(self, data: bytes) -> None:
        """Handle bytes of the server."""
        for frame in self.cut(data):
            if self.connected:
                self.take(frame)

    def cut(self, data: bytes) -> Iterable[Frame]:
        return self.framer.feed(data)

    def take(self, frame: Frame) -> None:
        try:
            if isinstance(frame, Overlong):
                raise Refused("the server sent a frame of more than 8192 bytes")
            message = self.check(self.parse(frame))
        except Refused as refusal:
            self.ignore(frame, str(refusal))
        else:
            self.handle(message)

    def parse(self, frame: bytes) -> Any:
        return parse(frame)

    def check(self, value: Any) -> Message:
        return check(value)

    def ignore(self, frame: Frame, reason: str) -> None:
        self.report("problem", reason=reason)

    def handle(self, message: Message) -> None:
        getattr(self, f"handle_{message['type']}")(message)

    def handle_message(self, message: Message) -> None:
        self.show("message", username=message["username"], content=message["content"])

    def handle_private_message(self, message: Message) -> None:
        self.show("private_message", sender=message["sender"], content=message["content"])

    def handle_private_confirmation(self, message: Message) -> None:
        target, content = message["target"], message["content"]
        if message["delivered"]:
            self.show("private_confirmation", target=target, content=content)
        else:
            reason = message.get("reason", "the server gave no reason")
            self.report("failed", do="say_privately", target=target, content=content, reason=reason)

    def handle_system(self, message: Message) -> None:
        if self.asked and self.asked in message["message"]:
            self.become_joined(self.asked)
        self.show("system", message=message["message"])

    def become_joined(self, username: str) -> None:
        self.name, self.asked = username, None
        self.report("joined", username=username)

    def handle_server(self, message: Message) -> None:
        self.show("server", message=message["message"])

    def handle_error(self, message: Message) -> None:
        if self.asked:
            self.refuse(message["message"])
        else:
            self.show("error", message=message["message"])

    def refuse(self, reason: str) -> None:
        username, self.asked = self.asked, None
        self.report("refused", username=username, reason=reason)

    # How it ends

    def lose(self, *, reset: bool) -> None:
        """Take note that the connection ended, in order or by a reset."""
        self.end("the connection was lost" if reset else "the server ended the connection")

    def end(self, reason: str) -> None:
        self.forget()
        self.report("disconnected", reason=reason)

    def forget(self) -> None:
        self.connected, self.name, self.asked = False, None, None

    # What it shows

    def show(self, kind: str, **members: object) -> None:
        self.report("shown", kind=kind, **members)

    def report(self, event: str, **members: object) -> None:
        self.link.report({"event": event, **members})
