"""Keys that act at once, without Enter, if the standard input is a terminal that has them."""

import contextlib
import os
import sys
from collections.abc import Iterator

if sys.platform == "win32":
    termios = tty = None
else:
    import termios
    import tty


@contextlib.contextmanager
def single_keys() -> Iterator[int | None]:
    """Let each key of the terminal be read at once, unechoed; yield the descriptor to read; None if there are no keys.

    Ctrl+C stays what it is. Nothing is read of a terminal to which another job belongs, or of what is no terminal.
    """
    if sys.platform == "win32":  # a console cannot be waited for beside sockets
        yield None
        return
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
    if sys.platform == "win32":
        return None
    with contextlib.suppress(OSError, ValueError, AttributeError, termios.error):
        descriptor = sys.stdin.fileno()
        if os.isatty(descriptor) and os.tcgetpgrp(descriptor) == os.getpgrp():
            return descriptor
    return None
