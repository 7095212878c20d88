"""The traffic of a finding as steps that a diagram shows: frames, ends of connections, what was left out."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chatproof_common.printable import quoted
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.wire.received import received_frames
from chatproof_schemas.transcript import Event, Kind, Transcript

MARKERS, LEFT_OUT = "markers", "left_out"
"""Steps that stand for several: the markers of a fence, and what is not shown."""

HAPPENINGS = {
    Kind.OPEN.value: "connects",
    Kind.HALF_CLOSE.value: "ends its sending direction",
    Kind.RESET.value: "resets the connection",
    Kind.CLOSE.value: "closes the connection",
    Kind.SERVER_CLOSE.value: "reads the end of the stream",
    Kind.SERVER_RESET.value: "finds the connection reset",
}
"""What becomes of a connection, as a clause whose subject is its client."""

_FIRST, _LAST, _AROUND = 20, 40, 5
"""How many steps of a long recording are shown: from its beginning, from its end, before and after what is wrong."""
_CHARACTERS = 1500
_WHERE = re.compile(r" at ([^\s:]+)$|^.* at ([^\s:]+):")
_QUOTED_MEMBERS = ("username", "sender", "content", "message")


@dataclass(frozen=True, slots=True)
class DiagramStep:
    """One line of a diagram.

    Attributes:
        event: as in transcripts (``client``: a frame to the server; ``server``: one from it; ``open``; …), or
            ``markers``, or ``left_out``.
        connection: whose; empty where it is nobody's.
        text: the frame, or what was asked, told or announced: printable, on one line.
        time: seconds since the traffic began.
        count: how many steps it stands for.
        offending: whether it is what must not have come.
    """

    event: str
    connection: str = ""
    text: str = ""
    time: float = 0.0
    count: int = 1
    offending: bool = False


def steps_of(finding: Finding, recorded: Transcript) -> list[DiagramStep]:
    """Return the steps of a recording in order; of a long one the beginning, the end, and what is around the wrong."""
    steps = list(_steps(finding, recorded))
    wrong = [place for place, step in enumerate(steps) if step.offending]
    if recorded.checked == "client":
        # The same line may be right the first time and wrong the next.
        steps = [replace(step, offending=place in wrong[-1:]) for place, step in enumerate(steps)]
    return _shortened(_without_markers(steps))


def shown(text: str, limit: int) -> str:
    """Return a text with its middle left out where it is long."""
    half = (limit - 3) // 2
    return text if len(text) <= limit else f"{text[:half]} … {text[-half:]}"


def _steps(finding: Finding, recorded: Transcript) -> Iterator[DiagramStep]:
    received: dict[int, list[bytes]] = {}
    for found in received_frames(recorded):
        received.setdefault(found.event, []).append(found.frame)
    suspects = (Kind.SERVER_DATA,) if recorded.checked == "server" else (Kind.CLIENT_DATA, Kind.DRIVER_EVENT)
    for index, event in enumerate(recorded.events):
        step = DiagramStep(event.kind.value, event.connection, time=round(event.time, 6))
        for frame, ending in _frames(event, received.get(index, []), recorded.framing):
            wrong = event.kind in suspects and _is_named(frame, event.connection, finding)
            text = shown_frame(frame, _CHARACTERS) + ending if frame.strip() else "(a line end)"
            yield replace(step, text=text, offending=wrong)
        if event.kind.value in HAPPENINGS:
            yield step


def _frames(event: Event, received: Sequence[bytes], framing: str) -> Iterator[tuple[bytes, str]]:
    """Yield the frames that an event holds, each with what is to be said of its end."""
    if event.kind is Kind.SERVER_DATA:
        yield from ((frame, "") for frame in received)
    elif event.kind is Kind.CLIENT_DATA and framing == "lf":
        *whole, rest = event.data.split(b"\n")
        yield from ((frame, "") for frame in whole)
        if rest:
            yield rest, " (no LF yet)"
    elif event.kind in (Kind.CLIENT_DATA, Kind.ANNOUNCE, Kind.REQUEST, Kind.DRIVER_EVENT):
        yield event.data, ""


def _is_named(frame: bytes, connection: str, finding: Finding) -> bool:
    """Whether a finding's text names this frame as what came instead: as a whole, or by its type and members."""
    where = _WHERE.search(finding.expected)
    if where and connection and (where[1] or where[2]) != connection:
        return False
    if shown_frame(frame) in finding.actual:
        return True
    try:
        message = json.loads(frame)
    except (ValueError, RecursionError):
        return False
    kind = message.get("kind", message.get("type")) if isinstance(message, dict) else None
    if kind is None or not re.search(rf"\b{re.escape(str(kind))}\b", finding.actual):
        return False
    told = [message[name] for name in _QUOTED_MEMBERS if isinstance(message.get(name), str)]
    return bool(told) and all(quoted(text) in finding.actual for text in told)


def _without_markers(steps: Sequence[DiagramStep]) -> list[DiagramStep]:
    """Put one step in the place of each run of a fence's markers: they prove silence, no more."""
    kept: list[DiagramStep] = []
    for step in steps:
        if "marker " not in step.text or step.offending:
            kept.append(step)
        elif kept and kept[-1].event == MARKERS:
            kept[-1] = replace(kept[-1], count=kept[-1].count + 1)
        else:
            kept.append(DiagramStep(MARKERS, time=step.time))
    return kept


def _shortened(steps: Sequence[DiagramStep]) -> list[DiagramStep]:
    last = len(steps)
    wrong = [place for place, step in enumerate(steps) if step.offending][:1]
    wanted = {*range(_FIRST), *range(last - _LAST, last)}
    wanted.update(near for place in wrong for near in range(place - _AROUND, place + _AROUND + 1))
    kept: list[DiagramStep] = []
    for place, step in enumerate(steps):
        if place in wanted or {place - 1, place + 1} <= wanted:
            kept.append(step)
        elif kept and kept[-1].event == LEFT_OUT:
            kept[-1] = replace(kept[-1], count=kept[-1].count + 1)
        else:
            kept.append(DiagramStep(LEFT_OUT, time=step.time))
    return kept
