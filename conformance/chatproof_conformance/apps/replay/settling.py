"""Has everything arrived? A recording does not say what its server had still to send; fences and timeouts do."""

import secrets
import time
from collections.abc import Callable, Collection, Sequence

from chatproof_conformance.apps.replay.replay_connection import ReplayConnection, read_any
from chatproof_conformance.judges.server import Judgement, judge
from chatproof_conformance.space.spellings import plain
from chatproof_schemas import LEAVE_SECONDS
from chatproof_schemas.transcript import Kind, Transcript

_PAUSE = 0.02
"""Seconds without bytes after which it is worth judging again."""


def fence(lines: Collection[ReplayConnection], seconds: float, *, unframed: bool) -> None:
    """Let every client send one message more, and wait until all of them have arrived, or for ``seconds``.

    By ORDER-1, what a client's frames cause arrives before what its last frame causes: a public message at everyone who
    has joined, an error at one who has not. A client in the middle of a frame sends nothing.
    """
    speakers = [line for line in lines if line.reads and line.writes and line.connection.open and _is_between(line)]
    joined = [line for line in speakers if line.has_joined()]
    goals: list[Callable[[], bool]] = []
    for number, line in enumerate(speakers):
        content = f"end of the replay {number} {secrets.token_hex(4)}"
        goals += [_arrives(content, other) for other in joined] if line in joined else [_is_answered(line)]
        frame = plain({"type": "message", "content": content})
        line.send(frame if unframed else frame + b"\n", seconds, unframed=unframed)
    give_up = time.monotonic() + seconds
    while not all(goal() for goal in goals) and read_any(lines, give_up):
        pass


def judge_when_settled(transcript: Transcript, lines: Sequence[ReplayConnection], seconds: float) -> Judgement:
    """Judge what has arrived; what seems to be missing may be on its way for ``seconds`` more, leaves longer."""
    now = time.monotonic()
    while _judge(transcript).pending:
        if not read_any(lines, now + LEAVE_SECONDS):
            transcript.append("", Kind.NOTE, b"waited for leave notices")
            break
    give_up = max(time.monotonic(), now + seconds)
    while True:
        judgement = _judge(transcript)
        if not judgement.findings or not read_any(lines, give_up):
            transcript.settled = True
            return judgement
        while read_any(lines, time.monotonic() + _PAUSE):
            pass


def _judge(transcript: Transcript) -> Judgement:
    return judge(transcript.events, framing=transcript.framing, settled=True, started=transcript.started)


def _is_between(line: ReplayConnection) -> bool:
    return not line.sent or line.sent.endswith(b"\n")


def _arrives(content: str, line: ReplayConnection) -> Callable[[], bool]:
    marker, seen = content.encode(), len(line.received)
    return lambda: not line.connection.open or any(marker in frame for frame in line.received[seen:])


def _is_answered(line: ReplayConnection) -> Callable[[], bool]:
    seen = len(line.received)
    return lambda: not line.connection.open or len(line.received) > seen
