"""The processes of the client under test: used again for the next connection, or started anew ahead of need."""

import asyncio

from chatproof_conformance.endpoints.served.conversing import Played
from chatproof_conformance.endpoints.served.copy import ClientCopy, require_sense
from chatproof_conformance.endpoints.served.player import Player
from chatproof_conformance.endpoints.waves.listening import Listening
from chatproof_conformance.space.conversation.script import Script

_MOST_PATIENCE = 30.0
_AHEAD = 2
"""So many stand ready if the client ends with its connection."""


class Copies:
    """All the processes of one check.

    Attributes:
        listening: what they have shown of their speed.
        started: how many were started.
        tolerated: the requirements that each opening is known to break.
        tells_joined: whether one of them has told that it has joined.
    """

    def __init__(self, command: str) -> None:
        """Start none yet."""
        self.listening = Listening(most=_MOST_PATIENCE)
        self.started = 0
        self.tolerated: set[str] = set()
        self.tells_joined = False
        self._command = command
        self._idle: list[ClientCopy] = []
        self._all: set[ClientCopy] = set()
        self._histories: dict[ClientCopy, list[Script]] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def fresh(self) -> ClientCopy:
        """Start a process.

        Raises:
            TargetGone: if the command cannot be run.
        """
        copy = ClientCopy(self._command, self.listening.beside())
        self.started += 1
        self._all.add(copy)
        self._histories[copy] = []
        return copy

    async def play(self, script: Script, *, factor: float = 1.0, copy: ClientCopy | None = None) -> Played:
        """Play a conversation with a process that has none.

        Args:
            script: the conversation.
            factor: how many times more patient than usual.
            copy: with this process, which is not given back; None: with any.

        Raises:
            TargetGone: if the client cannot be started, or its driver does not speak its protocol.
        """
        one = copy or self._take()
        history = self._histories[one]
        played = await self._play(one, script, factor)
        if played.unread and copy is None:
            self.dispose(one)
            one, history = (fresh := self.fresh()), self._histories[fresh]
            played = await self._play(one, script, factor)
        played.history = tuple(history)
        history.append(script)
        require_sense(one)
        if copy is None:
            self._give_back(one)
        return played

    async def _play(self, one: ClientCopy, script: Script, factor: float) -> Played:
        player = Player(one, script, factor=factor, tolerated=self.tolerated, tells_joined=self.tells_joined)
        played = await player.play()
        self.tells_joined |= played.told_joined
        return played

    def _take(self) -> ClientCopy:
        while self._idle:
            one = self._idle.pop(0)
            if one.alive:
                return one
            self.dispose(one)
        return self.fresh()

    def _give_back(self, one: ClientCopy) -> None:
        if one.alive and not one.stuck:
            self._idle.append(one)
            return
        died = not one.stuck
        self.dispose(one)
        if died:
            while len(self._idle) < _AHEAD:
                self._idle.append(self.fresh())

    def dispose(self, one: ClientCopy, seconds: float = 0.0) -> None:
        """End a process, in the background."""
        self._all.discard(one)
        self._histories.pop(one, None)
        one.release()
        task = asyncio.get_running_loop().create_task(asyncio.to_thread(one.driver.end, seconds))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def close(self) -> None:
        """End all of them at once."""
        for one in self._all:
            one.release()
        for one in self._all:
            one.driver.end(0.0)
        self._all.clear()
        self._idle.clear()
