"""A place for one program of others: a folder of a bounded size, a network that reaches nobody, a separate user.

What the system does not let us have is left out, and :attr:`Cell.means` says what there is.
"""

import functools
import os
import pwd
import secrets
import sys
from dataclasses import dataclass

from chatproof_common.system.confinement import kernel, landlock, launcher, namespaces

_USERS = range(30_000, 60_000)
_PARTS = ("site", "home", "tmp")


@dataclass(frozen=True, slots=True)
class Cell:
    """What there is.

    Attributes:
        folder: everything that a program in it may write to.
        means: what keeps it in, each in a few words.
        alone: whether it has other namespaces than its neighbours.
        own_network: whether it has a network of its own.
        measured: whether the folder's size has to be looked at.
        user: the number of its user; None: ours.
    """

    folder: str
    means: tuple[str, ...]
    alone: bool = False
    own_network: bool = False
    measured: bool = True
    user: int | None = None


def enter(folder: str, *, mebibytes: int) -> Cell:
    """Prepare a folder, which must exist; this process sees another one there than its parent from now on.

    Only a process that does nothing else may call this: it changes its view of the system for good.
    """
    if sys.platform != "linux":
        raise NotImplementedError
    user = _unused_user() if os.geteuid() == 0 else None
    bounded = namespaces.is_allowed(kernel.NEW_MOUNTS) and namespaces.become_alone(kernel.NEW_MOUNTS)
    if bounded:
        try:
            kernel.mount_memory(folder, mebibytes=mebibytes)
        except OSError:
            bounded = False
    _make_parts(folder, user)
    alone = namespaces.is_allowed(launcher.ALONE)
    means = ["a session", "limits"]
    means += [f"its own user ({user})"] if user is not None else []
    means += ["its own processes and mounts"] if alone else []
    means += ["its own file system"] if bounded else []
    means += [f"Landlock {landlock.version()}"] if landlock.version() else []
    return Cell(folder, tuple(means), alone=alone, measured=not bounded, user=user)


def cut_off(cell: Cell) -> Cell:
    """Let this process, and so the cell, reach no network but its own from now on, if the system lets us."""
    if not (namespaces.is_allowed(kernel.NEW_NETWORK) and namespaces.become_alone(kernel.NEW_NETWORK)):
        return cell
    means = (*cell.means, "its own network")
    return Cell(cell.folder, means, cell.alone, own_network=True, measured=cell.measured, user=cell.user)


def hand_over(cell: Cell) -> None:
    """Give what was put into the working copy to the cell's user."""
    if sys.platform != "linux":
        raise NotImplementedError
    if cell.user is not None:
        for path, folders, files in os.walk(f"{cell.folder}/site"):
            for name in (".", *folders, *files):
                os.chown(os.path.join(path, name), cell.user, cell.user, follow_symlinks=False)  # noqa: PTH118  walk's


def _make_parts(folder: str, user: int | None) -> None:
    if sys.platform != "linux":
        raise NotImplementedError
    for name in _PARTS:
        os.makedirs(f"{folder}/{name}", mode=0o755, exist_ok=True)  # noqa: PTH103  beside os.chown
        if user is not None:
            os.chown(f"{folder}/{name}", user, user)
    if user is not None:
        os.chmod(folder, 0o711)  # noqa: PTH101, S103  others reach what they are given, and list nothing


@functools.cache
def _unused_user() -> int:
    if sys.platform != "linux":
        raise NotImplementedError
    while True:
        user = secrets.choice(_USERS)
        try:
            pwd.getpwuid(user)
        except KeyError:
            return user
