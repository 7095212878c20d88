"""What is wrong with a frame or a message, said so that its author can mend it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: the error code of SPEC.md, "Errors", that fits, such as ``malformed_json``.
        path: where inside the message, as a JSON Pointer (RFC 6901): ``/username``; empty for the message as a whole.
        what: what is wrong, as a short clause: ``is missing``, ``is 33 code points long``.
        expected: what would be right, as a short clause.
    """

    code: str
    path: str
    what: str
    expected: str

    def __str__(self) -> str:
        """One line for a person: place, fault, remedy."""
        return f"{self.path or 'message'}: {self.what}; expected {self.expected}"
