"""Where the operating system wants a program to keep what it can lose."""

import os
import sys
from pathlib import Path


def cache_folder(program: str) -> Path:
    """Return the user's folder for a program's cache; it may not exist yet."""
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if given:
        return Path(given) / program
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / program
