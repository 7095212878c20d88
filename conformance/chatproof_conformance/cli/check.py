"""``chatproof check``: prove that a server keeps the protocol."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import UsageError, folder, seconds
from chatproof_conformance.cli.conclusions import add_conclusion_options, read_policy
from chatproof_conformance.cli.names import server_selection
from chatproof_conformance.cli.targets import add_target_options
from chatproof_conformance.core.addresses import read_address

if TYPE_CHECKING:
    from chatproof_conformance.core.options import Options
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
  chatproof check --list                             every requirement, and the cases that prove it

exit codes:
  0  the server conforms
  1  a MUST is broken (with --strict, a SHOULD too)
  2  nothing can be said: bad options, no connection, inconclusive"""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="HOST:PORT | SELECTION", help="a target, sections, ids or case names"
    )
    add_target_options(parser).add_argument(
        "--framing",
        choices=("lf", "none"),
        default="lf",
        help="none: a server of the original kind, objects with no LF (default: lf)",
    )
    what = parser.add_argument_group("run")
    what.add_argument("--transcript", metavar="FILE", help="judge a recording instead, with no server there")
    what.add_argument(
        "--seed", type=int, metavar="N", help="repeat a run's generated input (default: by chance, and told)"
    )
    what.add_argument(
        "--budget", type=seconds, metavar="SECONDS", help="about how long generated traffic may take (default: 6)"
    )
    what.add_argument("--save", metavar="FOLDER", help="save each failure: recording, diagram, standalone script")
    what.add_argument("--list", action="store_true", help="list requirements and cases, check nothing")
    add_conclusion_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.core.outcomes import TargetGone  # noqa: PLC0415  the same
    from chatproof_conformance.engine import checking  # noqa: PLC0415  pytest and Hypothesis take a while to import
    from chatproof_conformance.reporting.reports import ReportError  # noqa: PLC0415  the same

    try:
        address, options = _options(arguments)
        policy = read_policy(arguments)
        if arguments.transcript:
            return _check_recording(arguments, address, options, policy)
        _require_known(checking.unknown_words(options) if options.selection else [])
        if arguments.list:
            return checking.list_cases(options)
        if address is not None:
            return checking.check_address(address, options, arguments.announce, policy)
        return checking.check_command(arguments.command, options, arguments.announce, policy)
    except (ReportError, TargetGone, UsageError) as error:
        print(f"chatproof check: {error}", file=sys.stderr)  # noqa: T201  a command speaks on its terminal
        return 2


def _check_recording(
    arguments: argparse.Namespace, address: object, options: "Options", policy: "VerdictPolicy"
) -> int:
    from chatproof_conformance.apps.check.recording import check_recording  # noqa: PLC0415  only where it is asked for
    from chatproof_schemas.transcript import TranscriptError  # noqa: PLC0415  the same

    if address is not None or arguments.command:
        raise UsageError("give --transcript or a server, not both")
    if arguments.save or arguments.list:
        raise UsageError("--transcript goes with neither --save nor --list: no case is run")
    try:
        return check_recording(Path(arguments.transcript), options, policy)
    except (TranscriptError, ValueError) as error:
        raise UsageError(str(error)) from None


def _options(arguments: argparse.Namespace) -> "tuple[tuple[str, int] | None, Options]":
    import secrets  # noqa: PLC0415  only where a command runs

    from chatproof_conformance.core.options import DEFAULT_BUDGET, Options  # noqa: PLC0415  the same

    targets = [word for word in arguments.words if ":" in word]
    if len(targets) > 1:
        raise UsageError(f"give one target, not {len(targets)}: {', '.join(targets)}")
    words = [word for word in arguments.words if ":" not in word]
    address = read_address(targets[0] if targets else None, arguments.command, arguments.announce)
    seed = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    options = Options(
        tuple(words),
        arguments.framing,
        seed,
        arguments.budget or DEFAULT_BUDGET,
        save=folder(arguments.save) if arguments.save else None,
    )
    return address, options


def _require_known(unknown: list[str]) -> None:
    if unknown:
        raise UsageError(
            f"nothing is called {', '.join(unknown)}; `chatproof check --list` shows what can be selected, "
            "and a target is written HOST:PORT"
        )


COMMAND = Command(
    summary="prove that a server keeps the protocol (with no target: the bundled server)",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    values={"words": server_selection},
)
