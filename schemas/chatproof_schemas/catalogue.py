"""The requirements, read from SPEC.md: the single source of their ids, levels and sentences."""

import enum
import functools
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

_ROW = re.compile(r"\| ([A-Z]+)-([0-9]+) \| (MUST|SHOULD) \| (.+?) \|")
_LEVEL_ROW = re.compile(r"\| ([0-9]+) \| (server|client|cluster) \| (.+?) \| ([A-Z]+-[0-9]+(?:, [A-Z]+-[0-9]+)*) \|")

Built = Literal["server", "client", "cluster"]
"""What can be built by the protocol: a cluster is a server of several addresses."""
_OTHERS: dict[str, Built] = {"CLIENT": "client", "CLUSTER": "cluster"}
"""By section: what has to keep the requirements that are not for every server."""


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
        line: that of SPEC.md in which it stands, from 1.
        heading: that of the part of SPEC.md in which it stands, such as ``6. Joining``.
    """

    section: str
    number: int
    level: Level
    sentence: str
    line: int
    heading: str

    @property
    def of(self) -> Built:
        """What has to keep it: a server, a client, or a cluster, that is a server of several addresses."""
        return _OTHERS.get(self.section, "server")

    @property
    def id(self) -> str:
        """The stable id, such as ``JOIN-4``."""
        return f"{self.section}-{self.number}"


@dataclass(frozen=True, slots=True)
class WorkLevel:
    """A step in which a server, a client or a cluster can be built (SPEC.md, appendix A).

    Attributes:
        number: from 1; each builds on those below it.
        subject: what it is about, as a noun phrase.
        ids: the requirements that it adds, in the order of the table.
    """

    number: int
    subject: str
    ids: tuple[str, ...]

    @property
    def musts(self) -> tuple[str, ...]:
        """Those of its requirements that have to be kept for it to be reached."""
        return tuple(id_ for id_ in self.ids if requirements()[id_].level is Level.MUST)


@functools.cache
def work_levels(built: Built) -> tuple[WorkLevel, ...]:
    """Return the levels of a server, of a client or of a cluster, the lowest first."""
    rows = (row for line in _lines() if (row := _LEVEL_ROW.fullmatch(line)))
    return tuple(WorkLevel(int(row[1]), row[3], tuple(row[4].split(", "))) for row in rows if row[2] == built)


@functools.cache
def requirements() -> dict[str, Requirement]:
    """Return every requirement by its id, in the order of SPEC.md: of a server, of a client, of a cluster."""
    found: dict[str, Requirement] = {}
    heading = ""
    for place, line in enumerate(_lines(), 1):
        if line.startswith("## "):
            heading = line.removeprefix("## ")
        if row := _ROW.fullmatch(line):
            requirement = Requirement(row[1], int(row[2]), Level(row[3]), row[4], place, heading)
            found[requirement.id] = requirement
    return found


@functools.cache
def sections() -> tuple[str, ...]:
    """Return the sections' names in the order of SPEC.md: ``FRAME``, ``JOIN``, … ``CLUSTER``."""
    return tuple(dict.fromkeys(row.section for row in requirements().values()))


def _lines() -> list[str]:
    return files("chatproof_schemas").joinpath("SPEC.md").read_text("utf-8").splitlines()


def specification_uri(requirement: str | None = None) -> str:
    """Return where SPEC.md stands, or its part with a requirement: what this package brings is what it judges by."""
    uri = Path(str(files("chatproof_schemas").joinpath("SPEC.md"))).absolute().as_uri()
    if requirement is None:
        return uri
    words = re.sub(r"[^a-z0-9 -]", "", requirements()[requirement].heading.lower())
    return f"{uri}#{words.replace(' ', '-')}"
