"""What the system's errors mean."""

import errno
import os
import stat
import sys

_FIRST_OF_SOCKETS = 10_000
"""Windows numbers the errors of its sockets from here on."""
_TOO_MANY_FILES = (errno.EMFILE, errno.ENFILE)
_NO_PORT = (errno.EADDRNOTAVAIL, errno.EADDRINUSE, *([errno.ENOBUFS] if sys.platform == "win32" else []))
_NO_WAY_NAMES = ("ENOTCONN", "EHOSTUNREACH", "EHOSTDOWN", "ENETUNREACH", "ENETDOWN", "ENETRESET", "EPROTOTYPE")
_NO_WAY = tuple(getattr(errno, name) for name in _NO_WAY_NAMES if hasattr(errno, name))
"""What systems say of a peer that cannot be reached any more, beside Python's ``ConnectionError``."""


def described_error(code: int | None) -> str:
    """Return what an error number means, in the system's words: ``Connection refused``."""
    if sys.platform == "win32" and (code or 0) >= _FIRST_OF_SOCKETS:  # strerror does not know these
        import ctypes  # noqa: PLC0415  where it is needed

        return ctypes.FormatError(code or 0).strip(" .\r\n")
    return os.strerror(code or 0)


def is_closed_pipe(error: OSError) -> bool:
    """Return whether writing has failed since the reader of the pipe has gone."""
    if sys.platform == "win32" and error.errno == errno.EINVAL and error.filename is None:
        return True
    return isinstance(error, BrokenPipeError)


def is_closed_terminal(error: OSError) -> bool:
    """Return whether reading or writing has failed since the terminal has gone."""
    if sys.platform == "win32":
        return False
    return error.errno == errno.EIO and error.filename is None and any(map(_is_terminal, range(3)))


def _is_terminal(descriptor: int) -> bool:
    """Return whether a descriptor is that of a terminal, be it gone; ``isatty`` says no then."""
    if sys.platform == "win32":
        return os.isatty(descriptor)
    try:
        status = os.fstat(descriptor)
    except OSError:
        return False
    return stat.S_ISCHR(status.st_mode) and status.st_rdev != os.stat(os.devnull).st_rdev  # noqa: PTH116  no file


def is_of_peer(error: OSError) -> bool:
    """Return whether a connection or a pipe has failed by what its other end, or the network between, has done.

    All else is a lack of this process or of its machine, such as memory, descriptors or ports.
    """
    return isinstance(error, (ConnectionError, TimeoutError)) or error.errno in _NO_WAY


def is_lack_of_threads(error: BaseException) -> bool:
    """Return whether the system lets this process start no further thread, for want of memory or by a limit."""
    return isinstance(error, RuntimeError) and "can't start new thread" in str(error)


def is_lack_of_files(error: BaseException) -> bool:
    """Return whether this process, or the system, may not open one more file or socket."""
    if isinstance(error, ValueError) and "too many file descriptors in select" in str(error):  # Windows: above 512
        return True
    return isinstance(error, OSError) and error.errno in _TOO_MANY_FILES


def is_lack_of_ports(error: OSError) -> bool:
    """Return whether a connection cannot begin since this machine has no port left for its side of it.

    Systems keep the port of an ended connection for up to some minutes.
    """
    return error.errno in _NO_PORT


def is_lack_of_temporary_folder(error: BaseException) -> bool:
    """Return whether there is no folder in which this process may write temporary files."""
    return isinstance(error, FileNotFoundError) and error.filename is None and "temporary directory" in str(error)
