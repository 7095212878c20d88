"""The user's browser."""

import os
import sys
import webbrowser


def open_page(uri: str) -> bool:
    """Open a page in a window of the browser; return whether that was done: without one it would take this terminal."""
    has_windows = sys.platform in ("win32", "darwin") or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    return bool(has_windows) and webbrowser.open(uri)
