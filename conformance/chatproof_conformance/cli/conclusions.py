"""The options for how a run is judged and reported, shared by the checking commands."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.values import CommandError
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
    group.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help=f"{', '.join(KINDS[:-1])} or {KINDS[-1]}; - is standard output; repeated or joined by commas",
    )


def read_policy(arguments: argparse.Namespace) -> "VerdictPolicy":
    """Read the options, and make sure that every file can be read or written: before the run, not after it.

    Raises:
        CommandError: if one cannot.
    """
    from chatproof_conformance.baseline.entries import read_baseline  # noqa: PLC0415  only when a command runs
    from chatproof_conformance.reporting import reports  # noqa: PLC0415  the same
    from chatproof_conformance.reporting.run import VerdictPolicy  # noqa: PLC0415  the same

    destinations = reports.read_destinations(arguments.report) + _step_summary()
    written = arguments.write_baseline
    if written:
        reports.require_writable(written, f"--write-baseline {written}")
    baseline = read_baseline(arguments.baseline) if arguments.baseline else None
    return VerdictPolicy(arguments.strict, baseline, Path(written) if written else None, destinations)


def _step_summary() -> "tuple[Destination, ...]":
    from chatproof_conformance.reporting import reports  # noqa: PLC0415  only when a command runs

    try:
        return reports.step_summary(os.environ)
    except CommandError as error:
        print(f"chatproof: no summary of this job: {error}", file=sys.stderr)  # noqa: T201  nobody asked for it: a note
        return ()
