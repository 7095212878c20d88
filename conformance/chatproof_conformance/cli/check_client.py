"""``chatproof check-client``: check that a client keeps the protocol."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import CommandError, is_whole_number
from chatproof_common.printable import shortened
from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.cli.completions import selection
from chatproof_conformance.cli.conclusions import add_conclusion_options, read_policy
from chatproof_conformance.cli.run_options import (
    add_run_options,
    given_options,
    read_options,
    read_selection,
    require_loop_options,
)
from chatproof_conformance.cli.targets import require_words
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import require_known

if TYPE_CHECKING:
    from chatproof_conformance.reporting.run import VerdictPolicy

_DESCRIPTION = """\
Checks a client of the TCP chat protocol, whatever language it is written in: the harness plays the server.
The client is driven by JSON lines on its standard input and output; see docs/driver-protocol.md.
With neither --command nor --listen it checks the bundled reference client."""

_EXAMPLES = """\
examples:
  chatproof check-client                                   the bundled client
  chatproof check-client --command "node my_driver.js"     a client of yours
  chatproof check-client --command "./driver" CLIENT-4     only a requirement
  chatproof check-client --command "./driver" --save failures   keep what shows each failure, for `chatproof replay`
  chatproof check-client --listen 12345                    a client with no driver: on its wire alone, used by you
  chatproof check-client --command "./driver" --failed     only what failed the last time
  chatproof check-client --list                            every requirement

exit codes:
  0  the client conforms
  1  a MUST is broken (with --strict, a SHOULD too)
  2  nothing can be said: bad options, no client, inconclusive
  130  Ctrl+C, after what was known by then; 143 SIGTERM, 129 SIGHUP"""
_PORTS = 65_536


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="*", metavar="SELECTION", help="ids of requirements")
    target = parser.add_argument_group("target")
    target.add_argument("--command", metavar="'…'", help="start this driver of a client")
    target.add_argument("--listen", type=_port, metavar="PORT", help="wait there for a client that a person uses")
    add_run_options(parser, Role.CLIENT)
    add_conclusion_options(parser)


def _port(text: str) -> int:
    if not (is_whole_number(text) and int(text) < _PORTS):
        raise argparse.ArgumentTypeError(
            f"{shortened(text)!r} is no port; expected 0 (the system chooses) to {_PORTS - 1}"
        )
    return int(text)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.engine import checking  # noqa: PLC0415  Hypothesis takes a while to import

    require_words(arguments.command)
    target_words = f" --command {quote_word(arguments.command)}" if arguments.command else ""
    selection = read_selection(arguments, arguments.words, Role.CLIENT, target_words)
    require_loop_options(arguments)
    options, policy = read_options(arguments, selection), read_policy(arguments)
    if arguments.listen is not None:
        return _listen(arguments, options, policy)
    require_known(selection, Role.CLIENT)
    if arguments.list:
        return checking.list_requirements(options, Role.CLIENT, as_json=arguments.format == "json")
    if arguments.watch or arguments.repeat:
        return _loop(arguments, target_words, options, policy)
    return checking.check_client(arguments.command, options, policy)


def _loop(arguments: argparse.Namespace, target_words: str, options: Options, policy: "VerdictPolicy") -> int:
    from chatproof_conformance.reporting.summary import RunRequest  # noqa: PLC0415  only if it is asked for

    described = arguments.command or "the bundled client"
    request = RunRequest(role=Role.CLIENT, described=described, target_words=target_words, options=options)
    if arguments.repeat:
        from chatproof_conformance.apps.check.repeating import repeat_check  # noqa: PLC0415  only if it is asked for

        return repeat_check(request, arguments.repeat, arguments.jobs or 1, strict=arguments.strict)
    from chatproof_conformance.apps.watch.starting import watch_client  # noqa: PLC0415  only if it is asked for

    more = ["--strict"] * arguments.strict + [f"--report={one}" for one in arguments.report]
    more += [f"--baseline={arguments.baseline}"] * bool(arguments.baseline)
    return watch_client(request, policy, more, arguments.build)


def _listen(arguments: argparse.Namespace, options: Options, policy: "VerdictPolicy") -> int:
    from chatproof_conformance.apps.check.listening import check_listening  # noqa: PLC0415  only if it is asked for

    if (
        arguments.command
        or arguments.list
        or arguments.words
        or arguments.level
        or arguments.watch
        or arguments.repeat
        or given_options(arguments)
    ):
        raise CommandError("--listen goes with --strict, --save, reports and baselines alone: a person uses the client")
    return check_listening(arguments.listen, options, policy)


COMMAND = Command(
    summary="check that a client keeps the protocol (with no command: the bundled client)",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    values={"words": partial(selection, Role.CLIENT)},
)
