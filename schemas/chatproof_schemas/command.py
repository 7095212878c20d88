"""What a subcommand of ``chatproof`` is, for the packages that offer one."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    """A subcommand, registered in the entry-point group ``chatproof.commands`` under its name.

    Its module is imported when ``chatproof --help`` lists it: what ``run`` needs, ``run`` imports.

    Attributes:
        summary: one line for the list of commands.
        configure: adds the command's options to its parser.
        run: does the work and returns the exit code: 0 good, 1 a finding, 2 nothing can be said.
        description: what ``--help`` says first; the summary where empty.
        examples: what ``--help`` ends with: command lines to copy, each with what it does.
    """

    summary: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    description: str = ""
    examples: str = ""
