"""Stops chats that run in threads: at Ctrl+C none of them waits any longer, and nothing that they started stays."""

import contextlib
import threading
from collections.abc import Callable, Iterator


class Stopped(Exception):  # noqa: N818  no error: the user has asked for it
    """Ends a chat that is to stop."""


class Stop:
    """Asks threads to stop, and kills the servers for which they may wait."""

    def __init__(self) -> None:
        self._asked = threading.Event()
        self._lock = threading.Lock()
        self._kills: list[Callable[[], object]] = []

    def check(self) -> None:
        """Raise if all of this is to stop.

        Raises:
            Stopped: then.
        """
        if self._asked.is_set():
            raise Stopped

    def ask(self) -> None:
        """Ask all of them to stop."""
        self._asked.set()
        with self._lock:
            kills = list(self._kills)
        for kill in kills:
            kill()

    def watch(self, kill: Callable[[], object]) -> Callable[[], None]:
        """Have something called when all of this is to stop; return what takes that back."""
        with self._lock:
            self._kills.append(kill)

        def forget() -> None:
            with self._lock:
                if kill in self._kills:
                    self._kills.remove(kill)

        return forget

    @contextlib.contextmanager
    def killing(self, kill: Callable[[], object]) -> Iterator[None]:
        """Have something killed that the block waits for.

        Raises:
            Stopped: if it was, or all of this is to stop already.
        """
        self.check()
        forget = self.watch(kill)
        try:
            yield
        except Exception:
            self.check()
            raise
        finally:
            forget()
        self.check()
