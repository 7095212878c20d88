"""What a subcommand of ``chatproof`` is, for the packages that offer one."""

import argparse
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

Values = Callable[[], Iterable[tuple[str, str]]]
"""Looks up what an argument can be, each with a clause that says what it is."""


@dataclass(frozen=True)
class Command:
    """A subcommand, registered in the entry-point group ``chatproof.commands`` under its name.

    Its module is imported when ``chatproof --help`` lists it: what ``run`` needs, ``run`` imports.

    Attributes:
        summary: one line for the list of commands.
        configure: adds the command's options to its parser.
        run: does the work and returns the exit code: 0 good, 1 a finding, 2 nothing can be said.
        description: what ``--help`` says first; the summary if empty.
        examples: what ``--help`` ends with: ``examples:``, command lines to copy, each with what it does; then
            ``exit codes:``, each on a line with what it means.
        values: by the name that an argument has in the namespace: what shell completion offers for it, if the
            parser does not know (it knows choices, and takes FILE and FOLDER in a metavar for what they say).
    """

    summary: str
    configure: Callable[[argparse.ArgumentParser], None]
    run: Callable[[argparse.Namespace], int]
    description: str = ""
    examples: str = ""
    values: Mapping[str, Values] = field(default_factory=dict)
