"""The requirements, read from SPEC.md: the single source of their ids, levels and sentences."""

import enum
import functools
import re
from dataclasses import dataclass
from importlib.resources import files

_ROW = re.compile(r"^\| ([A-Z]+)-([0-9]+) \| (MUST|SHOULD) \| (.+?) \|$", re.MULTILINE)


class Level(str, enum.Enum):
    """How binding a requirement is (RFC 2119): whether breaking it is a failure or a warning."""

    MUST = "MUST"
    SHOULD = "SHOULD"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One row of SPEC.md.

    Attributes:
        section: the part of the id before the hyphen, such as ``JOIN``; ``number`` is the part after it.
        sentence: the normative sentence, in Markdown.
    """

    section: str
    number: int
    level: Level
    sentence: str

    @property
    def id(self) -> str:
        """The stable id, such as ``JOIN-4``."""
        return f"{self.section}-{self.number}"


@functools.cache
def requirements() -> dict[str, Requirement]:
    """Return every requirement by its id, in the order of SPEC.md: those of a server, then those of a client."""
    text = files("chatproof_schemas").joinpath("SPEC.md").read_text("utf-8")
    rows = (Requirement(row[1], int(row[2]), Level(row[3]), row[4]) for row in _ROW.finditer(text))
    return {row.id: row for row in rows}


@functools.cache
def sections() -> tuple[str, ...]:
    """Return the sections' names in the order of SPEC.md: ``FRAME``, ``JOIN``, … ``CLIENT``."""
    return tuple(dict.fromkeys(row.section for row in requirements().values()))
