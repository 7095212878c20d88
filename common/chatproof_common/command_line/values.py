"""The values of options that several commands take."""

import argparse
from pathlib import Path


class UsageError(Exception):
    """Options that do not fit together."""


def seconds(text: str) -> float:
    """Read a number of seconds from a command line.

    Raises:
        argparse.ArgumentTypeError: where it is none, or not above 0.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def folder(name: str) -> Path:
    """Return a folder, made where it was not there: better to fail before the run than after it.

    Raises:
        UsageError: where it cannot be made.
    """
    path = Path(name)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"--save {name}: no folder can be made there: {error.strerror}") from None
    return path
