"""Removes what other programs have written, whatever it is: links, files, thousands of folders in each other."""

import contextlib
import os
import stat
import time
from itertools import count
from pathlib import Path
from uuid import uuid4

_NO_TIME = "there was no more time to remove all that is in it"


def remove(path: Path, seconds: float) -> str | None:
    """Remove a file, a link or a folder with all that is in it, and follow no link; harmless if there is none.

    No folder is entered deeper than its second level: what is below is moved up first, so that the depth costs neither
    open files nor long paths.

    Returns:
        Why something is left, as a clause; None if nothing is. Another process may write on meanwhile: after
        ``seconds`` it is given up.
    """
    give_up = time.monotonic() + seconds
    try:
        if not _is_folder(path):
            _unlink(path)
            return None
        reason = _empty(path, give_up)
        if reason is None:
            path.rmdir()
    except FileNotFoundError:
        return None
    except OSError as error:
        return _described(error)
    return reason


def _empty(top: Path, give_up: float) -> str | None:
    """Remove what is in a folder; return why something is left."""
    # Names that nothing else has: whoever still writes there may have any other.
    prefix, numbers = f"{uuid4().hex}-", count()
    left: dict[str, str] = {}
    _allow(top)
    while True:
        done = False
        with os.scandir(top) as entries:
            for entry in entries:
                if entry.name in left:
                    continue
                if time.monotonic() > give_up:
                    return _NO_TIME
                done = True
                try:
                    if _is_folder(Path(entry.path)):
                        if (reason := _flatten(Path(entry.path), top, prefix, numbers, give_up)) is not None:
                            return reason
                        Path(entry.path).rmdir()
                    else:
                        _unlink(Path(entry.path))
                except FileNotFoundError:
                    pass
                except OSError as error:
                    left[entry.name] = _described(error)
        if not done:
            return next(iter(left.values()), None)


def _flatten(folder: Path, top: Path, prefix: str, numbers: "count[int]", give_up: float) -> str | None:
    """Remove the files of a folder, and move its folders to the top; return why not, if time is over.

    Raises:
        OSError: if one of them can be neither.
    """
    _allow(folder)
    failed: OSError | None = None
    with os.scandir(folder) as entries:
        for entry in entries:
            if time.monotonic() > give_up:
                return _NO_TIME
            try:
                if _is_folder(Path(entry.path)):
                    _allow(Path(entry.path))  # to move a folder is to write to it
                    Path(entry.path).rename(top / f"{prefix}{next(numbers)}")
                else:
                    _unlink(Path(entry.path))
            except FileNotFoundError:
                pass
            except OSError as error:
                failed = error
    if failed is not None:
        raise failed
    return None


def _allow(folder: Path) -> None:
    """Let us do with a folder what we want: a program may have taken its own permissions away."""
    with contextlib.suppress(OSError):
        folder.chmod(stat.S_IRWXU)


def _is_folder(path: Path) -> bool:
    """Return whether it is a folder, and no link to one; Windows has links that are folders as well (junctions)."""
    found = path.lstat()
    return stat.S_ISDIR(found.st_mode) and not getattr(found, "st_reparse_tag", 0)


def _unlink(path: Path) -> None:
    try:
        path.unlink()
    except PermissionError:  # so Windows removes a link that is a folder; no other system has any
        if not getattr(path.lstat(), "st_reparse_tag", 0):
            raise
        path.rmdir()


def _described(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}"
