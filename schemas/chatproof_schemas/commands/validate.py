"""``chatproof validate``: are these messages what the specification asks for?"""

import argparse

from chatproof_schemas.command import Command

_DESCRIPTION = """\
Validate newline-delimited messages, such as a log of a server or client: frames one a line,
exactly as they go over the wire. Every line that is no valid message is shown with its place,
what is wrong, and what would be right. Blank lines are ignored.
"""
_EXAMPLES = """\
examples:
  chatproof validate sent.ndjson                       messages of either direction
  chatproof validate --direction client sent.ndjson    only what a client may send
  my-server --log-frames | chatproof validate -        what comes through a pipe

exit code: 0 all valid; 1 some invalid; 2 a file could not be read, or wrong usage
"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help="a file with one message a line; - is standard input")
    parser.add_argument(
        "--direction",
        choices=("client", "server", "any"),
        default="any",
        help="whose messages they are; any: valid in either direction is valid, "
        "and faults are told for the direction that fits best (default: any)",
    )


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_schemas.schemas import Direction  # noqa: PLC0415  --help needs none of it, and it costs time
    from chatproof_schemas.validate.files import validate_files  # noqa: PLC0415  the same

    directions = tuple(Direction) if arguments.direction == "any" else (Direction(arguments.direction),)
    return validate_files(arguments.files, directions)


COMMAND = Command(
    summary="validate messages in files or from standard input",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
