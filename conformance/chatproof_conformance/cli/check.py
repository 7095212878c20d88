"""``chatproof check``: check that a server keeps the protocol."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import CommandError
from chatproof_conformance.cli.completions import selection
from chatproof_conformance.cli.conclusions import add_conclusion_options, read_policy
from chatproof_conformance.cli.run_options import add_run_options, read_options, require_known
from chatproof_conformance.cli.targets import add_target_options
from chatproof_conformance.core.addresses import Address, read_address
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role

if TYPE_CHECKING:
    from chatproof_conformance.reporting.run import VerdictPolicy

_DESCRIPTION = """\
Checks a server of the TCP chat protocol over its socket, whatever language it is written in.
With no target it checks the bundled reference server."""

_EXAMPLES = """\
examples:
  chatproof check                                    the bundled server
  chatproof check localhost:12345                    a server that runs already (it may have other people on it)
  chatproof check --command "./myserver {port}"      start and stop the server too (more can be tested then)
  chatproof check localhost:12345 JOIN PRIVATE-2     only a section, a requirement, or a case by its name
  chatproof check localhost:12345 --save failures    keep what shows each failure, for `chatproof replay`
  chatproof check localhost:12345 --report html=report.html,junit=report.xml
  chatproof check localhost:12345 --baseline known.json   known failures do not fail the run
  chatproof check --transcript FILE                  judge a recording, with no server there
  chatproof check --list                             every requirement, and the cases that test it

exit codes:
  0  the server conforms
  1  a MUST is broken (with --strict, a SHOULD too)
  2  nothing can be said: bad options, no connection, inconclusive"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="HOST:PORT | SELECTION", help="a target, sections, ids or case names"
    )
    add_target_options(parser)
    run = add_run_options(parser, Role.SERVER)
    run.add_argument("--transcript", metavar="FILE", help="judge a recording instead, with no server there")
    add_conclusion_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.endpoints.process.source import ServerSource  # noqa: PLC0415  only when a command runs
    from chatproof_conformance.engine import checking  # noqa: PLC0415  pytest and Hypothesis take a while to import

    address, selection = _target(arguments)
    options, policy = read_options(arguments, selection), read_policy(arguments)
    if arguments.transcript:
        return _check_recording(arguments, address, options, policy)
    unknown = checking.unknown_words(options, Role.SERVER)
    require_known(unknown, Role.SERVER, ", and a target is written HOST:PORT")
    if arguments.list:
        return checking.list_cases(options, Role.SERVER)
    return checking.check_server(ServerSource(address, arguments.command, arguments.announce), options, policy)


def _target(arguments: argparse.Namespace) -> tuple[Address | None, list[str]]:
    """Return the address of the server, None if none is given, and the selection."""
    targets = [word for word in arguments.words if ":" in word]
    if len(targets) > 1:
        raise CommandError(f"give one target, not {len(targets)}: {', '.join(targets)}")
    selection = [word for word in arguments.words if ":" not in word]
    return read_address(targets[0] if targets else None, arguments.command, arguments.announce), selection


def _check_recording(
    arguments: argparse.Namespace, address: Address | None, options: Options, policy: "VerdictPolicy"
) -> int:
    from chatproof_conformance.apps.check.recording import check_recording  # noqa: PLC0415  only if it is asked for

    if address is not None or arguments.command:
        raise CommandError("give --transcript or a server, not both")
    if arguments.save or arguments.list:
        raise CommandError("--transcript goes with neither --save nor --list: no case is run")
    return check_recording(Path(arguments.transcript), options, policy)


COMMAND = Command(
    summary="check that a server keeps the protocol (with no target: the bundled server)",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    values={"words": partial(selection, Role.SERVER)},
)
