"""The traffic of a finding as steps that a diagram shows: frames, ends of connections, what was left out."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.wire.markers import is_marker, marker_contents
from chatproof_conformance.wire.received import received_frames
from chatproof_schemas import CLIENT_FRAME_BYTES
from chatproof_schemas.transcript import Checked, Event, Framing, Kind, Transcript

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
"""The events of a connection other than data, as clauses whose subject is its client."""

NO_LF = " (no LF yet)"
"""How the text of a piece ends that is not the last one of its frame."""

_FIRST, _LAST, _AROUND = 20, 40, 5
"""How many steps of a long recording are shown: from its beginning, from its end, before and after what is wrong."""
_CHARACTERS = 1500


@dataclass(frozen=True, slots=True)
class DiagramStep:
    """One line of a diagram.

    Attributes:
        event: as in transcripts (``client``: a frame to the server; ``server``: one from it; ``open``; …), or
            ``markers``, or ``left_out``.
        connection: at which connection; empty if at none.
        text: the frame, or what was asked, reported or announced: printable, on one line.
        time: seconds since the traffic began.
        count: how many steps it stands for.
        offending: whether it must not have been sent.
    """

    event: str
    connection: str = ""
    text: str = ""
    time: float = 0.0
    count: int = 1
    offending: bool = False


@dataclass(slots=True)
class _Unended:
    """The pieces of a frame that has no end yet."""

    pieces: list[bytes] = field(default_factory=list)
    size: int = 0

    def add(self, piece: bytes) -> None:
        self.pieces.append(piece)
        self.size += len(piece)

    def take(self) -> bytes:
        whole = b"".join(self.pieces)
        self.pieces, self.size = [], 0
        return whole


@dataclass(frozen=True, slots=True)
class _Line:
    """A step, the index of its event, and the frame of which it shows the last piece; empty if it is of none."""

    event: int
    frame: bytes
    step: DiagramStep


def steps_of(finding: Finding, framing: Framing = "lf", checked: Checked = "server") -> list[DiagramStep]:
    """Return a finding's traffic in order; of a long one the beginning, the end, and what is around the wrong."""
    placed = placed_steps(finding, framing, checked)
    steps = [step for _, step in placed]
    wrong = [place for place, step in enumerate(steps) if step.offending][:1]
    if not wrong and finding.event is not None:  # what is wrong is no frame, such as an end: show what came before it
        own = [(place, at) for place, (at, step) in enumerate(placed) if step.connection == finding.connection]
        wrong = [place for place, at in own if at <= finding.event][-1:]
    return _shortened(steps, wrong, finding.connection)


def placed_steps(
    finding: Finding, framing: Framing = "lf", checked: Checked = "server"
) -> list[tuple[int, DiagramStep]]:
    """Return each step of a finding's traffic in order, with the index of its event."""
    lines = list(_lines(finding, framing))
    suspects = (Kind.SERVER_DATA,) if checked == "server" else (Kind.CLIENT_DATA, Kind.DRIVER_EVENT)
    wrong = [
        place
        for place, line in enumerate(lines)
        if finding.events[line.event].kind in suspects and _is_offending(line, finding)
    ]
    if checked == "client":
        wrong = wrong[-1:]  # the same line may be right the first time and wrong the next
    markers = marker_contents(finding.events)
    steps: list[tuple[int, DiagramStep]] = []
    for place, line in enumerate(lines):
        step = replace(line.step, offending=place in wrong)
        is_cause = line.event == finding.event and step.event == Kind.CLIENT_DATA.value
        if not (step.offending or is_cause) and is_marker(line.frame, markers):
            step = DiagramStep(MARKERS, time=step.time)
            if steps and steps[-1][1].event == MARKERS:
                step = replace(steps[-1][1], count=steps.pop()[1].count + 1)
        steps.append((line.event, step))
    return steps


def steps_in(traffic: Iterable[Mapping[str, Any]]) -> list[DiagramStep]:
    """Return the steps of a finding in a report."""
    return [DiagramStep(**members) for members in traffic]


def shown(text: str, limit: int) -> str:
    """Return a text with its middle left out if it is long."""
    half = (limit - 3) // 2
    return text if len(text) <= limit else f"{text[:half]} … {text[-half:]}"


def _lines(finding: Finding, framing: Framing) -> Iterator[_Line]:
    received: dict[int, list[bytes]] = {}
    for found in received_frames(Transcript(framing, events=list(finding.events))):
        received.setdefault(found.event, []).append(found.frame)
    unended: dict[str, _Unended] = defaultdict(_Unended)
    # A frame with no end yet is kept if it may be a marker, or the wrong one. Each piece of a long one, together with
    # all before it, would be too much.
    sizes = {*range(CLIENT_FRAME_BYTES + 1), *map(len, finding.frames)}
    for index, event in enumerate(finding.events):
        step = DiagramStep(event.kind.value, event.connection, time=round(event.time, 6))
        for text, frame, ending in _frames(event, received.get(index, []), framing, unended[event.connection], sizes):
            yield _Line(index, frame, replace(step, text=shown_frame(text, _CHARACTERS) + ending))
        if event.kind.value in HAPPENINGS:
            yield _Line(index, b"", step)


def _frames(
    event: Event, received: Sequence[bytes], framing: Framing, unended: _Unended, sizes: Collection[int]
) -> Iterator[tuple[bytes, bytes, str]]:
    """Yield an event's part of each frame, the frame (if it has no end: of these sizes only), and a note of that."""
    if event.kind is Kind.SERVER_DATA:
        yield from ((frame, frame, "") for frame in received)
    elif event.kind is Kind.CLIENT_DATA and framing == "lf":
        *whole, rest = event.data.split(b"\n")
        for piece in whole:
            unended.add(piece)
            yield piece, unended.take(), ""
        if rest:
            unended.add(rest)
            yield rest, b"".join(unended.pieces) if unended.size in sizes else b"", NO_LF
    elif event.kind in (Kind.CLIENT_DATA, Kind.ANNOUNCE, Kind.REQUEST, Kind.DRIVER_EVENT):
        yield event.data, event.data, ""


def _is_offending(line: _Line, finding: Finding) -> bool:
    """Whether this must not have been sent: at the finding's event, or, if none is known, at its connection."""
    if line.frame not in finding.frames:
        return False
    if finding.event is not None:
        return line.event == finding.event
    return finding.connection in (None, line.step.connection) or not line.step.connection


def _shortened(steps: Sequence[DiagramStep], wrong: Sequence[int], connection: str | None) -> list[DiagramStep]:
    last = len(steps)
    shown_places = {*range(_FIRST), *range(last - _LAST, last)}
    shown_places.update(near for place in wrong for near in range(place - _AROUND, place + _AROUND + 1))
    before = [place for place in range(wrong[0] if wrong else 0) if steps[place].connection == connection]
    shown_places.update(before[-_AROUND:])
    kept: list[DiagramStep] = []
    for place, step in enumerate(steps):
        if place in shown_places or {place - 1, place + 1} <= shown_places:
            kept.append(step)
        elif kept and kept[-1].event == LEFT_OUT:
            kept[-1] = replace(kept[-1], count=kept[-1].count + 1)
        else:
            kept.append(DiagramStep(LEFT_OUT, time=step.time))
    return kept
