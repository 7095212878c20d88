"""Waits for many sockets at once, until one is ready or another thread ends the wait."""

import contextlib
import selectors
import socket
from typing import Generic, TypeVar

READ, WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE

_T = TypeVar("_T")


class Waiter(Generic[_T]):
    """The sockets that are watched, each for something of its user's; one thread waits, any may wake it."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()
        self._waker, self._wakes = socket.socketpair()
        self._waker.settimeout(0)
        self._selector.register(self._wakes, READ)

    def watch(self, which: socket.socket, what: _T, events: int = READ) -> None:
        """Watch a socket for ``READ``, ``WRITE`` or both, and from now on for nothing else; 0 is :meth:`unwatch`."""
        if not events:
            self.unwatch(which)  # watched for no event, an end would be reported again and again
        elif which in self._selector.get_map():
            self._selector.modify(which, events, what)
        else:
            self._selector.register(which, events, what)

    def unwatch(self, which: socket.socket) -> bool:
        """Forget a socket; return whether it was watched."""
        watched = which in self._selector.get_map()
        if watched:
            self._selector.unregister(which)
        return watched

    def wait(self, seconds: float | None) -> list[tuple[_T, int]]:
        """Wait for any of them, or to be woken, for ``seconds`` (None: for ever); return who is ready, for what."""
        ready = []
        for key, events in self._selector.select(None if seconds is None else max(0.0, seconds)):
            if key.fileobj is self._wakes:
                self._wakes.recv(4096)
            else:
                ready.append((key.data, events))
        return ready

    def wake(self) -> None:
        """End the wait, or the next one if nobody waits now."""
        # A full pair will wake the thread anyway; a closed one has no thread left.
        with contextlib.suppress(OSError):
            self._waker.send(b"\0")

    def close(self) -> None:
        """Wait no more, and give back what the system lent."""
        self._selector.close()
        self._waker.close()
        self._wakes.close()
