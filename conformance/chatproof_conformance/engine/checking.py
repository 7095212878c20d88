"""A whole check of a server or a client: start it, learn its speed, run the cases, judge, and report."""

from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace

from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.options import TRAFFIC_WORD, Options
from chatproof_conformance.core.roles import Role, role_of
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.verdicts import RunResult, judge_requirements
from chatproof_conformance.endpoints.process.driver import BUNDLED
from chatproof_conformance.endpoints.process.source import ServerSource
from chatproof_conformance.engine.case_runner import SystemUnderTest
from chatproof_conformance.engine.client_under_test import ClientUnderTest
from chatproof_conformance.engine.running import collect_cases, run_cases
from chatproof_conformance.engine.server_under_test import server_under_test
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_schemas import requirements

_SHORTEST_ROUND_TRIP = 0.0005


@dataclass(frozen=True, slots=True)
class _Examples:
    """How many inputs each case with generated input tries.

    Attributes:
        share: the part of the budget that they may take.
        cases: how many such cases there are.
        round_trips: about how many round trips an example takes.
        fewest: however slow the system under test is.
        most: however quick it is.
    """

    share: float
    cases: int
    round_trips: int
    fewest: int
    most: int

    def number(self, budget: float, round_trip: float) -> int:
        """Return how many fit into a budget; both are in seconds."""
        seconds_each = budget * self.share / self.cases
        fitting = int(seconds_each / (self.round_trips * max(round_trip, _SHORTEST_ROUND_TRIP)))
        return max(self.fewest, min(self.most, fitting))


_EXAMPLES = {
    # Generated traffic takes the other half.
    Role.SERVER: _Examples(share=0.5, cases=16, round_trips=5, fewest=3, most=60),
    # Most examples end a connection or have the user speak.
    Role.CLIENT: _Examples(share=1, cases=9, round_trips=3, fewest=5, most=100),
}


def check_server(source: ServerSource, options: Options, policy: VerdictPolicy) -> int:
    """Check a server; return the exit code.

    Raises:
        TargetGone: if it cannot be started, or accepts no connection.
    """
    request = RunRequest(described=source.described, target_words=source.words, options=options)
    return _check(server_under_test(source, options.framing), request, policy)


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
    return _check(closing(ClientUnderTest(command or BUNDLED)), request, policy)


def examine(role: Role, command: str, options: Options, listener: RunListener) -> RunResult:
    """Start a server (which announces what it reads) or a client, check it, stop it; return what was found.

    Raises:
        TargetGone: if it cannot be started, or a client never connects.
    """
    opening: AbstractContextManager[SystemUnderTest]
    if role is Role.CLIENT:
        opening = closing(ClientUnderTest(command))
    else:
        opening = server_under_test(ServerSource(None, command, "stdin"), options.framing)
    with opening as system:
        return _examine(system, options, listener)


def list_cases(options: Options, role: Role) -> int:
    """Print the requirements and the cases that verify them."""
    console = Console()
    console.list_requirements(collect_cases(options, console, role))
    return 0


def unknown_words(options: Options, role: Role) -> list[str]:
    """Return the words of the selection that are no section, requirement or case that can be run."""
    if not options.selection:
        return []
    plan = collect_cases(replace(options, selection=()), Console(), role)
    ids = {id_ for case in plan for id_ in case.requirements}
    known = ids | {id_.split("-")[0] for id_ in ids} | {TRAFFIC_WORD}
    names = {case.name for case in plan}
    return [word for word in options.selection if word.upper() not in known and word not in names]


def _check(opening: AbstractContextManager[SystemUnderTest], request: RunRequest, policy: VerdictPolicy) -> int:
    options = request.options
    console = Console(aside=policy.need_standard_output)
    with opening as system:
        run = Run(console.conclude, request)
        console.begin(request.described, options)
        return run.conclude(_examine(system, options, console), policy)


def _examine(system: SystemUnderTest, options: Options, listener: RunListener) -> RunResult:
    examples = _EXAMPLES[system.role].number(options.budget, system.learn_speed())
    plugin = run_cases(options, system, listener, examples=examples)
    chosen = {id_ for case in plugin.plan for id_ in case.requirements}
    found = {finding.requirement for result in plugin.results for finding in result.findings}
    ids = [id_ for id_, row in requirements().items() if id_ in chosen | found and role_of(row) is system.role]
    judged = judge_requirements(plugin.results, ids)
    return RunResult(tuple(judged), tuple(plugin.results), len(plugin.plan), plugin.gone)
