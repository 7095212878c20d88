"""Views of the system of one's own: no other process, no other network, no other file. None of it needs root."""

import contextlib
import os
import sys

from chatproof_common.system.confinement import kernel


def become_alone(kinds: int) -> bool:
    """Go on in new namespaces of these kinds, as the same user; return False if the system does not let us.

    Whoever is not root gets them by way of a namespace of users. Where one kind is refused, none is entered.
    """
    if sys.platform != "linux":
        raise NotImplementedError
    try:
        if os.geteuid() == 0:
            kernel.unshare(kinds)
        else:
            _unshare_as_user(kinds)
        if kinds & kernel.NEW_MOUNTS:
            kernel.keep_mounts()
        if kinds & kernel.NEW_NETWORK:
            kernel.bring_loopback_up()
    except OSError:
        return False
    return True


def is_allowed(kinds: int) -> bool:
    """Return whether :func:`become_alone` would do; tried in a child, since there is no way back."""
    if sys.platform != "linux":
        raise NotImplementedError
    child = os.fork()
    if child == 0:
        allowed = False
        with contextlib.suppress(BaseException):
            allowed = become_alone(kinds)
        os._exit(0 if allowed else 1)
    return os.waitpid(child, 0)[1] == 0


def hide(places: list[str]) -> None:
    """Show empty folders and files in place of these, as far as the system lets us; one may be nowhere."""
    for place in places:
        with contextlib.suppress(OSError):
            if os.path.isdir(place):  # noqa: PTH112  quicker to start than pathlib
                kernel.mount_memory(place, mebibytes=1, mode="0555")
            else:
                kernel.mount_nothing(place)


def _unshare_as_user(kinds: int) -> None:
    if sys.platform != "linux":
        raise NotImplementedError
    user, group = os.geteuid(), os.getegid()
    kernel.unshare(kernel.NEW_USER | kinds)
    lines = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    for name, line in lines.items():
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:  # noqa: PTH123  quicker to start than pathlib
            file.write(line)
