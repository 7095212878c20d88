"""The frames that a recording's clients received."""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from chatproof_schemas.transcript import Kind, Transcript

_BLANK = b" \t\r"
_DECODER = json.JSONDecoder()


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
    pending: dict[str, bytes] = {}
    counts: dict[str, int] = {}
    split = _split_objects if transcript.framing == "none" else _split_lines
    for index, event in enumerate(transcript.events):
        label = event.connection
        if event.kind is Kind.OPEN:
            pending[label], counts[label] = b"", 0
        elif event.kind is Kind.SERVER_DATA:
            frames, pending[label] = split(pending.get(label, b"") + event.data)
            for frame in frames:
                counts[label] = counts.get(label, 0) + 1
                yield ReceivedFrame(index, label, counts[label], frame)


def _split_lines(data: bytes) -> tuple[list[bytes], bytes]:
    *lines, rest = data.split(b"\n")
    return [line for line in lines if line.strip(_BLANK)], rest


def _split_objects(data: bytes) -> tuple[list[bytes], bytes]:
    """Take whole JSON values off the front: with framing ``none`` nothing else ends a frame."""
    frames: list[bytes] = []
    text = data.decode("utf-8", "surrogateescape").lstrip()
    while text:
        try:
            _, end = _DECODER.raw_decode(text)
        except (ValueError, RecursionError):
            break
        frames.append(text[:end].encode("utf-8", "surrogateescape"))
        text = text[end:].lstrip()
    return frames, text.encode("utf-8", "surrogateescape")
