"""``chatproof compare``: several reports as one matrix."""

import argparse
from pathlib import Path

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.files import NamedFile, require_separate, writing
from chatproof_common.command_line.values import CommandError
from chatproof_conformance.cli.conclusions import named_file

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

    if len(arguments.files) == 1:
        raise CommandError("give two reports or more")
    options = {"--html": arguments.html, "--md": arguments.md}
    written = [file for option, name in options.items() for file in named_file(option, name, makes_folder=True)]
    require_separate([NamedFile(name, matrix.file_of(name)) for name in arguments.files], written)
    found = matrix.make_matrix(matrix.read_reports(arguments.files))
    if arguments.html:
        _write("--html", arguments.html, page.render(found, strict=arguments.strict))
    if arguments.md:
        _write("--md", arguments.md, markdown.render(found))
    console.print_matrix(found, strict=arguments.strict)
    return found.exit_code(strict=arguments.strict)


def _write(option: str, name: str, text: str) -> None:
    with writing(f"{option} {name}"):
        Path(name).write_text(text, "utf-8")


COMMAND = Command(
    summary="put reports side by side: several servers, or one over time",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
