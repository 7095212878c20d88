"""Keys that act at once, without Enter, if the standard input is a terminal that has them."""

import contextlib
import os
import sys
from collections.abc import Iterator

try:
    import termios
    import tty
except ImportError:  # not POSIX
    termios = tty = None  # type: ignore[assignment]


@contextlib.contextmanager
def single_keys() -> Iterator[int | None]:
    """Let each key of the terminal be read at once, unechoed; yield the descriptor to read; None if there are no keys.

    Ctrl+C stays what it is. Nothing is read of a terminal to which another job belongs, or of what is no terminal.
    """
    descriptor = _terminal()
    if descriptor is None:
        yield None
        return
    before = termios.tcgetattr(descriptor)
    try:
        tty.setcbreak(descriptor)
        yield descriptor
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def read_keys(descriptor: int) -> str:
    """Return the keys that were pressed; empty if the terminal has gone."""
    try:
        return os.read(descriptor, 1024).decode("utf-8", "replace")
    except OSError:
        return ""


def _terminal() -> int | None:
    if termios is None:
        return None
    with contextlib.suppress(OSError, ValueError, AttributeError, termios.error):
        descriptor = sys.stdin.fileno()
        if os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp():
            return descriptor
    return None
