"""What is wrong with a frame or a message, in words with which its author can mend it."""

from dataclasses import dataclass

from chatproof_common.printable import printable, shortened

_LONGEST_PATH = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        code: the error code of SPEC.md, "Errors", that fits, such as ``malformed_json``.
        path: the place in the message, as a JSON Pointer (RFC 6901): ``/username``; empty for the message as a whole.
        what: what is wrong, as a short clause: ``is missing``, ``is 33 code points long``.
        expected: what would be right, as a short clause.
        column: in the frame, in code points from 1; None if that is not known.
    """

    code: str
    path: str
    what: str
    expected: str
    column: int | None = None

    @property
    def place(self) -> str:
        """The path for a person: short, harmless to a terminal, ``message`` for the message as a whole."""
        return printable(shortened(self.path, _LONGEST_PATH)) or "message"

    def __str__(self) -> str:
        """One line for a person: place, fault, remedy."""
        column = "" if self.column is None else f" at column {self.column}"
        return f"{self.place}{column}: {self.what}; expected {self.expected}"


def pointer(step: str) -> str:
    """Return the JSON Pointer of one member or index below the value as a whole."""
    return "/" + step.replace("~", "~0").replace("/", "~1")
