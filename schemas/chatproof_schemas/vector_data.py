"""Loads the test vectors: frames with the verdict that SPEC.md gives them (vectors/README.md describes their form)."""

import base64
import enum
import functools
import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from chatproof_schemas.schemas import Direction


class FrameVerdict(str, enum.Enum):
    """What a receiver finds a frame to be."""

    VALID = "valid"
    """A valid message of its direction."""
    INVALID = "invalid"
    """JSON, but no valid message."""
    MALFORMED = "malformed"
    """Not UTF-8, not JSON, duplicate member names, or a lone surrogate."""
    TOO_LONG = "too_long"
    """Longer than a frame of its direction may be."""


@dataclass(frozen=True, slots=True)
class Vector:
    """A frame and what is right to say of it.

    Attributes:
        id: unique and stable: the file's name, a slash, what is special: ``client-join/name-33-code-points``.
        direction: who sends the frame.
        frame: its bytes, without the LF.
        verdicts: each one that SPEC.md permits; the first is what a strict receiver finds.
        codes: each error code that fits the frame by itself; empty if only ``valid`` is right.
        requirement: the id of the requirement that the vector tries.
        path: the JSON Pointer of the member at fault; None if no single member is.
        note: what is special about the frame, as a short clause.
    """

    id: str
    direction: Direction
    frame: bytes
    verdicts: tuple[FrameVerdict, ...]
    codes: tuple[str, ...]
    requirement: str
    path: str | None
    note: str


@functools.cache
def vectors() -> tuple[Vector, ...]:
    """Return every vector, in the order of the files' names and of each file."""
    folder = files("chatproof_schemas").joinpath("vectors")
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json"))
    documents = (json.loads(folder.joinpath(name).read_text("utf-8")) for name in names)
    return tuple(
        _vector(row, Direction(document["direction"])) for document in documents for row in document["vectors"]
    )


def _vector(row: dict[str, Any], direction: Direction) -> Vector:
    verdicts = [row["verdict"]] if isinstance(row["verdict"], str) else row["verdict"]
    return Vector(
        id=row["id"],
        direction=direction,
        frame=row["frame"].encode() if "frame" in row else base64.b64decode(row["frame_base64"]),
        verdicts=tuple(map(FrameVerdict, verdicts)),
        codes=tuple(row["codes"]),
        requirement=row["requirement"],
        path=row.get("path"),
        note=row["note"],
    )
