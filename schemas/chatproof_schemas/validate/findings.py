"""What is told of the messages: findings, and counts."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Literal

from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction

Level = Literal["error", "note"]
_MOST_NOTES = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to tell of one message.

    Attributes:
        level: an error makes the message invalid, a note does not.
        file: the name of the file, ``<stdin>`` for standard input.
        line: where the message begins, from 1.
        problem: what there is to say.
        direction: in which the message was judged; None where it makes no difference.
        connection: of the recording; None where the file is no recording.
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
        """Where in the line of the file; a recording spells its frames otherwise, so there it is not known."""
        return self.problem.column if self.connection is None else None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or the rest of one, that could not be read.

    Attributes:
        file: its name.
        line: where the reading ended; None where it never began.
        why: what is wrong, and what would be right.
    """

    file: str
    line: int | None
    why: str


@dataclass(frozen=True, slots=True)
class NoteKind:
    """What notes have in common: the first of each kind is told, all are counted.

    Attributes:
        direction: in which the messages were judged.
        code: ``unknown_member`` or ``unknown_type``.
        path: the JSON Pointer of the member.
        what: what there is to say of it.
    """

    direction: Direction | None
    code: str
    path: str
    what: str


@dataclass(slots=True)
class Tally:
    """The counts of one run.

    Attributes:
        files: how many were read, or tried.
        valid: how many messages were valid, by direction and type.
        invalid: how many messages were not.
        codes: how many messages had which first problem.
        notes: how many notes there were of each kind.
        further_notes: how many notes there were of more kinds than can be kept.
        unreadable: what could not be read.
    """

    files: int = 0
    valid: Counter[tuple[Direction, str]] = field(default_factory=Counter)
    invalid: int = 0
    codes: Counter[str] = field(default_factory=Counter)
    notes: Counter[NoteKind] = field(default_factory=Counter)
    further_notes: int = 0
    unreadable: list[Unreadable] = field(default_factory=list)

    @property
    def messages(self) -> int:
        """How many messages there were."""
        return self.valid.total() + self.invalid

    def add_note(self, direction: Direction | None, problem: Problem) -> bool:
        """Count a note; return whether it is the first of its kind."""
        kind = NoteKind(direction, problem.code, problem.path, problem.what)
        if kind not in self.notes and len(self.notes) == _MOST_NOTES:
            self.further_notes += 1
            return False
        self.notes[kind] += 1
        return self.notes[kind] == 1
