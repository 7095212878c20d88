"""A bar on standard error that says how far the reading is, if that is a terminal and it takes a while."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar

    from chatproof_common.terminal import Terminal

_AFTER = 0.5
_EVERY = 0.1


class Progress:
    """Draws the bar; does nothing if there is no terminal."""

    def __init__(self, console: "Terminal | None", after: float = _AFTER) -> None:
        """Draw on a console of standard error, once that many seconds have passed."""
        self._next = time.monotonic() + after if console and console.is_interactive else float("inf")
        self._console = console
        self._bar: Bar | None = None
        self._shown = False

    def advance(self, name: str, done: int, size: int | None) -> None:
        """Say how many of a file's bytes have been read, and how many there are, if that is known."""
        if self._console is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _EVERY
        if self._bar is None:
            self._bar = _make_bar(self._console)
        task = self._bar.tasks[0]
        # Not by update(), which takes a size that nobody knows for one that has not changed.
        task.description, task.completed, task.total = name, done, size
        self._bar.start()
        self._bar.refresh()
        self._shown = True

    def hide(self) -> None:
        """Take the bar away, so that something else can be written; it comes back by itself."""
        if self._shown and self._bar:
            self._bar.stop()
            self._shown = False


def _make_bar(console: "Terminal") -> "Bar":
    from rich import progress  # noqa: PLC0415  few runs draw a bar

    columns = (
        progress.TextColumn("{task.description}", markup=False),
        progress.BarColumn(),
        progress.DownloadColumn(),
        progress.TransferSpeedColumn(),
        progress.TimeRemainingColumn(),
    )
    bar = progress.Progress(*columns, console=console, transient=True, auto_refresh=False)
    bar.add_task("", total=None)
    return bar
