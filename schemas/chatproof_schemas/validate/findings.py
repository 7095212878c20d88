"""What there is to report of messages: findings, and counts."""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Literal

from chatproof_common.printable import printable
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction

UNKNOWN_TYPE = "unknown_type"
UNKNOWN_MEMBER = "unknown_member"
RULES = {
    "frame_too_long": "A frame has at most 1024 bytes from a client, and 8192 from a server, without its LF.",
    "malformed_json": "A frame is JSON in UTF-8, without duplicate member names and lone surrogates.",
    "invalid_message": "A frame is an object with a type and the members that the type asks for, within their limits.",
    UNKNOWN_TYPE: "A type is one that its sender may send.",
    "username_invalid": "A name has 1 to 32 code points, no invisible characters, and no space at either end.",
    UNKNOWN_MEMBER: "A member that a type does not have is ignored by whoever receives it.",
}
"""Each code that a finding can have, in the specification's order of precedence, and what it means."""

Level = Literal["error", "note"]
_MOST_NOTES = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to report of one message.

    Attributes:
        level: an error makes the message invalid, a note does not.
        file: ``<stdin>`` for standard input.
        line: in which the message begins, from 1.
        problem: what is wrong, or worth a note.
        direction: in which the message was judged; None if it makes no difference.
        connection: of the recording; None if the file is not a recording.
        frame: the message; of one that is too long, one byte more than is allowed.
    """

    level: Level
    file: str
    line: int
    problem: Problem
    direction: Direction | None
    connection: str | None
    frame: bytes

    @property
    def column(self) -> int | None:
        """The column in the file's line; a recording spells its frames otherwise, so there it is not known."""
        return self.problem.column if self.connection is None else None

    @property
    def sentence(self) -> str:
        """What is wrong, what would be right, and whose message it was, for a format with a place for the line."""
        whose = [] if self.connection is None else [f"connection {printable(self.connection)}"]
        if self.direction:
            whose.append(f"sent by the {self.direction.value}")
        remark = f" ({', '.join(whose)})" if whose else ""
        return f"{self.problem.place}: {self.problem.what}; expected {self.problem.expected}{remark}"


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or the rest of one, that could not be read.

    Attributes:
        line: at which reading ended; None if it never began.
        why: what is wrong, and what would be right.
    """

    file: str
    line: int | None
    why: str


@dataclass(slots=True)
class Tally:
    """The counts of one run.

    Attributes:
        files: how many were read, or tried.
        valid: how many messages were valid, by direction and type.
        invalid: how many messages were not.
        codes: how many messages had which first problem.
        notes: how many notes there were of each kind: the same but for the column.
        further_notes: how many notes there were of more kinds than can be kept.
        unreadable: what could not be read.
    """

    files: int = 0
    valid: Counter[tuple[Direction, str]] = field(default_factory=Counter)
    invalid: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    notes: Counter[tuple[Direction | None, Problem]] = field(default_factory=Counter)
    further_notes: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def messages(self) -> int:
        """How many messages there were."""
        return self.valid.total() + self.invalid

    @property
    def valid_by_size(self) -> list[tuple[tuple[Direction, str], int]]:
        """The counts of the valid ones, the largest first; those alike by their names, not by what was judged first."""
        return sorted(self.valid.items(), key=lambda item: (-item[1], item[0][0].value, item[0][1]))

    def add_note(self, direction: Direction | None, problem: Problem) -> bool:
        """Count a note; return whether it is the first of its kind, which alone is reported."""
        kind = (direction, replace(problem, column=None))
        if kind not in self.notes and len(self.notes) == _MOST_NOTES:
            self.further_notes += 1
            return False
        self.notes[kind] += 1
        return self.notes[kind] == 1
