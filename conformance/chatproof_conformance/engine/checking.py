"""A whole check of a server or a client: start it, explore it, judge, and report."""

from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.exploration import run_result
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.verdicts import RunResult
from chatproof_conformance.endpoints.process.driver import BUNDLED
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.exploration.exploring import explore
from chatproof_conformance.reporting.console import print_requirements
from chatproof_conformance.reporting.listing import print_listing
from chatproof_conformance.reporting.run import Run, VerdictPolicy, console_for
from chatproof_conformance.reporting.summary import RunRequest


def check_server(source: ServerSource, options: Options, policy: VerdictPolicy) -> int:
    """Check a server; return the exit code.

    Raises:
        TargetGone: if it cannot be started, or accepts no connection.
    """
    request = RunRequest(described=source.described, target_words=source.words, options=options)
    console = console_for(request, policy)
    run = Run(console.conclude, request)
    console.begin()
    return run.conclude(_server(source, options, console), policy)


def check_client(command: str | None, options: Options, policy: VerdictPolicy) -> int:
    """Check a client (None: the bundled one); return the exit code.

    Raises:
        TargetGone: if it cannot be started, or never connects.
    """
    request = RunRequest(
        role=Role.CLIENT,
        described="the bundled client" if command is None else command,
        target_words="" if command is None else f" --command {quote_word(command)}",
        options=options,
    )
    console = console_for(request, policy)
    run = Run(console.conclude, request)
    console.begin()
    return run.conclude(_client(command or BUNDLED, options, console), policy)


def examine(  # noqa: PLR0913  what differs between trials
    role: Role,
    command: str,
    options: Options,
    listener: RunListener,
    *,
    nodes: int | None = None,
    engine: str | None = None,
) -> RunResult:
    """Start a server (which announces what it reads) or a client, check it, stop it; return what was found.

    ``nodes``: how many processes are started as one server; None: one, which knows of no others. ``engine``: the
    command line of what orders their chat, if they need one.

    Raises:
        TargetGone: if it cannot be started, or a client never connects.
    """
    if role is Role.SERVER:
        return _server(ServerSource(None, command, "stdin", nodes=nodes, engine=engine), options, listener)
    return _client(command, options, listener)


def list_requirements(options: Options, role: Role, *, as_json: bool = False) -> int:
    """Print the selected requirements, as JSON if that is asked for."""
    ids = selected_ids(options.selection, role)
    if as_json:
        print_listing(role, ids)
    else:
        print_requirements(ids)
    return 0


def _server(source: ServerSource, options: Options, listener: RunListener) -> RunResult:
    ids = selected_ids(options.selection, Role.SERVER, several=source.has_several)
    return run_result(explore(source, options, listener), ids)


def _client(command: str, options: Options, listener: RunListener) -> RunResult:
    from chatproof_conformance.engine.conversations.exploring import explore_client  # noqa: PLC0415  half as much to load

    return run_result(explore_client(command, options, listener), selected_ids(options.selection, Role.CLIENT))
