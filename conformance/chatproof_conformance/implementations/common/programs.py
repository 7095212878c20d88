"""Servers and clients that are no class on the baseline but programs of their own."""

import shutil
import sys
from collections.abc import Callable
from typing import NamedTuple

from common.entry import Entry

PYTHON = [sys.executable, "-S", "-E"]


class Program(NamedTuple):
    """One program: its entry, and a function that returns the words that start it, compiled first if it has to be."""

    entry: Entry
    words: Callable[[], list[str]]


def find_program(programs: list[Program], name: str) -> list[str] | None:
    """Return the words that start a program; None if there is none of that name.

    Raises:
        RuntimeError: a tool that it needs is missing, or it does not compile.
    """
    for entry, words in programs:
        if entry.name == name:
            for tool in entry.needs:
                if shutil.which(tool) is None:
                    raise RuntimeError(f"{name} needs {tool}, which is not installed")
            return words()
    return None
