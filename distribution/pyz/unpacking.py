"""Unpacks the packages of the single file into the user's cache, once.

They are run from there as installed ones are: what is started as a program is a file, and Python keeps it compiled.
"""

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from cache_folder import cache_folder

SITE = "site/"
"""What the names in the archive begin with that belong to packages."""
_CANNOT_RUN = 2
_INTERRUPTED = 130


def unpack_or_exit(archive: str) -> str:
    """Return the folder with the packages of an archive; if that cannot be had, say why and exit."""
    try:
        return str(_unpack(archive))
    except (zipfile.BadZipFile, zlib.error, EOFError):
        _exit(_CANNOT_RUN, f"{archive} is damaged; download it again")
    except OSError as error:
        _exit(_CANNOT_RUN, f"{archive} cannot be unpacked: {error}")
    except KeyboardInterrupt:
        _exit(_INTERRUPTED, "interrupted")


def _exit(code: int, text: str) -> NoReturn:
    sys.stderr.write(f"chatproof: {text}\n")
    sys.exit(code)


def _unpack(archive: str) -> Path:
    with zipfile.ZipFile(archive) as opened:
        members = [one for one in opened.infolist() if one.filename.startswith(SITE)]
        contents = hashlib.sha256(repr([(one.filename, one.CRC) for one in members]).encode()).hexdigest()
        failure = OSError("there is no folder for it")
        for parent in _parents():
            folder = parent / contents[:16]
            try:
                for member in members:
                    _write(opened, member, folder / member.filename.removeprefix(SITE))
            except OSError as error:  # read-only, full, or not ours
                failure = error
            else:
                return folder
        raise failure


def _write(opened: zipfile.ZipFile, member: zipfile.ZipInfo, file: Path) -> None:
    """Write a member unless it is there. Several processes can do so at once: a file is there as a whole or not."""
    if file.is_file() and file.stat().st_size == member.file_size:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(f"{file.name}.{os.getpid()}")
    part.write_bytes(opened.read(member))
    part.replace(file)


def _parents() -> Iterator[Path]:
    """Yield where it may be unpacked: in the user's cache, or for want of that among the temporary files."""
    with contextlib.suppress(RuntimeError):  # there is no home
        yield cache_folder("chatproof") / "pyz"
    owner = os.getuid() if hasattr(os, "getuid") else "pyz"
    folder = Path(tempfile.gettempdir(), f"chatproof-{owner}")
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if hasattr(os, "getuid") and (
        not stat.S_ISDIR(found.st_mode) or (found.st_uid, found.st_mode & 0o077) != (owner, 0)
    ):
        raise PermissionError(f"{folder} is another user's, or others may write there")
    yield folder
