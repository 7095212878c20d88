"""The folder that the nodes of a cluster share, ``{shared}``: whatever they write there, it ends with them."""

import atexit
import secrets
import sys
import tempfile
import time
from pathlib import Path

from chatproof_common.printable import printable, shortened
from chatproof_common.system.removing import remove

_REMOVE_SECONDS, _LEAST_SECONDS = 5.0, 0.2
"""How long all folders of a run may take together, which is enough for thousands of files; and each, even so."""
_LONGEST_REASON = 300
_left: dict[Path, str] = {}
"""What could not be removed, each with the reason."""


class _Taken:
    seconds = 0.0


_taken = _Taken()


class SharedFolder:
    """A new folder of the system's temporary ones.

    Attributes:
        path: where it is.
    """

    def __init__(self) -> None:
        """Choose its name; make nothing yet."""
        self.path = Path(tempfile.gettempdir()) / f"chatproof-{secrets.token_hex(6)}"

    def make(self) -> None:
        """Make it, empty, if it is not there."""
        self.path.mkdir(mode=0o700, exist_ok=True)

    def remove(self) -> None:
        """Remove it, or what has taken its place; harmless if it is gone. What is left is said when the run ends."""
        began = time.monotonic()
        reason = remove(self.path, max(_LEAST_SECONDS, _REMOVE_SECONDS - _taken.seconds))
        _taken.seconds += time.monotonic() - began
        if reason is None:
            _left.pop(self.path, None)
            return
        if not _left:
            atexit.register(_report)
        _left[self.path] = reason


def _report() -> None:
    """Say in one line what is left, if it still is."""
    if not _left:
        return
    path, reason = next(iter(_left.items()))
    more = f", and {len(_left) - 1} more of them" if len(_left) > 1 else ""
    text = f"chatproof: {path}, which the nodes shared, is left{more}: {shortened(printable(reason), _LONGEST_REASON)}"
    print(text, file=sys.stderr)  # noqa: T201  it belongs to no report
    _left.clear()
