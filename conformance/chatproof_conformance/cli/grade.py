"""``chatproof grade``: many submissions, each built, started confined, checked, and given points by a scheme."""

import argparse
from pathlib import Path

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import CommandError, count
from chatproof_common.system.confinement import IS_SUPPORTED
from chatproof_common.system.cores import allowed_cores

_DESCRIPTION = """\
Grades the servers of a class: finds each submission, builds it, starts it confined, checks it, and gives it points by
a scheme. Each gets a row, whatever it does, and a page for its author. Run again, it grades only what has changed."""

_EXAMPLES = """\
examples:
  chatproof grade submissions --scheme grading.toml        each folder in it is a submission
  chatproof grade alice bob --single --scheme grading.toml   each FOLDER is one
  chatproof grade submission --single --scheme grading.toml --report gradescope=results.json
  chatproof grade submissions --scheme grading.toml --report junit=junit/{name}.xml

a scheme:
  title = "Chat server"
  build = "make"
  start = "./server --port {port}"
  announce = "stdin"
  hidden = ["PRIVATE-2"]
  [[part]]
  name = "Joining"
  points = 10
  requirements = ["JOIN", "LEAVE-1", "level 1"]

exit codes:
  0  every submission has its grade, be it none
  1  some could not be graded, through no fault of theirs
  2  nothing was graded: bad options, a wrong scheme
  130  Ctrl+C; what was graded by then is kept, and the same command goes on"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folders", nargs="+", metavar="FOLDER", help="with a folder for each submission")
    parser.add_argument("--scheme", required=True, metavar="FILE", help="how to build, start and grade: TOML")
    parser.add_argument("--single", action="store_true", help="each FOLDER is one submission")
    parser.add_argument(
        "--output", default="grades", metavar="FOLDER", help="for pages, tables and results (default: grades)"
    )
    parser.add_argument("--jobs", type=count, metavar="N", help="how many to grade at once (default: one a core)")
    parser.add_argument("--again", action="store_true", help="grade those too that have not changed")
    parser.add_argument(
        "--report",
        action="append",
        default=[],
        metavar="KIND=FILE",
        help="what an autograder reads: gradescope, prairielearn, autolab, check50, classroom50 or junit; "
        "{name} in FILE stands for the submission, - is standard output; repeated or joined by commas",
    )


def _run(arguments: argparse.Namespace) -> int:
    if not IS_SUPPORTED:
        raise CommandError("needs Linux: it runs programs of others, and knows how to confine them only there")
    from chatproof_conformance.apps.grade import session  # noqa: PLC0415  only when a command runs

    return session.run(
        session.Request(
            folders=arguments.folders,
            scheme=arguments.scheme,
            output=Path(arguments.output),
            single=arguments.single,
            jobs=arguments.jobs or len(allowed_cores()) or 1,
            again=arguments.again,
            reports=arguments.report,
        )
    )


COMMAND = Command(
    summary="grade the servers of a class by a scheme, confined; for autograders too",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
