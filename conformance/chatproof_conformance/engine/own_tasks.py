"""The tasks of one run: what of them is left when it ends must not trouble the next run in the same event loop."""

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any
from weakref import WeakSet

_RUN: "contextvars.ContextVar[OwnTasks | None]" = contextvars.ContextVar("run", default=None)


class OwnTasks:
    """All tasks that the work of a run creates, however deep."""

    def __init__(self) -> None:
        """Know of none."""
        self._tasks: WeakSet[asyncio.Task[Any]] = WeakSet()

    def begin(self, loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        """Begin the work; from now on know of each task that it creates."""

        def create(loop: asyncio.AbstractEventLoop, coroutine: Any, **more: Any) -> "asyncio.Task[Any]":
            task = asyncio.Task(coroutine, loop=loop, **more)
            if _RUN.get() is self:  # others may use the loop, too
                self._tasks.add(task)
            return task

        loop.set_task_factory(create)
        token = _RUN.set(self)
        try:
            return loop.create_task(work)
        finally:
            _RUN.reset(token)

    def end(self, loop: asyncio.AbstractEventLoop) -> None:
        """Cancel what is left; its errors are nobody's any more, or the next run would be told of them."""
        loop.set_task_factory(None)
        for task in set(self._tasks):
            task.add_done_callback(_look_at)
            task.cancel()


def _look_at(task: "asyncio.Task[Any]") -> None:
    """Take its error."""
    if not task.cancelled():
        task.exception()
