"""The signals by which a program is asked to stop, and one by which it is asked to report."""

import asyncio
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator, Sequence
from types import FrameType
from typing import Any, TypeVar

_T = TypeVar("_T")

TERMINATE = signal.SIGTERM
HANG_UP = tuple(getattr(signal, name) for name in ("SIGHUP",) if hasattr(signal, name))
"""What comes when the terminal is closed; none if the system has no such signal."""
CONSOLE = tuple(getattr(signal, name) for name in ("SIGBREAK",) if hasattr(signal, name))
"""What Windows sends instead of SIGTERM and SIGHUP: at Ctrl+Break, and when the console is closed; none elsewhere."""
STOP = (signal.SIGINT, TERMINATE, *HANG_UP, *CONSOLE)
"""Ctrl+C, what a supervisor sends, and the end of the terminal."""
REPORT = tuple(getattr(signal, name) for name in ("SIGUSR1",) if hasattr(signal, name))
"""What asks a program to report how it does; none if the system has no such signal."""

_SHELL_ADDS = 128
_TICK_SECONDS = 0.5
_SWALLOWED_SECONDS = 0.01
"""After which a signal comes again: whatever has swallowed its exception may have ended by then."""


def call_at(numbers: Sequence[int], call: Callable[[int], object]) -> None:
    """From now on let these signals call this, with their number; between two steps of the main thread."""
    for number in numbers:
        if not is_left_alone(number):
            signal.signal(number, lambda number, _: call(number))


def is_left_alone(number: int) -> bool:
    """Return whether a signal is to do nothing, as whoever started us has said: ``nohup`` does so."""
    return number in HANG_UP and signal.getsignal(number) is signal.SIG_IGN


class _Asked:
    """Which signal was the first to ask for the end; Ctrl+C may be handled elsewhere, so it is what is assumed."""

    number: int = signal.SIGINT


def stop_status() -> int:
    """Return the exit code of a program that was asked to stop, as a shell has it: 128 and the signal's number."""
    return _SHELL_ADDS + _Asked.number


def ignore_interrupts() -> None:
    """Do nothing at Ctrl+C, which reaches every process of the terminal: whoever has started this one ends it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextlib.contextmanager
def interrupted_by_stop_signals() -> Iterator[None]:
    """Raise KeyboardInterrupt at each of ``STOP``: what this process has started must not outlive it.

    :func:`stop_status` knows which. If it is raised where Python drops exceptions, such as in a callback of the
    garbage collector, it comes again.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before: dict[int, Any] = {}
    _Asked.number = signal.SIGINT
    for number in STOP:
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, _interrupt if number == signal.SIGINT else _interrupt_likewise)
    hook = sys.unraisablehook
    _watch_for_swallowed()
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for number, handler in before.items():
            signal.signal(number, handler)


def run_until_interrupted(main: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine in an event loop of its own; Ctrl+C cancels it, once, and it may end in order.

    An interrupt that is raised between two steps of a loop, as Python 3.10 does, can break any task.

    Raises:
        KeyboardInterrupt: when the coroutine has ended by such a cancellation.
    """
    main = _ticking(main)
    if signal.getsignal(signal.SIGINT) not in (_interrupt, signal.default_int_handler):
        return _run(main)  # whoever handles it does so
    interrupted = False

    async def run() -> _T:
        task, loop = asyncio.current_task(), asyncio.get_running_loop()
        assert task is not None  # noqa: S101  a coroutine runs in a task

        def cancel(_number: int, _frame: FrameType | None) -> None:
            nonlocal interrupted
            if interrupted:
                raise KeyboardInterrupt
            interrupted = True
            task.cancel()
            loop.call_soon_threadsafe(lambda: None)  # or it would sleep on

        before = signal.signal(signal.SIGINT, cancel)
        try:
            return await main
        finally:
            signal.signal(signal.SIGINT, before)

    try:
        return _run(run())
    except asyncio.CancelledError:
        if interrupted:
            raise KeyboardInterrupt from None
        raise


def _run(main: Coroutine[Any, Any, _T]) -> _T:
    """Run a coroutine in a loop that can watch sockets (``add_reader``): the one of Windows by default cannot."""
    if sys.platform == "win32":
        if sys.version_info >= (3, 11):
            with asyncio.Runner(loop_factory=asyncio.SelectorEventLoop) as runner:
                return runner.run(main)
        asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
    return asyncio.run(main)


async def _ticking(main: Coroutine[Any, Any, _T]) -> _T:
    """Await it in a loop that looks around at times: asyncio drops the error if a thread cannot wake the loop up."""
    loop = asyncio.get_running_loop()

    def tick() -> None:
        loop.call_later(_TICK_SECONDS, tick)

    tick()
    return await main


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    _watch_for_swallowed()  # pytest has a hook of its own while it runs
    raise KeyboardInterrupt


def _interrupt_likewise(number: int, _frame: FrameType | None) -> None:
    """Do what Ctrl+C does now, which may be to cancel a task, or to wake up a loop that handles signals itself."""
    if _Asked.number == signal.SIGINT:
        _Asked.number = number
    if signal.getsignal(signal.SIGINT) in (signal.SIG_IGN, signal.SIG_DFL):
        raise KeyboardInterrupt
    signal.raise_signal(signal.SIGINT)


class _SwallowedHook:
    """Takes the place of ``sys.unraisablehook``: sends an interrupt again that could not be raised."""

    def __init__(self, before: Callable[[Any], object]) -> None:
        self._before = before

    def __call__(self, unraisable: Any) -> None:
        if not isinstance(unraisable.exc_value, KeyboardInterrupt):
            self._before(unraisable)
            return
        again = threading.Timer(_SWALLOWED_SECONDS, _interrupt_main_thread)
        again.daemon = True
        again.start()


def _watch_for_swallowed() -> None:
    if not isinstance(sys.unraisablehook, _SwallowedHook):
        sys.unraisablehook = _SwallowedHook(sys.unraisablehook)


def _interrupt_main_thread() -> None:
    if sys.platform == "win32":
        signal.raise_signal(signal.SIGINT)
    else:  # whatever it waits for ends
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
