"""Plays a conversation with one process of the client, and judges it window by window."""

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.endpoints.process.scheduler_delay import scheduler_delay
from chatproof_conformance.endpoints.served.copy import NOT_DONE, OVER, ClientCopy
from chatproof_conformance.endpoints.served.ending import Ending
from chatproof_conformance.judges.client import ClientJudgement, find_culprit, judge_client
from chatproof_conformance.judges.client.client_history import DRIVER_ENDED, decoded
from chatproof_conformance.space.conversation.acts import Asked, Message
from chatproof_conformance.space.conversation.messages import TIME
from chatproof_conformance.space.conversation.script import BY_USER, Answers, Opening, Reading, Script, Stage
from chatproof_conformance.space.conversation.stream import segments
from chatproof_conformance.space.spellings import SPELLINGS, plain
from chatproof_conformance.wire.markers import marker_note
from chatproof_schemas.transcript import Event, Kind

_START_SECONDS = 30.0
_LATENESS = 10
"""How often in a row a busy machine may let an answer wait for its turn."""
_SOFT_SECONDS, _SOFT = 0.03, 0.15
"""For what need not come: so long at least, and this part of the patience."""
_READ_SECONDS = 0.25
_SEGMENTS_SECONDS = 1.5
"""For all the pieces of a stage to be read one by one; then the rest comes as it comes."""
OPENING = -1
MARKER = "harness"


@dataclass(slots=True)
class Played:
    """How a conversation went.

    Attributes:
        script: what was played.
        events: what passed.
        started: the wall-clock time of second 0.
        failed: the number of the stage that failed; ``OPENING``, or the number of stages if its end did; None: none.
        findings: what is wrong there, the most telling first.
        is_late: whether something that had to come had not in time, so that more time may tell otherwise.
        evidence: what was right and could have been wrong.
        reached: how many stages were closed by their marker.
        lacking: why the driver cannot do something, by what it is.
        told_joined: whether the driver has told that the client has joined.
        history: what the process had played before.
    """

    script: Script
    events: list[Event] = field(default_factory=list)
    started: datetime | None = None
    failed: int | None = None
    findings: tuple[Finding, ...] = ()
    is_late: bool = False
    evidence: Evidence = field(default_factory=Evidence)
    reached: int = 0
    lacking: dict[str, str] = field(default_factory=dict)
    told_joined: bool = False
    history: tuple[Script, ...] = ()


class Failed(Exception):  # noqa: N818  the end of a conversation
    """Something is wrong with the conversation as it is now."""


class Player:
    """One conversation.

    Attributes:
        copy: the process.
        username: the name under which the client is joined, None if it is not.
        script: what is played.
        played: how it goes.
    """

    def __init__(self, copy: ClientCopy, script: Script, *, factor: float = 1.0) -> None:
        """Begin; ``factor``: how many times more patient than usual."""
        self.copy = copy
        self.script = script
        self.username: str | None = None
        self.played = Played(script)
        self._factor = factor
        self._judged_to = 0
        self._numbers = itertools.count(1)
        self._place = OPENING
        self._taken = 0
        self._has_missed = False

    async def play(self) -> Played:
        """Play it to its end, or to the first thing that is wrong."""
        self.copy.begin()
        played = self.played
        played.started = self.copy.transcript.started
        played.events = self.copy.transcript.events
        try:
            if await self._open():
                for place, stage in enumerate(self.script.stages):
                    self._place = place
                    await self._stage(stage)
                    played.reached = place + 1
            self._place = len(self.script.stages)
            await Ending(self).run()
        except Failed:
            played.failed = self._place
            self.copy.stuck = self.copy.stuck or played.is_late
        played.events = list(played.events)
        played.told_joined = self.copy.has("joined")
        for event in self.copy.events:
            if event.get("event") == "unsupported":
                played.lacking[str(event.get("do"))] = str(event.get("reason"))
        return played

    # Waiting

    @property
    def patience(self) -> float:
        """Seconds of silence after which what has not come will not come."""
        return max(self.copy.listening.patience(self._factor), _LATENESS * scheduler_delay())

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

    # Opening

    async def _open(self) -> bool:
        """Bring the client to where the stages begin; return whether they can be played."""
        script = self.script
        names = [*script.others, script.username]
        connected = await self._connect(names[0])
        if not connected or script.opening is Opening.CONNECTED:
            return False
        if not await self._joins(0):
            return False
        if script.opening is Opening.UNANSWERED:
            return False
        for place in range(len(names) - (script.opening is not Opening.REFUSED_FOR_GOOD)):
            await self._ask_early()
            if not await self._refuse() or place == len(names) - 1 or not await self._join_again(names[place + 1]):
                return False
        self.username = None
        await self._ask_early()
        await self._accept(names[-1])
        return True

    async def _connect(self, name: str) -> bool:
        copy = self.copy
        fresh = copy.driver.fresh
        host, port = copy.address
        copy.ask("connect", host=host, port=port, username=name)
        no_connection = (*OVER, "unsupported", "invalid_request")
        come = await self.until(
            lambda: copy.connection is not None or copy.has(*no_connection) or not copy.alive,
            seconds=_START_SECONDS if fresh else None,
        )
        if come and copy.connection is None:
            await self.until(lambda: copy.connection is not None, seconds=self.soft)
        if copy.connection is None:
            await self.judge(is_late=not come)
        return copy.connection is not None

    async def _joins(self, before: int) -> bool:
        """Wait for the join that the client sends after so many frames; return whether there is one to be answered."""
        copy, connection = self.copy, self.copy.connection
        if connection is None:
            return False
        come = await self.until(
            lambda: len(connection.frames) > before or copy.over or copy.has(*OVER, since=self._taken), learns=True
        )
        joined = len(connection.frames) > before and decoded(connection.frames[before]).get("type") == "join"
        if not joined:
            await self.judge(is_late=not come)
        return joined

    async def _ask_early(self) -> None:
        """Let the user say something before the join is answered; nothing need come of it yet."""
        for act in self.script.early:
            since, sent = len(self.copy.events), self._sent
            self.copy.ask(**act.request())
            await self.until(lambda: self._sent > sent or self.copy.has(*NOT_DONE, since=since), seconds=self.soft)  # noqa: B023  it is called at once

    async def _refuse(self) -> bool:
        """Refuse the join; return whether the client can try another name."""
        copy = self.copy
        self._taken = len(copy.events)
        await self.say([{"type": "error", **dict(self.script.refusal)}])
        is_final = self.script.opening is Opening.REFUSED_FOR_GOOD
        if not is_final or self.script.end in BY_USER:
            await self.until(lambda: copy.has(*OVER, "shown", since=self._taken) or copy.over, learns=True)
        if is_final or copy.open is None or copy.has("disconnected", since=self._taken):
            return False
        for request in ({"do": "say", "content": "am I in?"}, {"do": "say_privately", "target": "bob", "content": "?"}):
            since, sent = len(copy.events), self._sent
            copy.ask(**request)
            await self.until(
                lambda: self._sent > sent or copy.has(*NOT_DONE, since=since) or copy.over,  # noqa: B023  as above
                seconds=self.soft,
            )
        return True

    async def _join_again(self, name: str) -> bool:
        copy, before = self.copy, self._sent
        self._taken = len(copy.events)
        copy.ask("join", username=name)
        await self.until(lambda: self._sent > before or copy.over or copy.has(*OVER, *NOT_DONE, since=self._taken))
        if copy.has("unsupported", since=self._taken):
            return False
        return await self._joins(before)

    async def _accept(self, name: str) -> None:
        """Take the join; what the first stage says comes before the notice, or in one segment with it."""
        script = self.script
        notice = plain({"type": "system", "message": f"{name} joined the chat", "timestamp": TIME}) + b"\n"
        stage, lines = script.first or Stage(()), [notice]
        said = [act.frame(stage.spelling) + b"\n" for act in stage.said]
        if said and script.opening is Opening.AT_ONCE:
            lines += said
        elif said:
            await self._write(stage, said)
            await self.until(lambda: self.copy.has("joined"), seconds=self.soft)
        await self._close_window(stage, lines, self._early_answers(name))

    def _early_answers(self, name: str) -> Callable[[], list[Message]]:
        """Return what answers the messages that the client sent before its join was answered, or just then."""
        return lambda: [
            answer for message in self.messages() for answer in self.answer_to(message, self.script.early, name)
        ]

    # Stages

    async def _stage(self, stage: Stage) -> None:
        """Play a stage, and see its marker shown."""
        if stage.reading is Reading.SLOW:
            self.copy.stop_reading()
        if stage.answers is Answers.PROMPT and stage.reading is Reading.NORMAL:
            lines = await self._play_in_turn(stage)
            await self._close_window(stage, lines, list)
            return
        first = self._sent
        since = len(self.copy.events)
        for act in stage.asked:
            self.copy.ask(**act.request())
        await self._write(stage, [act.frame(stage.spelling) + b"\n" for act in stage.said])
        if stage.reading is Reading.SLOW:
            self.copy.read_on()
        await self.until(lambda: self._are_done(stage.asked, first, since), learns=False)
        await asyncio.sleep(stage.pause)
        own = self.username or ""

        def answers() -> list[Message]:
            answered = [a for message in self.messages(first) for a in self.answer_to(message, stage.asked, own)]
            return answered[::-1] if stage.answers is Answers.REVERSED else answered

        await self._close_window(stage, [], answers)

    async def _play_in_turn(self, stage: Stage) -> list[bytes]:
        """Let everyone speak in turn; return the lines of the server that are still to be sent."""
        lines: list[bytes] = []
        for act in stage.acts:
            if not isinstance(act, Asked):
                lines.append(act.frame(stage.spelling) + b"\n")
                continue
            await self._write(stage, lines)
            lines = []
            first, since = self._sent, len(self.copy.events)
            self.copy.ask(**act.request())
            seconds = None if act.content else self.soft
            if not await self.until(
                lambda: self._are_done([act], first, since),  # noqa: B023  it is called at once
                seconds=seconds,
                learns=bool(act.content),
            ):
                if act.content:
                    self._has_missed = True
                    break
                continue
            for message in self.messages(first):
                for answer in self.answer_to(message, [act], self.username or ""):
                    lines.append(self.spelt(stage, answer))
        return lines

    def _are_done(self, asked: Sequence[Asked], first: int, since: int) -> bool:
        """Whether so much was sent, or refused, as was asked for."""
        refused = sum(event.get("event") in NOT_DONE for event in self.copy.events[since:])
        return self._sent - first + refused >= len(asked) or self.copy.over

    async def _close_window(self, stage: Stage, lines: list[bytes], answers: Callable[[], list[Message]]) -> None:
        """Send lines, answers and a marker, wait until it is shown, and judge all that has passed."""
        copy = self.copy
        content = f"marker {next(self._numbers)} of {copy.conversations}"
        marker = plain({"type": "message", "username": MARKER, "content": content, "timestamp": TIME}) + b"\n"
        lines = [*lines, *(self.spelt(stage, answer) for answer in answers())]
        since, start = len(copy.events), time.monotonic()

        def is_shown() -> bool:
            return any(e.get("event") == "shown" and e.get("content") == content for e in copy.events[since:])

        copy.note(marker_note(content))
        await self._write(stage, [*lines, marker])
        come = await self.until(lambda: is_shown() or copy.over)
        if is_shown():
            copy.listening.learn(time.monotonic() - start)
        await self.judge(is_late=not come)

    async def _write(self, stage: Stage, lines: Sequence[bytes]) -> None:
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
    def _sent(self) -> int:
        return len(self.copy.connection.frames) if self.copy.connection is not None else 0

    # Judging

    async def judge(self, *, is_late: bool = False) -> None:
        """Judge everything since the last time; what is missing may still be on its way for a moment.

        Raises:
            Failed: if anything is wrong.
        """
        judged = self._judgement()
        if judged.findings and self.copy.alive and self.copy.nonsense is None and not is_late:
            seconds = self.patience if judged.may_come and not self._has_missed else self.soft
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
        self.played.evidence.add(judged.evidence)

    def _placed(self, finding: Finding) -> Finding:
        """Return a finding of a window with its place in the whole conversation."""
        return finding if finding.event is None else replace(finding, event=finding.event + self._judged_to)

    def _judgement(self) -> ClientJudgement:
        return judge_client(self.copy.transcript.events[self._judged_to :], self.username)

    async def _death(self) -> Finding | None:
        """Return that the client died, if it did; note that its driver ended, if it was free to."""
        if self.copy.alive:
            return None
        words = await asyncio.to_thread(self.copy.last_words)
        if not words:
            self.copy.note(DRIVER_ENDED)
            return None
        events = self.copy.transcript.events[self._judged_to :]
        culprit = find_culprit(events) or ("CLIENT-14" if events and events[-1].kind is Kind.REQUEST else "CLIENT-3")
        return Finding(culprit, "the client to survive", words)
