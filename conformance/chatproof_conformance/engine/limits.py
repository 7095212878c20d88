"""How long a check goes on: until all is tried, its time is over, the user ends it, or something of ours fails."""

import asyncio
import tempfile
from collections.abc import Callable, Coroutine
from typing import Any, Protocol

from hypothesis.configuration import set_hypothesis_home_dir

from chatproof_common.system.signals import run_until_interrupted
from chatproof_conformance.core.exploration import Exploration

_ENDING_SECONDS = 0.2
"""How long to wait, when a run ends early, for those who still wait for something."""


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
    with tempfile.TemporaryDirectory(prefix="chatproof-") as folder:
        set_hypothesis_home_dir(folder)  # or it would write into the user's
        try:
            run_until_interrupted(explorer.explore())
        except KeyboardInterrupt:
            explorer.interrupted_by_user()
    return explorer.result()


async def run_limited(work: Coroutine[Any, Any, None], seconds: float, ending: Callable[[], None]) -> str | None:
    """Do something for so long; return why it ended early, None if it did not.

    Args:
        work: what is done.
        seconds: how long it may take.
        ending: called when it ends, however that is, so that nobody waits any more.

    Raises:
        Exception: whatever the work, or anything that nobody waits for, has failed with.
    """
    running = asyncio.create_task(work)
    errors: list[BaseException] = []

    def fail(_: asyncio.AbstractEventLoop, context: "dict[str, Any]") -> None:
        """Take note of an error that nobody handles: what was seen from then on proves nothing."""
        errors.append(context.get("exception") or RuntimeError(context["message"]))
        running.cancel()

    asyncio.get_running_loop().set_exception_handler(fail)
    try:
        await asyncio.wait((running,), timeout=seconds)
        if errors:
            raise errors[0]
        if running.done():
            running.result()
            return None
        return f"the time limit of {seconds:g} seconds was reached"
    finally:
        ending()
        running.cancel()
        await asyncio.wait((running,), timeout=_ENDING_SECONDS)
