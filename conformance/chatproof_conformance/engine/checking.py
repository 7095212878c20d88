"""A whole check of a server or a client: start it, learn its speed, run the cases, judge, and report."""

from contextlib import closing
from dataclasses import replace

from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.exploration import run_result
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.core.verdicts import RunResult, judge_requirements
from chatproof_conformance.endpoints.process.driver import BUNDLED
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.client_under_test import ClientUnderTest
from chatproof_conformance.engine.exploration.exploring import explore
from chatproof_conformance.engine.running import collect_cases, run_cases
from chatproof_conformance.reporting.console import print_requirements
from chatproof_conformance.reporting.listing import print_listing
from chatproof_conformance.reporting.run import Run, VerdictPolicy, console_for
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas import requirements

_SHORTEST_ROUND_TRIP = 0.0005


_EXAMPLES_MOST, _EXAMPLES_FEWEST = 100, 5
_ROUND_TRIPS = 3
"""About how many an example takes: most end a connection, or have the user speak."""
_GENERATED_CASES = 9


def check_server(source: ServerSource, options: Options, policy: VerdictPolicy) -> int:
    """Check a server; return the exit code.

    Raises:
        TargetGone: if it cannot be started, or accepts no connection.
    """
    request = RunRequest(described=source.described, target_words=source.words, options=options)
    console = console_for(request, policy)
    run = Run(console.conclude, request)
    console.begin()
    return run.conclude(_explored(source, options, console), policy)


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
    with closing(ClientUnderTest(command or BUNDLED)) as client:
        run = Run(console.conclude, request)
        console.begin()
        return run.conclude(_asked(_run_cases(client, options, console), request), policy)


def examine(role: Role, command: str, options: Options, listener: RunListener) -> RunResult:
    """Start a server (which announces what it reads) or a client, check it, stop it; return what was found.

    Raises:
        TargetGone: if it cannot be started, or a client never connects.
    """
    if role is Role.SERVER:
        return _explored(ServerSource(None, command, "stdin"), options, listener)
    with closing(ClientUnderTest(command)) as client:
        return _run_cases(client, options, listener)


def list_requirements(options: Options, role: Role, *, as_json: bool = False) -> int:
    """Print the selected requirements, and of a client the cases that verify them."""
    plan = collect_cases(options, RunListener()) if role is Role.CLIENT else []
    tested = {id_ for case in plan for id_ in case.requirements}
    ids = selected_ids(options.selection, role)
    if role is Role.CLIENT:
        ids = [id_ for id_ in selected_ids((), role) if id_ in tested]
    if as_json:
        print_listing(role, ids, plan)
    else:
        print_requirements(ids, plan)
    return 0


def case_names() -> list[str]:
    """Return the names of the cases of a client."""
    return [case.name for case in collect_cases(Options(), RunListener())]


def _explored(source: ServerSource, options: Options, listener: RunListener) -> RunResult:
    return run_result(explore(source, options, listener), selected_ids(options.selection, Role.SERVER))


def _asked(found: RunResult, request: RunRequest) -> RunResult:
    """Return the verdicts on what was selected, and on what is broken and stands in its way."""
    words = request.options.selection
    ids = {
        *selected_ids(words, request.role),
        *(i for case in found.cases if case.case in words for i in case.requirements),
    }
    ids |= {one.blocked_by for one in found.judged if one.requirement.id in ids and one.blocked_by}
    return replace(found, judged=tuple(one for one in found.judged if one.requirement.id in ids))


def _run_cases(client: ClientUnderTest, options: Options, listener: RunListener) -> RunResult:
    seconds_each = options.budget / _GENERATED_CASES
    fitting = int(seconds_each / (_ROUND_TRIPS * max(client.learn_speed(), _SHORTEST_ROUND_TRIP)))
    examples = max(_EXAMPLES_FEWEST, min(_EXAMPLES_MOST, fitting))
    plugin = run_cases(options, client, listener, examples=examples)
    chosen = {id_ for case in plugin.plan for id_ in case.requirements}
    found = {finding.requirement for result in plugin.results for finding in result.findings}
    ids = [id_ for id_, row in requirements().items() if id_ in chosen | found and role_of(row) is Role.CLIENT]
    judged = judge_requirements(plugin.results, ids)
    return RunResult(tuple(judged), tuple(plugin.results), gone=plugin.gone)
