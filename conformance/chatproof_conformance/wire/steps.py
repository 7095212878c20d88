"""What a client does to play a recording again: its own acts, and the waits that the recorded answers imply."""

from dataclasses import dataclass

from chatproof_conformance.wire.received import received_frames
from chatproof_schemas.transcript import Kind, Transcript

_ENDS = (Kind.SERVER_CLOSE, Kind.SERVER_RESET)
_MUCH = 1_000_000
"""Bytes that others received after it: more than any case sends while everyone reads."""


@dataclass(frozen=True, slots=True)
class ServerStep:
    """One act of a client, or one wait.

    Attributes:
        kind: what is done; ``SERVER_DATA``: wait for frames; ``SERVER_CLOSE``: wait until the server has ended it.
        connection: at which connection; empty for an announcement.
        data: what is sent or announced.
        frames: how many frames the connection must have received by then, since it was opened.
    """

    kind: Kind
    connection: str
    data: bytes = b""
    frames: int = 0


def find_steps(transcript: Transcript) -> list[ServerStep]:
    """Return the steps that play a recording: each wait just before the act that came after it in the recording."""
    frames = {received.event: received.number for received in received_frames(transcript)}
    waits: dict[tuple[str, Kind], ServerStep] = {}
    steps: list[ServerStep] = []
    for index, event in enumerate(transcript.events):
        if event.kind is Kind.SERVER_DATA:
            if index in frames:
                waits[event.connection, Kind.SERVER_DATA] = ServerStep(
                    Kind.SERVER_DATA, event.connection, frames=frames[index]
                )
        elif event.kind in _ENDS:
            waits[event.connection, Kind.SERVER_CLOSE] = ServerStep(Kind.SERVER_CLOSE, event.connection)
        elif event.kind is not Kind.NOTE:
            steps += [*waits.values(), ServerStep(event.kind, event.connection, event.data)]
            waits.clear()
    return [*steps, *waits.values()]


def sent_streams(transcript: Transcript, ends: bytes = b"") -> dict[str, bytes]:
    """Return, by connection, all that its client sent, with ``ends`` after each piece."""
    streams: dict[str, bytearray] = {}
    for event in transcript.events:
        if event.kind is Kind.CLIENT_DATA:
            streams.setdefault(event.connection, bytearray()).extend(event.data + ends)
    return {label: bytes(stream) for label, stream in streams.items()}


def find_stalled(transcript: Transcript) -> set[str]:
    """Return the connections whose client stopped reading for good while others got much more."""
    last: dict[str, int] = {}
    for index, event in enumerate(transcript.events):
        if event.kind in (Kind.OPEN, Kind.SERVER_DATA, *_ENDS):
            last[event.connection] = index
    return {
        name
        for name, index in last.items()
        if sum(len(event.data) for event in transcript.events[index + 1 :] if event.kind is Kind.SERVER_DATA) > _MUCH
    }
