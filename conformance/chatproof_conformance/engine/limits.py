"""How long a check goes on: until all is tried, its time is over, the user ends it, or something of ours fails."""

import asyncio
import contextlib
import gc
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Protocol

from hypothesis.configuration import set_hypothesis_home_dir

from chatproof_common.system.signals import run_until_interrupted
from chatproof_conformance.core.exploration import Exploration
from chatproof_conformance.engine.own_tasks import OwnTasks

_ENDING_SECONDS = 0.2
"""How long to wait, when a run ends early, for those who still wait for something."""

_OBJECTS_BETWEEN = 50_000


class Explores(Protocol):
    """A check that can be ended at any time."""

    async def explore(self) -> None:
        """Check, until all is tried or the time is over."""

    def interrupted_by_user(self) -> None:
        """Know that the user has ended it."""

    def result(self) -> Exploration:
        """Return what is known."""


def run_to_end(explorer: Explores) -> Exploration:
    """Check; return what is known when all is tried, the time is over, or the user has ended it by Ctrl+C."""
    with _rare_collections(), tempfile.TemporaryDirectory(prefix="chatproof-") as folder:
        set_hypothesis_home_dir(folder)  # or it would write into the user's
        try:
            run_until_interrupted(explorer.explore())
        except KeyboardInterrupt:
            explorer.interrupted_by_user()
    return explorer.result()


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for garbage more rarely: looking through recordings is a fifth of a run."""
    before = gc.get_threshold()
    gc.set_threshold(_OBJECTS_BETWEEN, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


async def run_limited(
    work: Coroutine[Any, Any, None],
    seconds: float,
    ending: Callable[[], None],
    failed: asyncio.Event | None = None,
    enough: Coroutine[Any, Any, None] | None = None,
) -> str | None:
    """Do something for so long; return why it ended early, None if it did not.

    Args:
        work: what is done.
        seconds: how long it may take.
        ending: called when it ends, however that is, so that nobody waits any more.
        failed: ends it early when it is set; None: no failure does.
        enough: ends when there is nothing more to find out; None: only the work knows that.

    Raises:
        Exception: whatever the work, or anything that nobody waits for, has failed with.
    """
    loop, own = asyncio.get_running_loop(), OwnTasks()
    running = own.begin(loop, work)
    errors: list[BaseException] = []

    def fail(_: asyncio.AbstractEventLoop, context: "dict[str, Any]") -> None:
        """Take note of an error that nobody handles: what was seen from then on proves nothing."""
        errors.append(context.get("exception") or RuntimeError(context["message"]))
        running.cancel()

    before = loop.get_exception_handler()
    loop.set_exception_handler(fail)
    satisfied = [asyncio.create_task(enough)] if enough else []
    ends = [running, *satisfied, *([asyncio.create_task(_wait(failed))] if failed else [])]
    try:
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if errors:
            raise errors[0]
        if running.done():
            running.result()
            return None
        if any(one.done() for one in satisfied):
            return None
        if failed is not None and failed.is_set():
            return "the first failure ends the run (--fail-fast)"
        return f"the time limit of {seconds:g} seconds was reached"
    finally:
        ending()
        for one in ends:
            one.cancel()
        await asyncio.wait(ends, timeout=_ENDING_SECONDS)
        own.end(loop)
        if loop.get_exception_handler() is fail:
            loop.set_exception_handler(before)


async def _wait(failed: asyncio.Event) -> None:
    await failed.wait()
