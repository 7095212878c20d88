"""A check in another process, whose events are read: it can be ended at any moment, and several can run at once."""

import asyncio
import contextlib
import io
import json
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import IO, Any, cast

from chatproof_common.command_line.program import PROGRAM
from chatproof_common.system.output import Drain
from chatproof_common.system.processes import PIPE, Process
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role

_ENDING_SECONDS = 0.5


async def check_events(role: Role, words: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
    """Run a check with these words; yield its events, ``done`` at last.

    Raises:
        TargetGone: if it cannot check, for the reason that it gives.
    """
    process = Process([*PROGRAM, role.command, *words, "--format", "json-lines"], stdout=PIPE, stderr=PIPE, apart=True)
    said = Drain(process.stderr)
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    loop = asyncio.get_running_loop()
    arrived = lambda line: loop.call_soon_threadsafe(lines.put_nowait, line)  # noqa: E731  it is handed over
    threading.Thread(target=_read, args=(process.stdout, arrived), name="events", daemon=True).start()
    is_done = False
    try:
        while text := await lines.get():
            event: dict[str, Any] = json.loads(text)
            is_done |= event["event"] == "done"
            yield event
        await asyncio.to_thread(process.wait)
        if not is_done:
            said.wait(_ENDING_SECONDS)
            last = said.output.text().strip().splitlines()
            raise TargetGone(last[-1] if last else "the check ended without a word")
    finally:
        await asyncio.to_thread(_end, process)


def _read(stream: IO[bytes], arrived: Callable[[bytes], object]) -> None:
    """Hand each line over, and an empty one at the end: not every event loop can read a pipe (Windows)."""
    with stream, contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        for line in io.BufferedReader(cast("io.RawIOBase", stream)):
            arrived(line)
        arrived(b"")


def _end(process: Process) -> None:
    if process.status is None:
        process.ask_to_stop()
        process.wait(_ENDING_SECONDS)
    process.kill()
