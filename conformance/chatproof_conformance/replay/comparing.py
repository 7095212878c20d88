"""Where a play differs from the recording: the first difference at each connection."""

import json
import re
from collections.abc import Mapping, Sequence
from itertools import zip_longest

from chatproof_conformance.peers.wording import shown_frame
from chatproof_conformance.replay.received import received_frames
from chatproof_conformance.transcript import Transcript
from chatproof_schemas import FrameRefused, decode_frame

_CLOCK = re.compile(rb"[0-2][0-9]:[0-5][0-9]:[0-5][0-9]")


def find_differences(recorded: Transcript, frames: Mapping[str, Sequence[bytes]]) -> list[str]:
    """Return a line for each connection that got something else than in the recording; times do not count.

    Args:
        recorded: the recording.
        frames: by connection, what arrived in the play, with the recorded names.
    """
    lines = []
    before = _recorded_frames(recorded)
    for label in before | dict.fromkeys(frames):
        found = _first_difference(before.get(label, ()), frames.get(label, ()))
        if found is not None:
            lines.append(f"{label}: {found}")
    return lines


def _recorded_frames(recorded: Transcript) -> dict[str, list[bytes]]:
    frames: dict[str, list[bytes]] = {}
    for received in received_frames(recorded):
        if received.number == 1:
            frames[received.connection] = []
        frames[received.connection].append(received.frame)
    return frames


def _first_difference(before: Sequence[bytes], now: Sequence[bytes]) -> str | None:
    for number, (old, new) in enumerate(zip_longest(before, now), 1):
        if old is None:
            return f"one frame more than recorded: {shown_frame(new)}"
        if new is None:
            return f"frame {number} did not come: {shown_frame(old)}"
        if _meaning(old) != _meaning(new):
            return f"frame {number} was {shown_frame(old)}, is now {shown_frame(new)}"
    return None


def _meaning(frame: bytes) -> str | bytes:
    """Return what a frame says, whatever its member order, white space and time."""
    try:
        message = decode_frame(frame)
    except FrameRefused:
        return _CLOCK.sub(b"", frame)
    if isinstance(message, dict):
        message.pop("timestamp", None)
    return json.dumps(message, sort_keys=True)
