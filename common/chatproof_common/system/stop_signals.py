"""Ctrl+C, SIGTERM, the end of the terminal and of a child, reported to the loop as sockets report theirs."""

import contextlib
import signal
import socket
import sys
import time
from types import FrameType
from typing import Any

from chatproof_common.system.event_loop import READ, Loop
from chatproof_common.system.signals import STOP, is_left_alone

_TICK_SECONDS = 0.1


def _child_signals() -> tuple[int, ...]:
    if sys.platform == "win32":
        return ()
    return (signal.SIGCHLD,)


_CHILD = _child_signals()


class StopSignals:
    """From ``with`` to its end, signals only wake the loop.

    Attributes:
        stopped: how often the process was asked to stop.
        terminated: whether another signal than Ctrl+C did so.
    """

    def __init__(self, loop: Loop) -> None:
        self.stopped = 0
        self.terminated = False
        self._loop = loop
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "StopSignals":  # noqa: PYI034  typing.Self came with Python 3.11
        self._reading, self._writing = socket.socketpair()
        self._reading.setblocking(False)  # noqa: FBT003  the standard library's signature
        self._writing.setblocking(False)  # noqa: FBT003  the same
        self._loop.watch(self._reading, READ, self._drain)
        self._wakeup = signal.set_wakeup_fd(self._writing.fileno(), warn_on_full_buffer=False)
        if not _CHILD:
            self._tick()
        for number in (*STOP, *_CHILD):
            if not is_left_alone(number):
                self._before[number] = signal.signal(number, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._loop.unwatch(self._reading)
        self._reading.close()
        self._writing.close()

    def _note(self, number: int, _: FrameType | None) -> None:
        if number not in _CHILD:
            self.stopped += 1
            self.terminated = self.terminated or number != signal.SIGINT

    def _tick(self) -> None:
        """Wake the loop at times: nothing else tells that a child has ended."""
        self._loop.call_at(time.monotonic() + _TICK_SECONDS, self._tick)

    def _drain(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reading.recv(4096):
                pass
