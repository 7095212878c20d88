"""The files that a command line names: none may be written that is read or written by another option too."""

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.errors import is_closed_pipe

STANDARD = "-"
"""The name of standard input, or of standard output."""

_Identity = tuple[int, int]


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file on a command line.

    Attributes:
        place: the words that name it, for an error: ``--report json=FILE``.
        name: of the file; ``-`` is the standard stream.
        makes_folder: whether its folder is made if it is missing.
    """

    place: str
    name: str
    makes_folder: bool = False


def require_separate(read: Iterable[NamedFile], written: Iterable[NamedFile]) -> None:
    """Make sure that all files can be written, and that none is another, however it is named: before any is changed.

    What the process prints counts as written: ``chatproof validate FILE >> FILE`` would never end. A terminal and the
    null device are no files. A file that is missing is not made.

    Raises:
        CommandError: if one cannot be written, or is another.
    """
    inputs = {identity: one for one in read if (identity := _identity_of_input(one.name))}
    for number, place in ((1, "standard output"), (2, "standard error")):
        _refuse_input(NamedFile(place, STANDARD), _identity_of(os.fstat(number)), inputs)
    outputs: dict[_Identity, NamedFile] = {}
    if printed := _identity_of(os.fstat(1)):
        outputs[printed] = NamedFile("standard output", STANDARD)
    with contextlib.ExitStack() as made:  # all of them until the last is there: a number is given again
        for one in written:
            if one.name == STANDARD:
                continue
            identity = made.enter_context(_writable(one))
            if identity is None:
                continue
            _refuse_input(one, identity, inputs)
            if (other := outputs.setdefault(identity, one)) is not one:
                raise CommandError(f"{one.place}: is written as {other.place} too; give each a file of its own")


def require_writable(one: NamedFile) -> None:
    """Make sure that a file can be written; leave none if there was none.

    Raises:
        CommandError: if it cannot.
    """
    if one.name != STANDARD:
        with _writable(one):
            pass


def is_there(name: str) -> bool:
    """Return whether there is a file of a name, be it one that no file can have."""
    try:
        return Path(name).exists()
    except (OSError, ValueError):
        return False


@contextlib.contextmanager
def writing(name: str) -> Iterator[None]:
    """Name the file if what is done in the block cannot write it.

    Raises:
        CommandError: then; but a BrokenPipeError if its reader has gone.
    """
    try:
        yield
    except OSError as error:
        if is_closed_pipe(error):
            raise
        raise CommandError(f"{name}: cannot be written: {error.strerror or error}") from None


def _refuse_input(one: NamedFile, identity: _Identity | None, inputs: dict[_Identity, NamedFile]) -> None:
    if identity is not None and (source := inputs.get(identity)):
        raise CommandError(f"{one.place}: would overwrite {source.place}, which is read; give it a file of its own")


def _identity_of_input(name: str) -> _Identity | None:
    try:
        return _identity_of(os.fstat(0) if name == STANDARD else Path(name).stat())
    except (OSError, ValueError):  # who reads it says so
        return None


def _identity_of(status: os.stat_result) -> _Identity | None:
    """Return what is the same for all names of a file; None for what is no file, such as a terminal or a socket."""
    if stat.S_ISREG(status.st_mode) or stat.S_ISFIFO(status.st_mode):
        return status.st_dev, status.st_ino
    return None


@contextlib.contextmanager
def _writable(one: NamedFile) -> Iterator[_Identity | None]:
    """Make sure that a file can be written, and give its identity; if it was not there, it is for this time."""
    path = Path(one.name)
    try:
        if one.makes_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise CommandError(f"{one.place}: no folder can be made there: {_reason(error)}") from None
    try:
        there = path.exists()
        if there and not (path.is_file() or path.is_dir()):  # to open a pipe would wait for its reader
            if not os.access(path, os.W_OK):
                raise PermissionError(None, "Permission denied")
        else:
            path.open("ab").close()
        status = path.stat()
    except (OSError, ValueError) as error:
        raise CommandError(f"{one.place}: cannot be written: {_reason(error)}") from None
    try:
        yield _identity_of(status)
    finally:
        if not there:
            path.resolve().unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
