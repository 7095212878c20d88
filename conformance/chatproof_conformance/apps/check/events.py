"""A check in another process, whose events are read: it can be ended at any moment, and several can run at once."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from typing import Any

from chatproof_common.command_line.program import PROGRAM
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role

_LONGEST_LINE = 64 * 1024 * 1024
"""Bytes of an event, which holds all the traffic of a failure."""
_ENDING_SECONDS = 0.5


async def check_events(role: Role, words: Sequence[str]) -> AsyncIterator[dict[str, Any]]:
    """Run a check with these words; yield its events, ``done`` at last.

    Raises:
        TargetGone: if it cannot check, for the reason that it gives.
    """
    line = [*PROGRAM, role.command, *words, "--format", "json-lines"]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *line, stdin=asyncio.subprocess.DEVNULL, stdout=pipe, stderr=pipe, limit=_LONGEST_LINE, start_new_session=True
    )
    assert process.stdout is not None  # noqa: S101  it is a pipe
    assert process.stderr is not None  # noqa: S101  it is one, too
    said = asyncio.create_task(process.stderr.read())
    is_done = False
    try:
        async for text in process.stdout:
            event: dict[str, Any] = json.loads(text)
            is_done |= event["event"] == "done"
            yield event
        await process.wait()
        if not is_done:
            lines = (await said).decode("utf-8", "replace").strip().splitlines()
            raise TargetGone(lines[-1] if lines else "the check ended without a word")
    finally:
        said.cancel()
        await _end(process)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), _ENDING_SECONDS)
        except asyncio.TimeoutError:
            process.kill()
            await process.wait()
