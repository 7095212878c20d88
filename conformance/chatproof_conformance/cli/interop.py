"""``chatproof interop``: every client against every server, and who is to blame."""

import argparse
import os

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.files import STANDARD, NamedFile, require_separate
from chatproof_common.command_line.values import CommandError, count, folder
from chatproof_common.system.streams import STEP_SUMMARY
from chatproof_conformance.cli.conclusions import named_file

_DESCRIPTION = """\
Has every client talk to every server that a file names, through a tap, and all clients together in one chat at each
server. Both sides of each conversation are judged: a red cell of the matrix says who broke which requirement, with the
frames. A cell is green only if all was seen that was to be seen."""

_EXAMPLES = """\
examples:
  chatproof interop implementations.toml                     the matrix, and who broke what
  chatproof interop implementations.toml --only go --only node
                                                             the servers and clients of these names
  chatproof interop implementations.toml --report html=interop.html,json=interop.json
  chatproof interop implementations.toml --against main.json --report md=comment.md
                                                             what changed against an earlier run
  chatproof interop implementations.toml --save wrong        keep a recording of each chat that went wrong

the file (docs/interop.md):
  [[server]]                                  [[client]]
  name = "go"                                 name = "node"
  command = "./chat --port {port}"            command = "node driver.js"
  announce = "stdin"                          supports = ["say", "say_privately"]

exit codes:
  0  all understand each other
  1  somebody breaks a MUST (with --strict, a SHOULD too), or cannot do what is declared
  2  nothing certain can be said: bad options, a program does not start, not enough was seen"""

_FEWEST_CORES_EACH = 1


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="which servers and clients there are, as TOML")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="of a role that is named, these only; repeated"
    )
    parser.add_argument("--seed", type=int, metavar="N", help="have the same conversations again")
    parser.add_argument("--jobs", type=count, metavar="N", help="chats at a time (default: one for each core)")
    parser.add_argument("--strict", action="store_true", help="a broken SHOULD fails the run")
    parser.add_argument("--against", metavar="FILE", help="a JSON report of an earlier run: tell what has changed")
    parser.add_argument("--save", metavar="FOLDER", help="keep a recording of each chat that is not green")
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help="html, json or md; - is standard output; repeated or joined by commas",
    )


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.interop import session  # noqa: PLC0415  only when a command runs
    from chatproof_conformance.apps.interop.formats import read_interop_destinations  # noqa: PLC0415  the same
    from chatproof_conformance.apps.interop.manifest import read_manifest  # noqa: PLC0415  the same
    from chatproof_conformance.apps.interop.shape import read_interop  # noqa: PLC0415  the same
    from chatproof_conformance.reporting.reports import step_summary  # noqa: PLC0415  the same

    reports = read_interop_destinations(arguments.report)
    read = [NamedFile(arguments.file, arguments.file), *named_file("--against", arguments.against)]
    require_separate(read, [one.file for one in reports])
    if sum(one.name == STANDARD for one in reports) > 1:
        raise CommandError("--report: only one report can be written to standard output")
    manifest = read_manifest(arguments.file).only(arguments.only)
    if os.environ.get(STEP_SUMMARY) not in [one.name for one in reports]:
        reports += step_summary(os.environ)
    return session.run_interop(
        manifest,
        session.InteropOptions(
            file=arguments.file,
            only=arguments.only,
            seed=arguments.seed,
            jobs=arguments.jobs or os.cpu_count() or _FEWEST_CORES_EACH,
            strict=arguments.strict,
            reports=reports,
            save=folder(arguments.save) if arguments.save else None,
            against=read_interop(arguments.against) if arguments.against else None,
        ),
    )


COMMAND = Command(
    summary="have every client talk to every server, and say who broke what",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
