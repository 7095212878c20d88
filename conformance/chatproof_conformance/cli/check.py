"""``chatproof check``: check that a server keeps the protocol."""

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.limits import allow_files
from chatproof_conformance.cli.completions import selection
from chatproof_conformance.cli.conclusions import add_conclusion_options, named_file, read_policy
from chatproof_conformance.cli.run_options import add_run_options, read_options, read_selection, require_loop_options
from chatproof_conformance.cli.targets import add_nodes_option, add_target_options
from chatproof_conformance.core.addresses import Address, read_addresses
from chatproof_conformance.core.options import DEFAULT_WAIT, Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import require_known
from chatproof_conformance.reporting.summary import RunRequest

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
  chatproof check localhost:12345 localhost:12346    a server of two addresses: the nodes of one chat
  chatproof check --command "./node {port} {shared}" --nodes 2   start and stop its nodes too
  chatproof check --command "./node {port} {engine}" --nodes 2 --engine "redis-server --port {port}"
                                                     also what orders their chat, and pause, kill and cut it off
  chatproof check localhost:12345 JOIN PRIVATE-2     only a section and a requirement
  chatproof check localhost:12345 --save failures    keep what shows each failure, for `chatproof replay`
  chatproof check localhost:12345 --report html=report.html,junit=report.xml
  chatproof check localhost:12345 --baseline known.json   known failures do not fail the run
  chatproof check --transcript FILE                  judge a recording, with no server there
  chatproof check localhost:12345 --failed           only what failed the last time
  chatproof check localhost:12345 --level 3          only the first three levels of eight
  chatproof check --command "./chat {port}" --watch --build "go build -o chat ."
                                                     build and check at each change of a file
  chatproof check --command "./chat {port}" JOIN-6 --repeat 20   how often does it fail?
  chatproof check --command "./chat {port}" --nemesis   also kill it, pause it, and let it run out of files
  chatproof check --list                             every requirement

exit codes:
  0  the server conforms
  1  a MUST is broken (with --strict, a SHOULD too)
  2  nothing can be said: bad options, no connection, inconclusive
  130  Ctrl+C, after what was known by then; 143 SIGTERM, 129 SIGHUP"""
_FILES = 256
"""Twice what a check was seen to have open: a lack of ours would look like a fault of the server."""


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words",
        nargs="*",
        metavar="HOST:PORT | SELECTION",
        help="a target (several: the nodes of one server), sections or ids of requirements",
    )
    add_nodes_option(add_target_options(parser))
    run = add_run_options(parser, Role.SERVER)
    run.add_argument("--transcript", metavar="FILE", help="judge a recording instead, with no server there")
    add_conclusion_options(parser)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance.endpoints.process.source import ServerSource  # noqa: PLC0415  only when a command runs
    from chatproof_conformance.endpoints.process.stopping import require_stop  # noqa: PLC0415  the same
    from chatproof_conformance.engine import checking  # noqa: PLC0415  Hypothesis takes a while to import

    addresses, words = _targets(arguments)
    address = addresses[0] if addresses else None
    require_stop(arguments.stop, arguments.command)
    source = ServerSource(
        address,
        arguments.command,
        arguments.announce,
        arguments.server_log,
        stop=arguments.stop,
        more=addresses[1:],
        nodes=arguments.nodes,
        engine=arguments.engine,
    )
    selection = read_selection(arguments, words, Role.SERVER, source.words)
    read, written = named_file("--transcript", arguments.transcript), named_file("--server-log", arguments.server_log)
    require_loop_options(arguments)
    options, policy = read_options(arguments, selection), read_policy(arguments, read, written)
    if options.server_log and (address or arguments.transcript):
        raise CommandError("--server-log needs a server that is started: what another one prints is not ours to read")
    if options.nemesis and (addresses or arguments.transcript or arguments.nodes):
        raise CommandError("--nemesis needs one server that is started: --command without --nodes, or the bundled one")
    if arguments.transcript:
        return _check_recording(arguments, address, options, policy)
    require_known(selection, Role.SERVER, hint=", and a target is written HOST:PORT")
    if arguments.list:
        return checking.list_requirements(options, Role.SERVER, as_json=arguments.format == "json")
    if arguments.time_limit is None:  # then it is the time for the check, without the start
        options = replace(options, time_limit=options.time_limit + max(0.0, options.wait - DEFAULT_WAIT))
    if (allowed := allow_files(_FILES)) < _FILES:
        raise CommandError(f"a check needs {_FILES} open files and sockets; the system allows {allowed:g} (ulimit -n)")
    source.open_log()
    if arguments.watch:
        from chatproof_conformance.apps.watch.starting import watch_server  # noqa: PLC0415  only if it is asked for

        return watch_server(
            source if arguments.wait is None else replace(source, wait=arguments.wait), options, policy, arguments.build
        )
    if arguments.repeat:
        from chatproof_conformance.apps.check.repeating import repeat_check  # noqa: PLC0415  only if it is asked for

        request = RunRequest(described=source.described, target_words=source.words, options=options)
        return repeat_check(request, arguments.repeat, arguments.jobs or 1, strict=arguments.strict)
    return checking.check_server(source.reach(arguments.wait), options, policy)


def _targets(arguments: argparse.Namespace) -> tuple[tuple[Address, ...], list[str]]:
    """Return the addresses of the server, if any are given, and the selection."""
    targets = [word for word in arguments.words if ":" in word]
    selection = [word for word in arguments.words if ":" not in word]
    given = (arguments.command, arguments.announce, arguments.nodes, arguments.engine)
    return read_addresses(targets, *given), selection


def _check_recording(
    arguments: argparse.Namespace, address: Address | None, options: Options, policy: "VerdictPolicy"
) -> int:
    from chatproof_conformance.apps.check.recording import check_recording  # noqa: PLC0415  only if it is asked for

    if address is not None or arguments.command:
        raise CommandError("give --transcript or a server, not both")
    if arguments.save or arguments.list or arguments.failed or arguments.level or arguments.watch or arguments.repeat:
        raise CommandError(
            "--transcript goes with none of --save, --list, --failed, --level, --watch and --repeat: nothing is run"
        )
    return check_recording(Path(arguments.transcript), options, policy)


COMMAND = Command(
    summary="check that a server keeps the protocol (with no target: the bundled server)",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
    values={"words": partial(selection, Role.SERVER)},
)
