"""``chatproof compare``: several reports as one matrix."""

import argparse
from pathlib import Path

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import CommandError

_DESCRIPTION = """\
Puts reports side by side that `chatproof check --report json=FILE` or check-client wrote: several servers, or one
over time. What differs comes first; what passed in the first report and is broken in the last is a regression."""

_EXAMPLES = """\
examples:
  chatproof compare before.json after.json                   what changed?
  chatproof compare go=a.json rust=b.json java=c.json        three servers, under names of yours
  chatproof compare main.json branch.json --html matrix.html --md matrix.md

exit codes:
  0  no MUST (with --strict, and no SHOULD) that passed in the first report is broken in the last
  1  at least one is
  2  nothing can be said: a file is no report, or one that passed could not be tried to its end in the last"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE | NAME=FILE", help="two reports or more, the newest last")
    parser.add_argument("--strict", action="store_true", help="a SHOULD that is broken now is a regression too")
    parser.add_argument("--html", metavar="FILE", help="write the matrix as a page too")
    parser.add_argument("--md", metavar="FILE", help="write it as Markdown too")


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.compare import console, markdown, matrix, page  # noqa: PLC0415  only when a command runs
    from chatproof_conformance.reporting.reports import require_writable  # noqa: PLC0415  the same

    if len(arguments.files) == 1:
        raise CommandError("give two reports or more")
    for option, name in (("--html", arguments.html), ("--md", arguments.md)):
        if name:
            require_writable(name, f"{option} {name}")
    found = matrix.make_matrix(matrix.read_reports(arguments.files))
    if arguments.html:
        Path(arguments.html).write_text(page.render(found, strict=arguments.strict), "utf-8")
    if arguments.md:
        Path(arguments.md).write_text(markdown.render(found), "utf-8")
    console.print_matrix(found, strict=arguments.strict)
    return found.exit_code(strict=arguments.strict)


COMMAND = Command(
    summary="put reports side by side: several servers, or one over time",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
