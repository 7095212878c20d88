"""Plays a conversation with one process of the client: its opening, its stages, its end."""

import asyncio
from collections.abc import Sequence

from chatproof_conformance.endpoints.served.conversing import OPENING, Conversing, Failed, Played
from chatproof_conformance.endpoints.served.copy import NOT_DONE
from chatproof_conformance.endpoints.served.ending import Ending
from chatproof_conformance.endpoints.served.opening import Joining
from chatproof_conformance.space.conversation.acts import Asked, Message, Said
from chatproof_conformance.space.conversation.script import Answers, Reading, Stage, Unread

_REFUSED = [event for event in NOT_DONE if event != "disconnected"]


class Player(Conversing):
    """Plays one conversation."""

    async def play(self) -> Played:
        """Play it to its end, or to the first thing that is wrong."""
        self.copy.begin(takes_little=self.script.unread is Unread.OF_USER)
        played, place = self.played, OPENING
        played.started = self.copy.transcript.started
        played.events = self.copy.transcript.events
        try:
            opens = await Joining(self).run()
            if self.copy.close_old():  # that may be told now, and is no news of this connection
                await self.until(lambda: not self.copy.driver.end_unreported, seconds=self.soft)
            if opens:
                self.opens, played.opened = False, True
                for place, stage in enumerate(self.script.stages):
                    await self._stage(stage)
                    played.reached = place + 1
            place = len(self.script.stages)
            await Ending(self).run()
        except Failed:
            played.failed = place
            self.copy.stuck = self.copy.stuck or played.is_late
            self.copy.close_old()
        played.events = list(played.events)
        played.told_joined = self.copy.has("joined")
        for event in self.copy.events:
            if event.get("event") == "unsupported":
                played.lacking[str(event.get("do"))] = str(event.get("reason"))
        return played

    async def _stage(self, stage: Stage) -> None:
        """Play a stage, and see its marker shown."""
        if stage.reading is Reading.SLOW:
            self.copy.stop_reading()
        if stage.answers is Answers.PROMPT and stage.reading is Reading.NORMAL:
            lines = await self._play_in_turn(stage)
            await self.close_window(stage, lines, list)
            return
        first = self.sent
        since = len(self.copy.events)
        for act in stage.asked:
            self.copy.ask(**act.request())
        await self.write(stage, [act.frame(stage.spelling) + b"\n" for act in stage.said])
        if stage.reading is Reading.SLOW:
            self.copy.read_on()
        await self.until(lambda: self._are_done(stage, stage.asked, first, since), learns=False)
        await asyncio.sleep(stage.pause)
        own = self.username or ""

        def answers() -> list[Message]:
            answered = [a for message in self.messages(first) for a in self.answer_to(message, stage.asked, own)]
            return answered[::-1] if stage.answers is Answers.REVERSED else answered

        await self.close_window(stage, [], answers)

    async def _play_in_turn(self, stage: Stage) -> list[bytes]:
        """Let everyone speak in turn; return the lines of the server that are still to be sent."""
        lines: list[bytes] = []
        for act in stage.acts:
            if not isinstance(act, Asked):
                lines.append(act.frame(stage.spelling) + b"\n")
                continue
            await self.write(stage, lines)
            lines = []
            first, since = self.sent, len(self.copy.events)
            self.copy.ask(**act.request())
            seconds = None if act.content else self.soft
            if not await self.until(
                lambda: self._are_done(stage, [act], first, since),  # noqa: B023  it is called at once
                seconds=seconds,
                learns=bool(act.content),
            ):
                if act.content:
                    self.has_missed = True
                    break
                continue
            for message in self.messages(first):
                for answer in self.answer_to(message, [act], self.username or ""):
                    lines.append(self.spelt(stage, answer))
        return lines

    def _are_done(self, stage: Stage, asked: Sequence[Asked], first: int, since: int) -> bool:
        """Whether so much was sent, or refused, as was asked for; a failure may also be how an error is told."""
        errors = sum(isinstance(act, Said) and act.message["type"] == "error" for act in stage.said)
        told = [event for event in self.copy.events[since:] if event.get("event") in _REFUSED]
        contents = [act.content for act in asked]  # the server may tell of other messages that they have failed
        named = sum(event.get("content") in contents for event in told)
        refused = named + max(0, sum("content" not in event for event in told) - errors)
        in_frame = bool(self.copy.connection and self.copy.connection.unfinished)
        return (self.sent - first + refused >= len(asked) and not in_frame) or self.copy.over
