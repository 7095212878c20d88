"""How a conversation opens: the client connects, asks to join, and is taken or refused."""

import asyncio
from collections.abc import Callable

from chatproof_conformance.endpoints.served.conversing import Conversing
from chatproof_conformance.endpoints.served.copy import NOT_DONE, OVER
from chatproof_conformance.judges.client.client_history import decoded
from chatproof_conformance.space.conversation.acts import Message
from chatproof_conformance.space.conversation.messages import TIME
from chatproof_conformance.space.conversation.script import BY_USER, Opening, Stage

_START_SECONDS, _CONNECT_SECONDS = 30.0, 3.0
_JOIN_FIRST = {"type": "error", "message": "Join first", "code": "not_joined"}
_IN_VAIN = ({"do": "say", "content": "am I in?"}, {"do": "say_privately", "target": "bob", "content": "?"})


class Joining:
    """The opening of one conversation."""

    def __init__(self, talk: Conversing) -> None:
        """Open what is played."""
        self._talk = talk
        self._copy = talk.copy
        self._script = talk.script
        self._taken = 0
        self._refused = 0

    async def run(self) -> bool:
        """Bring the client to where the stages begin; return whether they can be played."""
        script = self._script
        names = [*script.others, script.username]
        connected = await self._connect(names[0])
        if not connected or script.opening is Opening.CONNECTED:
            return False
        if not await self._joins(0):
            return False
        if script.opening is Opening.UNANSWERED:
            await self._ask_early()
            return False
        for place in range(len(names) - (script.opening is not Opening.REFUSED_FOR_GOOD)):
            if not place:
                await self._ask_early()
            if not await self._refuse(place) or place == len(names) - 1 or not await self._join_again(names[place + 1]):
                return False
        self._talk.username = None
        if len(names) == 1:
            await self._ask_early()  # else it was asked before the refusals, after which it must not be sent
        await self._accept(names[-1])
        return True

    async def _connect(self, name: str) -> bool:
        copy = self._copy
        fresh = copy.driver.fresh
        may_end = copy.driver.may_end or copy.driver.end_unreported
        host, port = copy.address
        copy.ask("connect", host=host, port=port, username=name)
        for act in self._script.hasty:
            copy.ask(**act.request())
        no_connection = (*OVER, "unsupported", "invalid_request")
        come = await self._talk.until(
            lambda: copy.connection is not None or copy.has(*no_connection) or not copy.alive,
            seconds=_START_SECONDS if fresh else max(_CONNECT_SECONDS, self._talk.patience),
        )
        if come and copy.connection is None:
            await self._talk.until(lambda: copy.connection is not None, seconds=self._talk.soft)
        if copy.connection is None and not copy.alive and may_end:
            copy.driver.may_end = True
            self._talk.played.unread = not await asyncio.to_thread(copy.last_words)
        if copy.connection is None and not self._talk.played.unread:
            await self._talk.judge(is_late=not come)
        return copy.connection is not None

    async def _joins(self, before: int) -> bool:
        """Wait for the join that the client sends after so many frames; return whether there is one to be answered."""
        copy, connection = self._copy, self._copy.connection
        if connection is None:
            return False

        def is_come() -> bool:
            # What was said behind a join that was refused may still be on its way before the next one.
            frames = connection.frames[before:]
            return any(decoded(frame).get("type") == "join" for frame in frames) if before else bool(frames)

        come = await self._talk.until(lambda: is_come() or copy.over or copy.has(*OVER, since=self._taken), learns=True)
        joined = is_come() and (before > 0 or decoded(connection.frames[0]).get("type") == "join")
        if not joined and connection.ended is None:
            await self._talk.judge(is_late=not come)
        return joined

    async def _ask_early(self) -> None:
        """Let the user say something before the join is answered; nothing need come of it yet."""
        for act in self._script.early:
            since, sent = len(self._copy.events), self._talk.sent
            self._copy.ask(**act.request())
            await self._until_answered(since, sent)

    async def _refuse(self, place: int) -> bool:
        """Refuse the join; return whether the client can try another name."""
        copy = self._copy
        self._taken = len(copy.events)
        refusal = dict(self._script.refusal)
        if place:  # each has its own reason
            refusal["message"] += f", no. {place + 1}"
        await self._talk.say([{"type": "error", **refusal}])
        is_final = self._script.opening is Opening.REFUSED_FOR_GOOD
        if not is_final or self._script.end in BY_USER:
            await self._talk.until(lambda: copy.has(*OVER, "shown", since=self._taken) or copy.over, learns=True)
        if is_final or copy.open is None or copy.has("disconnected", since=self._taken):
            return False
        if not self._script.overdue:
            await self._refuse_messages()
        for request in _IN_VAIN:
            since, sent = len(copy.events), self._talk.sent
            copy.ask(**request)
            await self._until_answered(since, sent)
        if not self._script.overdue:
            await self._refuse_messages()
        for name in self._script.wrong:
            since, sent = len(copy.events), self._talk.sent
            copy.ask("join", username=name)
            await self._until_answered(since, sent)
        return True

    async def _refuse_messages(self) -> None:
        """Refuse what the client has sent behind its join without waiting for the answer, as a server does."""
        pending = len(self._talk.messages()) - self._refused
        self._refused += pending
        await self._talk.say([_JOIN_FIRST] * pending)

    async def _until_answered(self, since: int, sent: int) -> None:
        """Wait a little for what may become of what the user has said: it is sent, or not."""
        talk, copy = self._talk, self._copy
        await talk.until(lambda: talk.sent > sent or copy.has(*NOT_DONE, since=since) or copy.over, seconds=talk.soft)

    async def _join_again(self, name: str) -> bool:
        copy, before = self._copy, self._talk.sent
        self._taken = len(copy.events)
        copy.ask("join", username=name)
        await self._talk.until(
            lambda: self._talk.sent > before or copy.over or copy.has(*OVER, *NOT_DONE, since=self._taken)
        )
        if copy.has("unsupported", since=self._taken) or not await self._joins(before):
            return False
        await self._refuse_messages()
        return True

    async def _accept(self, name: str) -> None:
        """Take the join; what the first stage says comes before the notice, or in one segment with it."""
        script = self._script
        message = {"type": "system", "message": script.notice.replace("{}", name), "timestamp": TIME}
        # Spelt as what follows: the first line of a connection is what a client learns a manner from.
        lines = [self._talk.spelt(script.first or next(iter(script.stages), Stage(())), message)]
        stage = script.first or Stage(())
        said = [act.frame(stage.spelling) + b"\n" for act in stage.said]
        if said and script.opening is Opening.AT_ONCE:
            lines += said
        elif said:
            await self._talk.write(stage, said)
            await self._talk.until(lambda: self._copy.has("joined"), seconds=self._talk.soft)
        await self._talk.close_window(stage, lines, self._early_answers(name))

    def _early_answers(self, name: str) -> Callable[[], list[Message]]:
        """Return what answers the messages that the client sent before its join was answered, or just then."""
        talk, early = self._talk, (*self._script.hasty, *self._script.early)
        refused = self._refused
        return lambda: [answer for said in talk.messages()[refused:] for answer in talk.answer_to(said, early, name)]
