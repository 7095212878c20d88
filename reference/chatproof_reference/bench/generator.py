"""Puts a load on a server from separate processes, phase by phase at the same time, and adds up what they saw."""

import functools
import multiprocessing
import os
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from multiprocessing.connection import Connection
from typing import Any

from chatproof_common.system.cores import allowed_cores, on_cores
from chatproof_common.system.signals import ignore_interrupts
from chatproof_reference.bench.dialects import Dialect
from chatproof_reference.bench.load import Load, LoadFailedError
from chatproof_reference.bench.result import Result, put_together
from chatproof_reference.bench.scenario import Scenario, Share, share_out

_LONGEST_PHASE_SECONDS = 300.0


def default_processes() -> int:
    """Return how many processes put on the load if nobody asks for a number: one core is left to the server."""
    return max(1, min(8, (os.cpu_count() or 2) - 1))


def divide_cores(scenario: Scenario, processes: int) -> tuple[frozenset[int], frozenset[int]]:
    """Return the server's cores and the load's, if latency is the question and there are enough; else none for both.

    When both use the same ones, the slices of time in which the system lets them take turns are what one measures.
    """
    cores = sorted(allowed_cores())
    if not scenario.is_about_latency or len(cores) <= processes:
        return frozenset(), frozenset()
    return frozenset(cores[:-processes]), frozenset(cores[-processes:])


def generate(  # noqa: PLR0913  each names itself where it is given
    addresses: Sequence[tuple[str, int]],
    dialect: Dialect,
    scenario: Scenario,
    *,
    processes: int = 1,
    cores: AbstractSet[int] = frozenset(),
    closely: bool = False,
    when_all_are_in: Callable[[], None] = lambda: None,
) -> Result:
    """Put a scenario on a server and return what it showed.

    Clients take its addresses in turn; ``cores`` are all that the load may use, if any.

    Raises:
        LoadFailedError: if the clients could not enter, or a process of the generator died.
    """
    with on_cores(cores):
        workers = [_Worker(addresses, dialect, share, closely=closely) for share in share_out(scenario, processes)]
    try:
        _all(workers, "enter")
        _all(workers, "settle")
        when_all_are_in()
        total = sum(_all(workers, "send"))
        parts = _all(workers, "finish", total)
        _all(workers, "close")
    finally:
        for worker in workers:
            worker.end()
    return put_together(scenario, parts, read_closely=closely)


class _Worker:
    def __init__(self, addresses: Sequence[tuple[str, int]], dialect: Dialect, share: Share, *, closely: bool) -> None:
        context = multiprocessing.get_context("spawn")  # a fork would copy this process's threads' locks
        self._pipe, theirs = context.Pipe()
        load = functools.partial(Load, addresses, dialect, share, closely=closely)
        self._process = context.Process(target=_work, args=(theirs, load), daemon=True)
        self._process.start()
        theirs.close()

    def begin(self, phase: str, *arguments: int) -> None:
        self._pipe.send((phase, arguments))

    def result(self) -> Any:
        """Wait for a phase to end and return its result."""
        try:
            if not self._pipe.poll(_LONGEST_PHASE_SECONDS):
                raise LoadFailedError("the load generator does not come to an end")
            answer = self._pipe.recv()
        except (EOFError, OSError):
            raise LoadFailedError("a process of the load generator died") from None
        if isinstance(answer, LoadFailedError):
            raise answer
        return answer

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._pipe.close()


def _all(workers: Sequence[_Worker], phase: str, *arguments: int) -> list[Any]:
    for worker in workers:
        worker.begin(phase, *arguments)
    return [worker.result() for worker in workers]


def _work(pipe: Connection, make: Callable[[], Load]) -> None:
    ignore_interrupts()
    load = make()
    while True:
        phase, arguments = pipe.recv()
        try:
            pipe.send(getattr(load, phase)(*arguments))
        except (LoadFailedError, OSError) as error:
            pipe.send(LoadFailedError(str(error)))
