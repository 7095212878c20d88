"""Says whether a JSON value is a message that a client may send."""

import re

from baseline.refused import Refused


class Checks:
    """The types, their members and the members' limits."""

    members = {"join": ("username",), "message": ("content",), "private_message": ("target", "content")}  # noqa: RUF012
    forbidden_in_names = re.compile(
        "[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]|^ | $", re.DOTALL
    )
    name_limit = 32

    def check(self, message) -> None:
        """Raise Refused unless it is a valid message; members that it doesn't know are no concern of it."""
        if not isinstance(message, dict):
            raise Refused("invalid_message", "A message is a JSON object")
        for member in self.members[self.check_type(message)]:
            self.check_member(message, member)

    def check_type(self, message: dict) -> str:
        if "type" not in message:
            raise Refused("invalid_message", "The message has no type")
        if not isinstance(message["type"], str):
            raise Refused("invalid_message", "The type is not a string")
        if message["type"] not in self.members:
            raise Refused("unknown_type", "Unknown message type")
        return message["type"]

    def check_member(self, message: dict, member: str) -> None:
        if member not in message:
            raise Refused("invalid_message", f"The message has no {member}")
        value = message[member]
        if not isinstance(value, str):
            raise Refused("invalid_message", f"The {member} is not a string")
        if member == "content":
            self.check_content(value)
        elif not self.is_name(value):
            code = "username_invalid" if member == "username" else "invalid_message"
            raise Refused(code, f"The {member} is no valid name")

    def check_content(self, content: str) -> None:
        if not content:
            raise Refused("invalid_message", "The content is empty")

    def is_name(self, name: str) -> bool:
        return self.has_name_length(name) and not self.forbidden_in_names.search(name)

    def has_name_length(self, name: str) -> bool:
        return 1 <= len(name) <= self.name_limit
