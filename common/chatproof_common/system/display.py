"""How the system shows windows."""

import contextlib
import sys

_SYSTEM_AWARE = 1


def be_sharp() -> None:
    """Let Windows not enlarge our windows as pictures on a dense display: Tk knows how to. To be called before Tk."""
    if sys.platform == "win32":
        import ctypes  # noqa: PLC0415  where it is needed

        with contextlib.suppress(OSError, AttributeError):  # before Windows 8.1
            ctypes.windll.shcore.SetProcessDpiAwareness(_SYSTEM_AWARE)
