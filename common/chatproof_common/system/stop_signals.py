"""Ctrl+C, SIGTERM, the end of the terminal and of a child, reported to the loop as sockets report theirs."""

import contextlib
import signal
import socket
from types import FrameType
from typing import Any

from chatproof_common.system.event_loop import READ, Loop
from chatproof_common.system.signals import STOP, is_left_alone


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
        for number in (*STOP, signal.SIGCHLD):
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
        if number != signal.SIGCHLD:
            self.stopped += 1
            self.terminated = self.terminated or number != signal.SIGINT

    def _drain(self, _: int) -> None:
        with contextlib.suppress(BlockingIOError):
            while self._reading.recv(4096):
                pass
