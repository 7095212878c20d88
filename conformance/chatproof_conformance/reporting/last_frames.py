"""The traffic of a finding as lines: who sent what to whom."""

from collections.abc import Collection, Sequence

from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.reporting.traffic_steps import HAPPENINGS
from chatproof_conformance.wire.markers import is_marker, marker_contents
from chatproof_schemas.transcript import Event, Kind

_SPEAKERS = {Kind.CLIENT_DATA: "{} →", Kind.SERVER_DATA: "{} ←", Kind.REQUEST: "user:", Kind.DRIVER_EVENT: "shown:"}


def last_frames(events: Sequence[Event], count: int) -> list[str]:
    """Return the last frames and ends of connections, oldest first, one a line; markers of fences left out."""
    lines: list[str] = []
    markers = marker_contents(events)
    for event in reversed(events):
        lines += reversed(_lines(event, markers))
        if len(lines) >= count:
            break
    return lines[:count][::-1]


def _lines(event: Event, markers: Collection[str]) -> list[str]:
    if event.kind in _SPEAKERS:
        speaker = _SPEAKERS[event.kind].format(event.connection)
        return [f"{speaker} {shown_frame(frame)}" for frame in _frames(event.data, markers)]
    if event.kind is Kind.ANNOUNCE:
        return [f"operator announces {shown_frame(event.data)}"]
    is_end = event.kind in HAPPENINGS and event.kind is not Kind.OPEN
    return [f"{event.connection} {HAPPENINGS[event.kind]}"] if is_end else []


def _frames(data: bytes, markers: Collection[str]) -> list[bytes]:
    return [frame for frame in data.split(b"\n") if frame.strip() and not is_marker(frame, markers)]
