"""A client on asyncio: one task takes the requests, one reads the server."""

import asyncio
import contextlib
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from baseline.checks import is_name
from baseline.client import Client
from baseline.requests import take_request, write_event

READ_BYTES = 1000
LINE_BYTES = 1 << 20
FAREWELL_SECONDS = 2.0


class Tasks:
    """The streams and tasks of one client."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._opened: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._client = Client(self)

    async def run(self) -> int:
        requests = asyncio.StreamReader(limit=LINE_BYTES)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(requests), sys.stdin)
        while line := await requests.readline():
            await self._prepare(line)
            take_request(self._client, line)
        self._client.leave()
        await self._await_end()
        return 0

    async def _prepare(self, line: bytes) -> None:
        """Open the connection that a request asks for, since the client itself knows nothing that has to be awaited."""
        request = _read(line)
        if request.get("do") not in ("connect", "leave"):
            return
        if self._client.connected:
            self._client.leave()
        await self._await_end()
        if request["do"] == "connect" and is_name(request.get("username")):
            self._opened = None
            with contextlib.suppress(OSError, TypeError, KeyError):
                self._opened = await asyncio.open_connection(request["host"], request["port"])

    async def _await_end(self) -> None:
        if self._reading:
            await asyncio.wait([self._reading], timeout=FAREWELL_SECONDS)

    def connect(self, host: str, port: int) -> None:
        if self._opened is None:
            raise ConnectionRefusedError(111, f"nobody listens at {host}:{port}")
        reader, self._writer = self._opened
        self._reading = asyncio.create_task(self._read(reader, self._writer))

    def send(self, data: bytes) -> None:
        if self._writer is not None:
            self._writer.write(data)

    def close(self) -> None:
        writer, self._writer = self._writer, None
        if writer is not None and writer.can_write_eof():
            with contextlib.suppress(OSError):
                writer.write_eof()

    def report(self, event: dict[str, object]) -> None:
        write_event(event)

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reset = False
        try:
            while data := await reader.read(READ_BYTES):
                if writer is self._writer:
                    self._client.receive(data)
        except OSError:
            reset = True
        if writer is self._writer:
            self._writer = None
            self._client.lose(reset=reset)
        writer.close()


def _read(line: bytes) -> dict[str, object]:
    try:
        request = json.loads(line)
    except ValueError:
        return {}
    return request if isinstance(request, dict) else {}


if __name__ == "__main__":
    sys.exit(asyncio.run(Tasks().run()))
