"""The values of options that several commands take, and the error of a command."""

import argparse
from pathlib import Path

from chatproof_common.addresses import read_host_and_port


class CommandError(Exception):
    """A command cannot do what its options ask for; ``main`` prints the text, and the exit code is 2."""


def seconds(text: str) -> float:
    """Read a number of seconds from a command line.

    Raises:
        argparse.ArgumentTypeError: if it is none, or not above 0.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def count(text: str) -> int:
    """Read how many, from a command line.

    Raises:
        argparse.ArgumentTypeError: if it is not a whole number, 1 or more.
    """
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(f"{text!r} must be a whole number, 1 or more")
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
