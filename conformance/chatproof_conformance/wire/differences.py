"""Where a play differs from the recording, connection by connection."""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence

from chatproof_conformance.core.text import shown_frame
from chatproof_conformance.wire.received import received_frames
from chatproof_schemas import FrameRefused, decode_frame
from chatproof_schemas.transcript import Transcript

_CLOCK = re.compile(rb"[0-2][0-9]:[0-5][0-9]:[0-5][0-9]")


def find_differences(recorded: Transcript, frames: Mapping[str, Sequence[bytes]]) -> list[str]:
    """Return a line for each connection that got something else than in the recording.

    Times do not count, nor does the wording of errors.

    Args:
        recorded: the recording.
        frames: by connection, what arrived in the play, with the recorded names.
    """
    lines = []
    before = frames_by_connection(recorded)
    for label in before | dict.fromkeys(frames):
        found = _difference(before.get(label, ()), frames.get(label, ()))
        if found is not None:
            lines.append(f"{label}: {found}")
    return lines


def frames_by_connection(recorded: Transcript) -> dict[str, list[bytes]]:
    """Return the frames that each connection received, since it was last opened."""
    frames: dict[str, list[bytes]] = {}
    for received in received_frames(recorded):
        if received.number == 1:
            frames[received.connection] = []
        frames[received.connection].append(received.frame)
    return frames


def _difference(before: Sequence[bytes], now: Sequence[bytes]) -> str | None:
    """Return what one connection lacks and what it has instead; the order may differ if clients act together."""
    lacking = _left_over(before, now)
    unexpected = _left_over(now, before)
    if lacking and unexpected:
        return f"{shown_frame(lacking[0])} did not come, but {shown_frame(unexpected[0])}{_more(lacking, unexpected)}"
    if lacking:
        return f"{shown_frame(lacking[0])} did not come{_more(lacking)}"
    if unexpected:
        return f"{shown_frame(unexpected[0])} came, which is not in the recording{_more(unexpected)}"
    return None


def _left_over(frames: Sequence[bytes], others: Sequence[bytes]) -> list[bytes]:
    """Return the frames whose meaning the others have not, or not so often."""
    have = Counter(map(_meaning, others))
    left = []
    for frame in frames:
        meaning = _meaning(frame)
        have[meaning] -= 1
        if have[meaning] < 0:
            left.append(frame)
    return left


def _more(*lists: Sequence[bytes]) -> str:
    count = max(map(len, lists)) - 1
    return f" (and {count} more)" if count else ""


def _meaning(frame: bytes) -> str | bytes:
    """Return what a frame says, whatever its member order, white space and time, and the wording of an error."""
    try:
        message = decode_frame(frame)
    except FrameRefused:
        return _CLOCK.sub(b"", frame)
    if isinstance(message, dict):
        message.pop("timestamp", None)
        if message.get("type") == "error":
            message.pop("message", None)
    return json.dumps(message, sort_keys=True)
