"""How a conversation ends, and what its user asks for when it is over."""

import asyncio

from chatproof_conformance.endpoints.served.conversing import Conversing
from chatproof_conformance.endpoints.served.copy import NOT_DONE
from chatproof_conformance.space.conversation.messages import TIME
from chatproof_conformance.space.conversation.script import BY_USER, JOINS, End, Opening, Unread
from chatproof_conformance.space.spellings import plain

_SAID_LAST, _LAST_WORDS = 30, 20
_MUCH, _SHORT_WORDS, _LONG_WORDS = 80, 880, 7000
"""Messages of which, at that length, no system takes all off the hands of who writes to one who does not read."""
_UNREAD_SECONDS = 1.2
"""For so long a server reads nothing of what a user has said last."""
_HALF = plain({"type": "message", "username": "bob", "content": "é🙂 cut off", "timestamp": TIME})[:-12]
_UNENDED = plain({"type": "message", "username": "bob", "content": "no line end", "timestamp": TIME})
_SAID_LATE = ({"do": "say", "content": "is anyone there?"}, {"do": "say_privately", "target": "bob", "content": "bob?"})


class Ending:
    """The end of one conversation."""

    def __init__(self, player: Conversing) -> None:
        """End what a player plays."""
        self._player = player
        self._copy = player.copy
        self._end = player.script.end

    async def run(self) -> None:
        """End it, and judge the end.

        Raises:
            Failed: if anything is wrong.
        """
        player = self._player
        if self._copy.connection is None:
            return
        if self._copy.connection.open:
            if player.script.unread is Unread.OF_USER:
                await self._speak_unread()
            come = await (self._leave() if self._end in BY_USER else self._vanish())
        else:
            self._copy.close_connection()  # as a server does, for which the client may wait
            seconds = self._player.soft if self._copy.has("refused") else None  # then it need not say more
            come = await self._player.until(
                lambda: self._copy.has("disconnected") or not self._copy.alive, seconds=seconds
            )
        come = come and (self._end is End.CONNECTS_ANEW or await self._say_in_vain())
        await self._player.judge(is_late=not come)

    async def _leave(self) -> bool:
        """Let the user leave; return whether the client ends its side."""
        copy, player = self._copy, self._player
        connection = copy.connection
        assert connection is not None  # noqa: S101  run() has looked
        since = len(copy.events)
        if self._end is End.LEAVE_TALKING and player.username is not None:
            length = 1 if copy.conversations % 2 else 800
            for number in range(_SAID_LAST):
                copy.ask("say", content=f"last word {number} " + "x" * length)
        if self._end is End.CONNECTS_ANEW and player.script.unread is Unread.NOTHING:
            copy.linger()
            return True
        if player.script.unread is Unread.OF_SERVER:
            await copy.send(self._words(_MUCH, _LONG_WORDS), player.patience)
        await self._ask_to_leave()
        if player.script.unread is Unread.OF_USER:
            await asyncio.sleep(_UNREAD_SECONDS)
            copy.read_on()

        def has_ended() -> bool:
            return connection.ended is not None or not copy.alive

        if player.script.opening is Opening.UNANSWERED and not await player.until(has_ended, seconds=player.soft):
            # It may wait for the answer, so as to send what it has kept.
            await player.say(
                [{"type": "system", "message": f"{player.script.username} joined the chat", "timestamp": TIME}]
            )
        ended = await player.until(has_ended)
        if not copy.alive:  # what it has sent before may still be on its way
            await player.until(lambda: connection.ended is not None)
        if ended:
            copy.close_connection()
            told = await player.until(
                lambda: copy.has("disconnected", since=since) or not copy.alive, seconds=player.soft
            )
            copy.driver.end_unreported = not told
        return ended

    async def _ask_to_leave(self) -> None:
        copy, player = self._copy, self._player
        match self._end:
            case End.INPUT_ENDS:
                if not await player.until(lambda: copy.all_is_asked, seconds=player.soft):
                    copy.read_on()  # it takes no more requests while nobody reads
                    await player.until(lambda: copy.all_is_asked)
                copy.end_input()
            case End.CONNECTS_ANEW:
                copy.connect_anew(player.script.username)
            case _:
                copy.ask("leave")

    async def _speak_unread(self) -> None:
        """Let the user say much that the server does not read for now."""
        self._copy.stop_reading()
        for number in range(_MUCH):
            self._copy.ask("say", content=f"unread {number} " + "x" * _SHORT_WORDS)
        # Until it waits for who does not read, or has nothing more to write.
        await self._player.until(lambda: False, seconds=self._player.soft)

    async def _vanish(self) -> bool:
        """End the connection as a server does that stops or dies; return whether that is told."""
        copy, player = self._copy, self._player
        match self._end:
            case End.HALF_CLOSE:
                copy.half_close()
            case End.RESET:
                copy.close_connection(reset=True)
            case End.LAST_WORDS:
                await copy.send(self._words(_LAST_WORDS), player.patience)
                copy.close_connection()
            case End.MID_FRAME | End.RESET_MID_FRAME:
                await copy.send(_HALF, player.patience)
                copy.close_connection(reset=self._end is End.RESET_MID_FRAME)
            case End.NO_LF:
                await copy.send(_UNENDED if player.username is not None else b"", player.patience)
                copy.close_connection()
            case End.FIN_TALKING:
                for request in _SAID_LATE:
                    copy.ask(**request)
                copy.close_connection()
            case _:
                copy.close_connection()
        noticed = await player.until(
            lambda: copy.has("disconnected") or not copy.alive, learns=self._end is not End.FIN_TALKING
        )
        if self._end is End.HALF_CLOSE:
            await player.until(lambda: copy.open is None or not copy.alive, seconds=player.soft)
            copy.close_connection()
        if player.script.unread is Unread.OF_USER:  # that it is not sent may be told message by message
            await player.until(lambda: False, seconds=player.soft)
        player.played.evidence.deliveries += noticed
        return noticed

    def _words(self, count: int, length: int = 0) -> bytes:
        """Return the last words of a server; to a client that has joined, or was refused, all are valid."""
        if self._player.script.opening not in JOINS:
            return b""
        words = (f"last words {n} " + "x" * length for n in range(count))
        said = [{"type": "message", "username": "bob", "content": content, "timestamp": TIME} for content in words]
        said.append({"type": "system", "message": "The server is stopping.", "timestamp": TIME})
        return b"".join(plain(one) + b"\n" for one in said)

    async def _say_in_vain(self) -> bool:
        """Ask for messages when there is no connection; return whether each is told as not sent, if that is owed."""
        copy, player = self._copy, self._player
        if not copy.alive or not copy.has("disconnected"):
            return True
        for request in _SAID_LATE:
            since = len(copy.events)
            copy.ask(**request)
            come = await player.until(lambda: copy.has(*NOT_DONE, since=since) or not copy.alive)  # noqa: B023  at once
            if not copy.alive:
                return True
            if not come:
                return False
        return True
