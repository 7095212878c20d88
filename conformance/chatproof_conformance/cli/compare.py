"""``chatproof compare``: several reports as one matrix."""

import argparse
from pathlib import Path

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.files import NamedFile, require_separate, writing
from chatproof_common.command_line.values import CommandError
from chatproof_conformance.cli.conclusions import named_file

_DESCRIPTION = """\
Puts reports side by side that `chatproof check --report json=FILE` or check-client wrote: several servers, or one
over time. What differs comes first; what passed in the first report and is broken in the last is a regression.
Of a folder of reports it makes static pages: a row for each implementation, a page for each requirement, and the
history of each implementation with several reports (--name, --release and --homepage of a check say which it is)."""

_EXAMPLES = """\
examples:
  chatproof compare before.json after.json                   what changed?
  chatproof compare go=a.json rust=b.json java=c.json        three servers, under names of yours
  chatproof compare main.json branch.json --html matrix.html --md matrix.md
  chatproof compare reports --site public                    the pages of all implementations in a folder

exit codes:
  0  no MUST (with --strict, and no SHOULD) that passed in the first report is broken in the last
  1  at least one is
  2  nothing can be said: a file is no report, or one that passed could not be tried to its end in the last"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files",
        nargs="+",
        metavar="FILE",
        help="two reports or more, the newest last; NAME=FILE names one; with --site, a folder of them",
    )
    parser.add_argument("--site", metavar="FOLDER", help="of a folder of reports: write its pages there")
    parser.add_argument(
        "--title",
        default="Implementations",
        help="title of the site (default: Implementations)",
    )
    parser.add_argument("--strict", action="store_true", help="a SHOULD that is broken now is a regression too")
    parser.add_argument("--html", metavar="FILE", help="write the matrix as a page too")
    parser.add_argument("--md", metavar="FILE", help="write it as Markdown too")


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.compare import console, markdown, matrix, page  # noqa: PLC0415  only when a command runs

    if len(arguments.files) == 1 and Path(arguments.files[0]).is_dir():
        return _make_site(arguments)
    if arguments.site:
        raise CommandError("--site goes with one folder of reports")
    if len(arguments.files) == 1:
        raise CommandError("give two reports or more, or a folder of them")
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


def _make_site(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.compare.site import collection, console, writing  # noqa: PLC0415  only if it is asked for

    if arguments.html or arguments.md:
        raise CommandError("--html and --md go with reports; of a folder, --site FOLDER writes the pages")
    folder = Path(arguments.files[0])
    found = collection.read_collection(folder)
    count = None
    if arguments.site:
        site = Path(arguments.site)
        if site.resolve() == folder.resolve():
            raise CommandError(f"--site {site}: is the folder of the reports; give the pages a folder of their own")
        count = writing.write_site(found, site, arguments.title)
    console.print_collection(found, arguments.site, count)
    return 0


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
