"""The way of one node to the engine: passes on all that comes, until a direction is held, or everything is cut."""

import asyncio
import contextlib
import enum
import threading
from collections.abc import Coroutine
from typing import Any

from chatproof_common.system.errors import is_of_peer
from chatproof_common.system.sockets import reset_on_close
from chatproof_conformance.core.addresses import Address

_HOST = "127.0.0.1"
_CHUNK = 65_536
_SECONDS = 10.0
"""For what the relay's own thread does at once."""


class Direction(enum.Enum):
    """Whither bytes go."""

    TO_ENGINE = "what the node sends to the engine"
    FROM_ENGINE = "what the engine sends to the node"


class Relay:
    """Takes connections for the engine, in a thread of its own, and passes on what comes.

    Attributes:
        address: where it takes them, once it has started.
    """

    def __init__(self, engine: Address) -> None:
        """Listen to nothing yet."""
        self.address: Address = (_HOST, 0)
        self._engine = engine
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._flows: dict[Direction, asyncio.Event] = {}
        self._ways: set[_Way] = set()

    def start(self) -> None:
        """Begin to take connections.

        Raises:
            OSError: if the system has no port for it.
        """
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        try:
            self._do(self._listen())
        except BaseException:
            self.close()
            raise

    def hold(self, *directions: Direction) -> None:
        """Let nothing pass in these directions from now on; what comes waits, and new connections are still taken."""
        self._do(self._set(directions, flows=False))

    def go_on(self) -> None:
        """Let all pass again, what waits first."""
        self._do(self._set(Direction, flows=True))

    def cut(self) -> None:
        """Reset every connection, both ends, in the middle of what is held; new ones pass all again."""
        self._do(self._cut())

    def close(self) -> None:
        """End it, with every connection. Harmless when repeated."""
        loop, self._loop = self._loop, None
        if loop is None or self._thread is None:
            return
        asyncio.run_coroutine_threadsafe(self._end(), loop).result(_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        self._thread.join(_SECONDS)
        loop.close()

    def _do(self, what: Coroutine[Any, Any, None]) -> None:
        """Have the relay's thread do something now; nothing if that has ended."""
        if self._loop is None:
            what.close()
        else:
            asyncio.run_coroutine_threadsafe(what, self._loop).result(_SECONDS)

    async def _listen(self) -> None:
        self._flows = {direction: asyncio.Event() for direction in Direction}
        await self._set(Direction, flows=True)
        self._server = await asyncio.start_server(self._take, *self.address)
        self.address = self._server.sockets[0].getsockname()[:2]

    async def _set(self, directions: Any, *, flows: bool) -> None:
        for direction in directions:
            (self._flows[direction].set if flows else self._flows[direction].clear)()

    async def _cut(self) -> None:
        for way in self._ways:
            way.cut()
        await self._set(Direction, flows=True)

    async def _end(self) -> None:
        self._server.close()
        await self._cut()
        own = asyncio.current_task()
        tasks = [task for task in asyncio.all_tasks() if task is not own]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on one connection, to its end."""
        try:
            engine = await asyncio.open_connection(*self._engine)
        except OSError as error:
            _reset(writer)  # the engine is not there
            if not is_of_peer(error):
                raise
            return
        way = _Way((reader, writer), engine)
        self._ways.add(way)
        try:
            await way.run(self._flows)
        finally:
            self._ways.discard(way)


class _Way:
    """One connection of a node to the engine."""

    def __init__(
        self,
        node: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        engine: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._ends = {Direction.TO_ENGINE: (node[0], engine[1]), Direction.FROM_ENGINE: (engine[0], node[1])}
        self._held: dict[Direction, bytes] = {}

    async def run(self, flows: dict[Direction, asyncio.Event]) -> None:
        """Pass on all, in both directions, until both have ended."""
        try:
            await asyncio.gather(*(self._pass(direction, flows[direction]) for direction in Direction))
        finally:
            self._close()

    async def _pass(self, direction: Direction, flows: asyncio.Event) -> None:
        source, sink = self._ends[direction]
        try:
            while data := await source.read(_CHUNK):
                self._held[direction] = data
                await flows.wait()
                if self._held.pop(direction, None) is None:
                    return  # it was cut meanwhile
                sink.write(data)
                await sink.drain()
            await flows.wait()
            sink.write_eof()
        except OSError as error:
            self._close()
            if not is_of_peer(error):
                raise

    def cut(self) -> None:
        """Pass on the first half of what is held, then reset both ends."""
        for direction, data in self._held.items():
            self._ends[direction][1].write(data[: len(data) // 2])
        self._held.clear()
        self._close()

    def _close(self) -> None:
        for _, sink in self._ends.values():
            _reset(sink)


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection at once; the peer receives a reset, unless its own end has come."""
    with contextlib.suppress(OSError):
        reset_on_close(writer.get_extra_info("socket"))
    writer.transport.abort()
