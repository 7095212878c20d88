"""``chatproof new``: write a small server to begin with."""

import argparse
from pathlib import Path

from chatproof_common.command_line.command import Command

_DESCRIPTION = """\
Writes a small server that has reached level 1 of 8 (a user joins), with its own tests, a file for CI, and a README that
names the next level. It is a beginning, no solution: the other levels are yours. No file is overwritten."""

_EXAMPLES = """\
examples:
  chatproof new server --language python          in the folder chat-server
  chatproof new server --language go .            here
  chatproof new server --language java my-chat    in the folder my-chat

exit codes:
  0  it is written
  2  it is not: a file is there already, or cannot be written"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=("server",), metavar="server", help="what to begin with")
    parser.add_argument("folder", nargs="?", metavar="FOLDER", default="chat-server", help="default: chat-server")
    parser.add_argument(
        "--language", required=True, choices=("python", "javascript", "go", "java"), help="what it is written in"
    )


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.apps.new.making import make_server  # noqa: PLC0415  only when a command runs

    return make_server(arguments.language, Path(arguments.folder))


COMMAND = Command(
    summary="write a small server to begin with, at level 1 of 8",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
