"""One conversation with a process of the client: waiting, sending, and the judgement of each window."""

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.process.scheduler_delay import scheduler_delay
from chatproof_conformance.endpoints.served.copy import ClientCopy
from chatproof_conformance.judges.client import ClientJudgement, find_culprit, judge_client
from chatproof_conformance.judges.client.client_history import DRIVER_ENDED, decoded
from chatproof_conformance.judges.client.sent import unescaped_in
from chatproof_conformance.space.conversation.acts import Asked, Message
from chatproof_conformance.space.conversation.messages import TIME
from chatproof_conformance.space.conversation.script import Script, Stage
from chatproof_conformance.space.conversation.stream import segments
from chatproof_conformance.space.spellings import SPELLINGS, plain
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Event, Kind

_LATENESS = 10
"""How often in a row a busy machine may let an answer wait for its turn."""
_SOFT_SECONDS, _SOFT = 0.03, 0.15
"""For what need not come: so long at least, and this part of the patience."""
_FRESH_SECONDS = 0.1
"""For so long a patience holds that was reckoned once."""
_READ_SECONDS = 0.25
_SEGMENTS_SECONDS = 1.5
"""For all the pieces of a stage to be read one by one; then the rest comes as it comes."""
OPENING = -1
MARKER = "harness"
SURVIVE = "the client to survive"
"""What is expected of a client that died."""


@dataclass(slots=True)
class Played:
    """How a conversation went.

    Attributes:
        script: what was played.
        events: what passed.
        started: the wall-clock time of second 0.
        opened: whether the client came to where the stages begin.
        unread: whether the process ended, as it may, before it read that it was to connect.
        ended: whether the driver ended with its connection, as it may.
        failed: the number of the stage that failed; ``OPENING``, or the number of stages if its end did; None: none.
        findings: what is wrong there, the most telling first.
        is_late: whether something that had to come had not in time, so that more time may tell otherwise.
        evidence: what was right and could have been wrong.
        tested: by requirement, how often it was put to the test.
        reached: how many stages were closed by their marker.
        lacking: why the driver cannot do something, by what it is.
        told_joined: whether the driver has told that the client has joined.
        history: what the process had played before.
    """

    script: Script
    events: list[Event] = field(default_factory=list)
    started: datetime | None = None
    opened: bool = False
    unread: bool = False
    ended: bool = False
    failed: int | None = None
    findings: tuple[Finding, ...] = ()
    is_late: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    tested: Counter[str] = field(default_factory=Counter)
    reached: int = 0
    lacking: dict[str, str] = field(default_factory=dict)
    told_joined: bool = False
    history: tuple[Script, ...] = ()


class Failed(Exception):  # noqa: N818  the end of a conversation
    """Something is wrong with the conversation as it is now."""


class Conversing:
    """One conversation.

    Attributes:
        copy: the process.
        username: the name under which the client is joined, None if it is not.
        script: what is played.
        played: how it goes.
        opens: whether it has not come to its first stage yet.
        has_missed: whether something that had to come has not, so that waiting for more of it is in vain.
    """

    def __init__(
        self,
        copy: ClientCopy,
        script: Script,
        *,
        factor: float = 1.0,
        tolerated: Collection[str] = (),
        tells_joined: bool = False,
    ) -> None:
        """Begin.

        Args:
            copy: the process.
            script: what is played.
            factor: how many times more patient than usual.
            tolerated: what is known to be broken by each opening: it does not end the conversation.
            tells_joined: whether the driver has been seen to tell that the client has joined.
        """
        self.copy = copy
        self.script = script
        self.username: str | None = None
        self.played = Played(script)
        self.has_missed = False
        self.opens = True
        self._factor = factor
        self._tolerated = tolerated
        self._tells_joined = tells_joined
        self._patience = -1.0, 0.0
        self._judged_to = 0
        self._numbers = itertools.count(1)

    # Waiting

    @property
    def patience(self) -> float:
        """Seconds of silence after which what has not come will not come."""
        now = time.monotonic()
        if now - self._patience[0] > _FRESH_SECONDS:
            patience = max(self.copy.listening.patience(self._factor), _LATENESS * scheduler_delay())
            self._patience = now, patience
        return self._patience[1]

    @property
    def soft(self) -> float:
        """Seconds to wait for what may come, or not."""
        return max(_SOFT_SECONDS, _SOFT * self.patience)

    async def until(self, condition: Callable[[], bool], *, seconds: float | None = None, learns: bool = False) -> bool:
        """Wait until something is so; return whether it is."""
        start = time.monotonic()
        come = await self.copy.until(condition, self.patience if seconds is None else seconds)
        if come and learns:
            self.copy.listening.learn(time.monotonic() - start)
        return come

    # Windows

    async def close_window(self, stage: Stage, lines: list[bytes], answers: Callable[[], list[Message]]) -> None:
        """Send lines, answers and a marker, wait until it is shown, and judge all that has passed."""
        copy = self.copy
        content = f"marker {next(self._numbers)} of {copy.conversations}"
        other = MARKER if self.script.username != MARKER else f"another {MARKER}"
        marker = plain({"type": "message", "username": other, "content": content, "timestamp": TIME}) + b"\n"
        lines = [*lines, *(self.spelt(stage, answer) for answer in answers())]
        if stage.fills:
            size = sum(map(len, lines)) + len(marker) + 1
            lines.insert(0, b" " * (-size % stage.fills) + b"\n")
        since, start = len(copy.events), time.monotonic()

        def is_shown() -> bool:
            return any(e.get("event") == "shown" and e.get("content") == content for e in copy.events[since:])

        copy.note(marker_note(content))
        await self.write(stage, [*lines, marker])
        come = await self.until(lambda: is_shown() or copy.over)
        if copy.connection is not None and copy.connection.unfinished:  # windows begin where frames do
            await self.until(lambda: not (copy.connection and copy.connection.unfinished) or copy.over)
        if is_shown():
            copy.listening.learn(time.monotonic() - start)
        await self.judge(is_late=not come)

    async def write(self, stage: Stage, lines: Sequence[bytes]) -> None:
        """Send lines in the segments of a stage."""
        began = time.monotonic()
        parts = segments(stage, lines) if lines else []
        for number, segment in enumerate(parts):
            if segment.pause:
                await asyncio.sleep(segment.pause)
            await self.copy.send(segment.data, self.patience)
            if number < len(parts) - 1 and time.monotonic() - began < _SEGMENTS_SECONDS:
                await self.copy.until_read(_READ_SECONDS)

    # What is said

    async def say(self, messages: Sequence[Message]) -> None:
        """Send messages in one segment."""
        await self.copy.send(b"".join(plain(message) + b"\n" for message in messages), self.patience)

    @staticmethod
    def spelt(stage: Stage, message: Message) -> bytes:
        """Return a message as a line, in the spelling of a stage."""
        return SPELLINGS.get(stage.spelling, plain)(message) + b"\n"

    @staticmethod
    def answer_to(message: Message, asked: Sequence[Asked], own: str) -> list[Message]:
        """Return what answers a message of the client."""
        act = next((one for one in asked if one.content == message.get("content")), Asked("", ""))
        return act.answers(message, own, TIME)

    def messages(self, first: int = 1) -> list[Message]:
        """Return the messages, but joins, that the client has sent after the first so many frames."""
        frames = self.copy.connection.frames[first:] if self.copy.connection is not None else []
        read = map(decoded, frames)
        return [one for one in read if one.get("type") in ("message", "private_message") and one.get("content")]

    @property
    def sent(self) -> int:
        """How many frames the client has sent."""
        return len(self.copy.connection.frames) if self.copy.connection is not None else 0

    # Judging

    async def judge(self, *, is_late: bool = False) -> None:
        """Judge everything since the last time; what is missing may still be on its way for a moment.

        Raises:
            Failed: if anything is wrong.
        """
        judged = self._judgement()
        if judged.findings and self.copy.alive and self.copy.nonsense is None and not is_late:
            seconds = self.patience if judged.may_come and not self.has_missed else self.soft
            await self.until(lambda: not (self.copy.alive and self._judgement().findings), seconds=seconds)
            is_late = judged.may_come
        death = await self._death()
        judged = self._judgement() if judged.findings else judged
        findings = (death,) if death is not None else judged.findings
        self.username = judged.username
        if findings:
            self.played.findings, self.played.is_late = tuple(map(self._placed, findings)), is_late
            raise Failed
        self._judged_to = len(self.copy.transcript.events)
        if self.copy.connection is not None:
            self.copy.unescaped |= unescaped_in(self.copy.connection.frames)
        self.played.evidence.add(judged.evidence)
        self.played.tested.update(judged.tested)

    def _placed(self, finding: Finding) -> Finding:
        """Return a finding of a window with its place in the whole conversation."""
        if finding.requirement == "CLIENT-15" and self.username is not None and not self.copy.has("joined"):
            expected = "a client to take itself for joined when the server takes its join"
            finding = replace(finding, requirement="CLIENT-13", expected=expected)
        return finding if finding.event is None else replace(finding, event=finding.event + self._judged_to)

    def _judgement(self) -> ClientJudgement:
        events = self.copy.transcript.events[self._judged_to :]
        judged = judge_client(events, self.username, self.copy.unescaped, tells_joined=self._tells_joined)
        if self.opens and self._tolerated:
            left = tuple(one for one in judged.findings if one.requirement not in self._tolerated)
            judged = replace(judged, findings=left)
        return judged

    async def _death(self) -> Finding | None:
        """Return that the client died, if it did; note that its driver ended, if it was free to."""
        if self.copy.alive:
            return None
        words = await asyncio.to_thread(self.copy.last_words)
        if not words:
            self.copy.note(DRIVER_ENDED)
            self.played.ended = True
            return None
        events = self.copy.transcript.events[self._judged_to :]
        culprit = find_culprit(events) or ("CLIENT-14" if events and events[-1].kind is Kind.REQUEST else "CLIENT-3")
        return Finding(culprit, SURVIVE, words)
