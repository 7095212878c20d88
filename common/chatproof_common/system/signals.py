"""The signals by which a program is asked to stop, and one by which it is asked to report."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator, Sequence

TERMINATE = signal.SIGTERM
STOP = (signal.SIGINT, TERMINATE)
"""Ctrl+C, and what a supervisor sends."""
REPORT = tuple(getattr(signal, name) for name in ("SIGUSR1",) if hasattr(signal, name))
"""What asks a program to report how it does; none if the system has no such signal."""


def call_at(numbers: Sequence[int], call: Callable[[int], object]) -> None:
    """From now on let these signals call this, with their number; between two steps of the main thread."""
    for number in numbers:
        signal.signal(number, lambda number, _: call(number))


def ignore_interrupts() -> None:
    """Do nothing at Ctrl+C, which reaches every process of the terminal: whoever has started this one ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def terminated_as_interrupted() -> Iterator[None]:
    """Raise KeyboardInterrupt at SIGTERM too: what this process has started must not outlive it."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(TERMINATE, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(TERMINATE, before)
