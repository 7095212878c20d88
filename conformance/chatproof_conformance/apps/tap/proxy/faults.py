"""What ``--fault`` can do to a network, and how it is written."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from chatproof_common.command_line.values import MOST_SECONDS, CommandError, is_whole_number
from chatproof_common.printable import shortened
from chatproof_conformance.apps.tap.proxy.endpoint import End
from chatproof_schemas import Direction

KINDS = "split, delay, jitter, coalesce, cut or stall"
_SPEC = re.compile(r"(?:(client|server):)?([a-z]+)(?:=([^:]*))?(?::([^:]*))?")
_TIME = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s)")
_TIMED = ("delay", "jitter", "coalesce")
ANY = 0
"""A number of bytes that chance decides."""


@dataclass(frozen=True, slots=True)
class Faults:
    """What is done to one direction of every connection.

    Attributes:
        split: each write in pieces of this many bytes, ``ANY``: of random sizes; None: in one piece.
        delay: seconds that each write is delayed.
        jitter: further seconds at most, by chance.
        coalesce: seconds in which data is gathered, then written at once.
        cut: after how many bytes the connection is cut, None: never.
        cut_by: how it is cut.
        stall: after how many bytes nothing more passes, None: never.
        stall_seconds: for how long, None: for ever.
    """

    split: int | None = None
    delay: float = 0.0
    jitter: float = 0.0
    coalesce: float = 0.0
    cut: int | None = None
    cut_by: End = End.RST
    stall: int | None = None
    stall_seconds: float | None = None


NONE = Faults()


def read_faults(specs: Iterable[str]) -> dict[Direction, Faults]:
    """Return the faults of each direction.

    Raises:
        CommandError: if one is not written as it should be.
    """
    found = dict.fromkeys(Direction, NONE)
    seen: set[tuple[Direction, str]] = set()
    for spec in specs:
        endpoint, kind, value, more = _parts(spec)
        for direction in [Direction(endpoint)] if endpoint else list(Direction):
            if (direction, kind) in seen:
                raise CommandError(f"--fault {kind} is given twice for what the {direction.value} sends; give it once")
            seen.add((direction, kind))
            found[direction] = _with(found[direction], kind, value, more, spec)
    return found


def _parts(spec: str) -> tuple[str | None, str, str | None, str | None]:
    match = _SPEC.fullmatch(spec)
    if match is None or match[2] not in KINDS.replace(",", "").split():
        raise CommandError(f"--fault {spec!r} is none; expected {KINDS}, such as delay=50ms or client:split=1")
    return match[1], match[2], match[3], match[4]


def _with(faults: Faults, kind: str, value: str | None, more: str | None, spec: str) -> Faults:
    if more is not None and kind not in ("cut", "stall"):
        raise CommandError(f"--fault {spec!r}: nothing follows the value of {kind}")
    if kind in _TIMED:
        times: dict[str, Any] = {kind: _seconds(value, spec)}
        return replace(faults, **times)
    count = ANY if value is None else _count(value, spec)
    if kind == "split":
        return replace(faults, split=count)
    if kind == "stall":
        return replace(faults, stall=count, stall_seconds=None if more is None else _seconds(more, spec))
    if more not in (None, "rst", "fin"):
        raise CommandError(f"--fault {spec!r}: a cut is made by rst or fin, such as cut=2000:fin")
    return replace(faults, cut=count, cut_by=End.FIN if more == "fin" else End.RST)


def _count(text: str, spec: str) -> int:
    if not (is_whole_number(text) and int(text)):
        raise CommandError(f"--fault {spec!r}: {shortened(text)!r} is no number of bytes; expected 1 or more")
    return int(text)


def _seconds(text: str | None, spec: str) -> float:
    match = _TIME.fullmatch(text or "")
    if match is None:
        raise CommandError(f"--fault {spec!r}: expected a time with its unit, such as 50ms or 1.5s")
    value = float(match[1]) / (1000 if match[2] == "ms" else 1)
    if value > MOST_SECONDS:
        raise CommandError(f"--fault {shortened(spec)!r}: expected a time of at most {MOST_SECONDS:,} seconds")
    return value
