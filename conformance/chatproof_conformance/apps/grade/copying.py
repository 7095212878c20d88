"""Copies a submission: nothing that is run can change what was handed in."""

import errno
import os
import shutil
import stat
from pathlib import Path

from chatproof_conformance.reporting.wording import plural

_MIB = 1024 * 1024
_MOST_FILES = 100_000
_OWNER, _OTHERS = 0o600, 0o755


class TooLargeError(Exception):
    """The submission does not fit; the text says by how much, as a clause."""


def copy_submission(source: Path, target: Path, most: int) -> list[str]:
    """Copy a folder's files, folders and links into another one; return what was left out, as clauses.

    Raises:
        TooLargeError: if that takes more than ``most`` bytes.
        OSError: if something cannot be read.
    """
    room, count, special = most, 0, 0
    for path, folders, files in os.walk(source):
        here = target / Path(path).relative_to(source)
        for name in [*folders, *files]:
            one, copy = Path(path, name), here / name
            status = one.lstat()
            room, count = room - (status.st_size if stat.S_ISREG(status.st_mode) else 0), count + 1
            if room < 0 or count > _MOST_FILES:
                raise TooLargeError(f"it has more than {most // _MIB} MiB or {_MOST_FILES} files")
            special += not _copy(one, copy, status.st_mode)
    return [f"{plural(special, 'special file')} left out, such as a pipe or a device"] if special else []


def _copy(one: Path, copy: Path, mode: int) -> bool:
    """Copy one of a folder's members; return False if it is neither a file, a folder nor a link."""
    try:
        if stat.S_ISLNK(mode):
            copy.symlink_to(one.readlink())
        elif stat.S_ISDIR(mode):
            copy.mkdir()
        elif stat.S_ISREG(mode):
            shutil.copyfile(one, copy)
            copy.chmod(mode & _OTHERS | _OWNER)
        else:
            return False
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise TooLargeError("it does not fit into what limits.disk allows") from None
        raise
    return True
