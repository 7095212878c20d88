"""What goes on beside something else, and must not end unnoticed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine
from typing import Any


@contextlib.asynccontextmanager
async def beside(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Do something while the block lasts; then it is cancelled.

    Raises:
        BaseException: what it has raised until then.
    """
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        was_done = not task.cancel()
        await asyncio.wait((task,))  # not awaited itself: that would swallow an end of ours
    if was_done or not task.cancelled():
        task.result()
