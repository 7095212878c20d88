"""``chatproof validate``: are these messages what the specification asks for?"""

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.files import STANDARD, NamedFile, require_separate, writing
from chatproof_common.command_line.values import count
from chatproof_common.system.cores import allowed_cores
from chatproof_common.system.streams import for_commands

if TYPE_CHECKING:
    from chatproof_schemas.validate.writers import Writer

_DESCRIPTION = """\
Validate recorded messages, such as a log of a server or client: frames one a line, exactly as they
go over the wire; or a recording made by chatproof, which knows connection and direction of each.
Every message that is not valid is shown with its place, what is wrong, and what would be right.
Blank lines are ignored. What is compressed by gzip or zstd is decompressed.
"""
_EXAMPLES = """\
examples:
  chatproof validate sent.ndjson                       messages of either direction
  chatproof validate --direction client sent.ndjson    only what a client may send
  chatproof validate 'logs/**/*.ndjson.gz'             all files that match, compressed or not
  my-server --log-frames | chatproof validate -        what comes through a pipe
  chatproof validate --format sarif --output found.sarif sent.ndjson    for code hosts

Members that a type does not have, and types from a server that version 1 does not have, are noted:
their receiver ignores them. --strict makes them errors.

exit code: 0 all valid; 1 some invalid; 2 a file could not be read or holds no message, or wrong usage
"""
_MOST_JOBS = 64
_FORMATS = ("text", "json", "github", "sarif", "junit")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE|-",
        help="a file with one message a line, a recording, or a pattern such as 'logs/**/*.gz'; - is standard input",
    )
    parser.add_argument(
        "--direction",
        choices=("client", "server", "any"),
        default="any",
        help="whose messages they are; any: valid in either direction is valid, "
        "and faults are reported for the direction that fits best; of a recording only these are judged (default: any)",
    )
    parser.add_argument("--strict", action="store_true", help="refuse unknown members and types; else they are noted")
    parser.add_argument(
        "--format",
        choices=_FORMATS,
        default="text",
        help="the format of findings: text for people; json, sarif, junit for programs; "
        "github for annotations in GitHub Actions (default: text)",
    )
    parser.add_argument(
        "--jobs",
        type=count,
        metavar="N",
        help="processes that judge what is long, at most 64 (default: one for each core)",
    )
    parser.add_argument("--output", metavar="FILE", help="write the findings there instead of to standard output")


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_schemas.schemas import Direction  # noqa: PLC0415  --help needs none of it, and it costs time
    from chatproof_schemas.validate.files import Validation  # noqa: PLC0415  the same
    from chatproof_schemas.validate.inputs import expand, shown  # noqa: PLC0415  the same
    from chatproof_schemas.validate.report import Report  # noqa: PLC0415  the same

    files = list(dict.fromkeys(expand(arguments.files)))  # patterns may overlap
    output = None if arguments.output == STANDARD else arguments.output
    written = [] if output is None else [NamedFile(f"--output {output}", output)]
    require_separate([NamedFile(shown(name), name) for name in files], written)
    directions = tuple(Direction) if arguments.direction == "any" else (Direction(arguments.direction),)
    with writing(output or "standard output"), _opened(output, arguments.format) as out:
        writer = _make_writer(arguments.format, out, names_direction=len(directions) > 1)
        report = Report(writer, on_terminal=out.isatty())
        jobs = min(arguments.jobs or len(allowed_cores()) or os.cpu_count() or 1, _MOST_JOBS)
        return Validation(directions, report, strict=arguments.strict, jobs=jobs).validate(files)


@contextlib.contextmanager
def _opened(name: str | None, form: str) -> Iterator[TextIO]:
    if name is not None:
        with Path(name).open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
            yield out
        return
    meant = for_commands(sys.stdout)
    if form != "text" and isinstance(meant, io.TextIOWrapper):  # the formats for programs are in UTF-8 everywhere
        meant.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    yield meant if form == "github" else sys.stdout


def _make_writer(form: str, out: TextIO, *, names_direction: bool) -> "Writer":
    if form == "json":
        from chatproof_schemas.validate.writers.json import DocumentWriter  # noqa: PLC0415  imports take time

        return DocumentWriter(out)
    if form == "github":
        from chatproof_schemas.validate.writers.github import AnnotationWriter  # noqa: PLC0415  the same

        return AnnotationWriter(out)
    if form == "sarif":
        from chatproof_schemas.validate.writers.sarif import StaticAnalysisWriter  # noqa: PLC0415  the same

        return StaticAnalysisWriter(out)
    if form == "junit":
        from chatproof_schemas.validate.writers.junit import ResultWriter  # noqa: PLC0415  the same

        return ResultWriter(out)
    from chatproof_schemas.validate.writers.text import TextWriter  # noqa: PLC0415  the same

    return TextWriter(out, names_direction=names_direction)


COMMAND = Command(
    summary="validate messages in files or from standard input",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
