"""What the system's errors mean."""

import os


def described_error(code: int | None) -> str:
    """Return what an error number means, in the system's words: ``Connection refused``."""
    return os.strerror(code or 0)


def is_closed_pipe(error: OSError) -> bool:
    """Return whether writing has failed since the reader of the pipe, or of the terminal, has gone."""
    return isinstance(error, BrokenPipeError)
