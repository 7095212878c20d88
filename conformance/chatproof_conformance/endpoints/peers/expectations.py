"""What a peer can wait for: a message, described for people and recognised by a program."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from chatproof_conformance.core.text import quoted

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expectation:
    """A message to wait for.

    Attributes:
        text: what it is, as a clause for a report: ``the public message "hi" from alice``.
        matches: whether a received message is it.
        resembles: whether a received message is a failed attempt at it, worth showing.
    """

    text: str
    matches: Callable[[Message], bool]
    resembles: Callable[[Message], bool]


def _message_with(text: str, resembles: Callable[[Message], bool], **members: Any) -> Expectation:
    items = tuple(members.items())
    return Expectation(text, lambda m: all(_same(m.get(name), value) for name, value in items), resembles)


def _same(left: object, right: object) -> bool:
    return left == right and type(left) is type(right)


def _of_type(name: str) -> Callable[[Message], bool]:
    return lambda message: message.get("type") == name


def public_message(sender: str, content: str) -> Expectation:
    """A public message, with its sender and content."""
    text = f"the public message {quoted(content)} from {quoted(sender)}"
    return _message_with(text, _of_type("message"), type="message", username=sender, content=content)


def private_message(sender: str, content: str) -> Expectation:
    """A private message as its target gets it."""
    text = f"the private message {quoted(content)} from {quoted(sender)}"
    return _message_with(text, _of_type("private_message"), type="private_message", sender=sender, content=content)


def confirmation(target: str, content: str, *, delivered: bool) -> Expectation:
    """The confirmation that the sender of a private message gets."""
    text = f"a confirmation with delivered {str(delivered).lower()} for {quoted(content)} to {quoted(target)}"
    members = {"type": "private_confirmation", "target": target, "content": content, "delivered": delivered}
    return _message_with(text, lambda m: m.get("type") in ("private_confirmation", "error"), **members)


def error() -> Expectation:
    """An error, whatever it says."""
    return Expectation("an error", _of_type("error"), lambda _: True)


def notice_naming(name: str) -> Expectation:
    """A system message that names a user."""
    matches = lambda m: m.get("type") == "system" and name in str(m.get("message"))  # noqa: E731  reads as a clause
    return Expectation(f"a system message that names {quoted(name)}", matches, _of_type("system"))


def announcement(text: str) -> Expectation:
    """What the operator announces."""
    return _message_with(f"the server message {quoted(text)}", _of_type("server"), type="server", message=text)
