"""The frames that a recording's clients received."""

from collections.abc import Iterator
from dataclasses import dataclass

from chatproof_conformance.wire.framing import FrameSplitter, frame_splitter
from chatproof_schemas.transcript import Kind, Transcript


@dataclass(frozen=True, slots=True)
class ReceivedFrame:
    """One frame.

    Attributes:
        event: index of the event with its last byte.
        connection: where it arrived.
        number: its place among the frames of the connection, from 1.
        frame: its bytes, without LF.
    """

    event: int
    connection: str
    number: int
    frame: bytes


def received_frames(transcript: Transcript) -> Iterator[ReceivedFrame]:
    """Yield every complete frame that arrived and is not blank; opening a connection again begins its count again."""
    splitters: dict[str, FrameSplitter] = {}
    counts: dict[str, int] = {}
    for index, event in enumerate(transcript.events):
        label = event.connection
        if event.kind is Kind.OPEN or label not in splitters:
            splitters[label], counts[label] = frame_splitter(transcript.framing), 0
        if event.kind is Kind.SERVER_DATA:
            for frame in splitters[label].feed(event.data):
                counts[label] += 1
                yield ReceivedFrame(index, label, counts[label], frame)
