"""The options for how a run is judged and reported, shared by the checking commands."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.files import STANDARD, NamedFile, require_separate
from chatproof_common.command_line.values import CommandError
from chatproof_common.printable import printable
from chatproof_common.system.streams import STEP_SUMMARY
from chatproof_conformance.reporting.reports import KINDS

if TYPE_CHECKING:
    from chatproof_conformance.reporting.reports import Destination
    from chatproof_conformance.reporting.run import VerdictPolicy


def add_conclusion_options(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    group = parser.add_argument_group("verdict and reports")
    group.add_argument("--strict", action="store_true", help="a broken SHOULD fails the run")
    group.add_argument("--baseline", metavar="FILE", help="known failures, which do not fail the run until they expire")
    group.add_argument("--write-baseline", metavar="FILE", help="write a baseline of what fails now")
    group.add_argument("--name", default="", help="what the implementation is called, for its reports")
    group.add_argument("--release", default="", metavar="VERSION", help="which version of it this is")
    group.add_argument("--homepage", default="", metavar="ADDRESS", help="where its project is found")
    group.add_argument("--situations", action="store_true", help="print which situations the run reached")
    group.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}; - is standard output; repeated or joined by commas",
    )


def read_policy(
    arguments: argparse.Namespace, read: Sequence[NamedFile] = (), written: Sequence[NamedFile] = ()
) -> "VerdictPolicy":
    """Read the options, and make sure that every file can be read or written: before the run, not after it.

    ``read`` and ``written`` are the files of the command's other options.

    Raises:
        CommandError: if one cannot, or if a file would be overwritten that is read, or written as another.
    """
    from chatproof_conformance.baseline.entries import read_baseline  # noqa: PLC0415  only when a command runs
    from chatproof_conformance.core.identity import Identity  # noqa: PLC0415  the same
    from chatproof_conformance.reporting import reports  # noqa: PLC0415  the same
    from chatproof_conformance.reporting.run import VerdictPolicy  # noqa: PLC0415  the same

    destinations = reports.read_destinations(arguments.report)
    written = (*written, *(one.file for one in destinations))
    new = named_file("--write-baseline", arguments.write_baseline, makes_folder=True)
    require_separate(read, (*written, *new))
    require_separate(named_file("--baseline", arguments.baseline), written)  # a baseline may be updated
    baseline = read_baseline(arguments.baseline) if arguments.baseline else None
    form = getattr(arguments, "format", "text")  # a tap has lines of its own
    json_lines = form == "json-lines"
    if json_lines and any(one.name == STANDARD for one in destinations):
        raise CommandError("--format json-lines and --report KIND=- both write to standard output; give one a file")
    return VerdictPolicy(
        arguments.strict,
        baseline,
        Path(arguments.write_baseline) if arguments.write_baseline else None,
        destinations + _step_summary(destinations),
        json_lines=json_lines,
        situations=arguments.situations,
        identity=Identity(
            *(printable(text.strip()) for text in (arguments.name, arguments.release, arguments.homepage))
        ),
        dense=form == "dense" or (form is None and _is_for_a_program()),
    )


def _is_for_a_program() -> bool:
    from chatproof_conformance.reporting.readers import is_for_a_program  # noqa: PLC0415  only when a command runs

    return is_for_a_program(os.environ) and not sys.stdout.isatty()


def named_file(option: str, name: str | None, *, makes_folder: bool = False) -> tuple[NamedFile, ...]:
    """Return the file that an option names; nothing if it was not given."""
    return () if name is None else (NamedFile(f"{option} {name}", name, makes_folder),)


def _step_summary(asked: "Sequence[Destination]") -> "tuple[Destination, ...]":
    """Return where a job of GitHub Actions wants its summary, if the user has not asked for one there."""
    from chatproof_conformance.reporting import reports  # noqa: PLC0415  only when a command runs

    if any(one.name == os.environ.get(STEP_SUMMARY) for one in asked):
        return ()
    try:
        return reports.step_summary(os.environ)
    except CommandError as error:
        print(f"chatproof: no summary of this job: {error}", file=sys.stderr)  # noqa: T201  nobody asked for it: a note
        return ()
