"""Finds submissions, and tells whether one has changed."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from chatproof_common.command_line.values import CommandError
from chatproof_common.printable import printable

_NOT_IN_A_FILE_NAME = re.compile(r"[^\w.@+-]+")
_CHUNK = 1024 * 1024
_MOST_HASHED = 1024 * 1024 * 1024
"""Of a submission above that size nobody wants more than to hear that it is too large."""
_LONGEST = 100


@dataclass(frozen=True, slots=True)
class Submission:
    """What one author has handed in.

    Attributes:
        name: of its folder, printable.
        slug: the same, fit for the name of a file; unique.
        folder: where it lies.
    """

    name: str
    slug: str
    folder: Path


def find_submissions(folders: Sequence[str], *, single: bool, besides: Path) -> list[Submission]:
    """Return the submissions: ``single``: each of the folders; otherwise the folders in each of them, by their names.

    Folders whose name begins with a dot are no submissions, nor is the folder ``besides``, into which we write.

    Raises:
        CommandError: if one is no folder, or there is nothing in them.
    """
    found: list[Path] = []
    for name in folders:
        path = Path(name)
        if not path.is_dir():
            hint = "; a submission is a folder: unpack it first" if path.is_file() else ""
            raise CommandError(f"{name}: is no folder{hint}")
        found += [path] if single else list(_folders_in(path))
    found = [path for path in found if path.resolve() != besides.resolve()]
    if not found:
        hint = "give --single if each FOLDER is a submission itself"
        raise CommandError(f"{', '.join(folders)}: no folder in it, so no submission; {hint}")
    return _named(found)


def digest(folder: Path) -> str:
    """Return what is the same for the same files with the same contents and permissions to run.

    Raises:
        CommandError: if one cannot be read.
    """
    whole, room = hashlib.sha256(), _MOST_HASHED
    try:
        for path in _walk(folder):
            status = path.lstat()
            whole.update(f"\0{os.fsencode(path.relative_to(folder))!r} {status.st_mode & 0o170111:o}\0".encode())
            if path.is_symlink():
                whole.update(os.fsencode(path.readlink()))
            elif path.is_file() and room > 0:
                room -= status.st_size
                with path.open("rb") as file:
                    while data := file.read(_CHUNK):
                        whole.update(data)
    except OSError as error:
        raise CommandError(f"{error.filename or folder}: cannot be read: {error.strerror or error}") from None
    return whole.hexdigest()


def _walk(folder: Path) -> Iterator[Path]:
    for path, folders, files in os.walk(folder):
        folders.sort()
        yield from (Path(path) / name for name in sorted([*files, *folders]))


def _folders_in(path: Path) -> Iterator[Path]:
    try:
        for one in sorted(one for one in path.iterdir() if one.is_dir() and not one.name.startswith(".")):
            if one.is_symlink():
                hint = "remove it, or give its target with --single"
                raise CommandError(f"{one}: is a link to {one.readlink()}, maybe somebody else's work; {hint}")
            yield one
    except OSError as error:
        raise CommandError(f"{path}: cannot be read: {error.strerror or error}") from None


def _named(paths: Sequence[Path]) -> list[Submission]:
    """Give each a name; of two folders with one name in different places, a later one gets a number."""
    taken: set[str] = set()
    found = []
    for path in paths:
        name = printable(path.resolve().name)[:_LONGEST] or "submission"
        slug = base = _NOT_IN_A_FILE_NAME.sub("_", name).strip(".") or "submission"
        number = 1
        while slug.casefold() in taken:
            number += 1
            slug = f"{base}-{number}"
        taken.add(slug.casefold())
        found.append(Submission(name if slug == base else f"{name} ({number})", slug, path))
    return found
