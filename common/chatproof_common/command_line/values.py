"""The values of options that several commands take, and the error of a command."""

import argparse
from pathlib import Path

from chatproof_common.addresses import read_host_and_port
from chatproof_common.printable import shortened

MOST_SECONDS = 1_000_000
"""More than 11 days; what the system can wait for has a bound too."""
_MOST_DIGITS = 18
"""Of a number on a command line: it fits into 64 bits, and Python reads it."""


class CommandError(Exception):
    """A command cannot do what its options ask for; ``main`` prints the text, and the exit code is 2."""


def seconds(text: str) -> float:
    """Read a number of seconds from a command line.

    Raises:
        argparse.ArgumentTypeError: if it is none, not above 0, or more than :data:`MOST_SECONDS`.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{shortened(text)!r} is no number of seconds above 0")
    if value > MOST_SECONDS:
        raise argparse.ArgumentTypeError(f"{shortened(text)!r} is too long; expected at most {MOST_SECONDS:,} seconds")
    return value


def is_whole_number(text: str) -> bool:
    """Return whether a text is a whole number, 0 or more, of at most 18 digits, in ASCII."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def whole_number(text: str) -> int:
    """Read a whole number, 0 or more, from a command line.

    Raises:
        argparse.ArgumentTypeError: if it is none, or has more than 18 digits.
    """
    if not is_whole_number(text):
        raise argparse.ArgumentTypeError(
            f"{shortened(text)!r} is no whole number, 0 or more, of at most {_MOST_DIGITS} digits"
        )
    return int(text)


def count(text: str) -> int:
    """Read how many, from a command line.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number, 1 or more, of at most 18 digits.
    """
    if not (is_whole_number(text) and int(text)):
        raise argparse.ArgumentTypeError(
            f"{shortened(text)!r} must be a whole number, 1 or more, of at most {_MOST_DIGITS} digits"
        )
    return int(text)


def folder(name: str) -> Path:
    """Return a folder, made if it was not there: better to fail before the run than after it.

    Raises:
        CommandError: if it cannot be made.
    """
    path = Path(name)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"--save {name}: no folder can be made there: {error.strerror}") from None
    return path


def address(text: str) -> tuple[str, int]:
    """Read a host and a port from a command line.

    Raises:
        argparse.ArgumentTypeError: if it is not ``HOST:PORT`` (IPv6: ``[HOST]:PORT``).
    """
    try:
        return read_host_and_port(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no address: {error}") from None
