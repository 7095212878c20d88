"""Where the operating system wants a program to keep what it can lose, and how such a file is written and read."""

import os
import sys
import tempfile
from pathlib import Path

_MOST_BYTES = 1024 * 1024
"""Of a file that is read: many times what any of ours has."""


def cache_folder(program: str) -> Path:
    """Return the user's folder for a program's cache; it may not exist yet."""
    given = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_CACHE_HOME")
    if given:
        return Path(given) / program
    return Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache") / program


def keep(file: Path, text: str) -> None:
    """Write a file of such a folder, whatever is there under its name: a pipe, a link, or what another run writes now.

    Raises:
        OSError: if it cannot be written; then what was there is left.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as written:
            written.write(text)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def kept(file: Path) -> str:
    """Return what a file of such a folder holds.

    Raises:
        OSError: if it cannot be read, or is none that :func:`keep` has written: a pipe, a device, or far too long.
        UnicodeDecodeError: if it is not UTF-8.
    """
    if not file.is_file():
        raise FileNotFoundError(f"{file} is no file")
    with file.open("rb") as opened:
        data = opened.read(_MOST_BYTES + 1)
    if len(data) > _MOST_BYTES:
        raise OSError(f"{file} is longer than {_MOST_BYTES} bytes")
    return data.decode("utf-8")
