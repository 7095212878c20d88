"""What a user is told of an error that no command has foreseen: whose it is, and never a traceback."""

import contextlib
import errno
import sys
import threading

from chatproof_common.printable import readable
from chatproof_common.system.cache_folder import cache_folder, keep
from chatproof_common.system.errors import is_lack_of_files, is_lack_of_temporary_folder, is_lack_of_threads
from chatproof_common.system.streams import discard

_CANNOT_WRITE = tuple(
    getattr(errno, name) for name in ("ENOSPC", "EFBIG", "EDQUOT", "EBADF", "EIO") if hasattr(errno, name)
)
_DETAILS = "last-error.txt"


def report(command: str, error: BaseException) -> None:
    """Say on standard error what went wrong; the traceback goes to a file that the text names."""
    if isinstance(error, OSError) and error.filename is None and error.errno in _CANNOT_WRITE:
        # Whoever writes a file names it; these come of what is printed.
        discard(sys.stdout)
        text = f"what it prints cannot be written: {error.strerror}"
    elif isinstance(error, ValueError) and is_lack_of_files(error):
        text = "Windows lets a process wait for 512 sockets at once; fewer clients, or several processes, will do"
    elif is_lack_of_files(error):
        text = "this process may open too few files and sockets; raise the limit (ulimit -n) and try again"
    elif is_lack_of_threads(error):
        text = "this process may start too few threads; raise the limit of its memory or its threads, and try again"
    elif is_lack_of_temporary_folder(error):
        text = "there is no folder for temporary files; set TMPDIR to one, or give a container --tmpfs /tmp"
    elif isinstance(error, MemoryError):
        text = "there is too little memory"
    else:
        said = f"{type(error).__name__}: {readable(str(error))}"
        text = f"an error of chatproof itself, which says nothing of what was checked: {said}{_kept(error)}"
    with contextlib.suppress(OSError):  # standard error may be what cannot be written
        print(f"chatproof {command}: {text}".replace("chatproof :", "chatproof:"), file=sys.stderr, flush=True)  # noqa: T201  the answer


def report_uncaught(command: str) -> list[BaseException]:
    """From now on report in the same way what ends a thread, or is raised where Python drops it; return a list of it.

    As long as the list is empty, all that was to be done was done.
    """
    uncaught: list[BaseException] = []

    def say(error: BaseException | None) -> None:
        # While Python takes itself apart, nothing of ours is left to run, nor to say it with.
        if error is not None and not isinstance(error, SystemExit) and not sys.is_finalizing():
            uncaught.append(error)
            report(command, error)

    threading.excepthook = lambda ended: say(ended.exc_value)
    sys.unraisablehook = lambda dropped: say(dropped.exc_value)
    return uncaught


def _kept(error: BaseException) -> str:
    import traceback  # noqa: PLC0415  start-up time of all that goes well

    with contextlib.suppress(OSError, RuntimeError):
        file = cache_folder("chatproof") / _DETAILS
        keep(file, "".join(traceback.format_exception(type(error), error, error.__traceback__)))
        return f"; {file} says where: please report it"
    return "; please report it"
