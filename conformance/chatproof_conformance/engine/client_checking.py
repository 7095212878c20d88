"""A whole check of a client: start it, learn its speed, run the cases, judge, and say so."""

from dataclasses import replace

from chatproof_common.system.words import quote_word
from chatproof_conformance.core.events import RunListener
from chatproof_conformance.core.options import TRAFFIC_WORD, Options
from chatproof_conformance.core.verdicts import RunResult, judge_requirements
from chatproof_conformance.endpoints.process.driver import BUNDLED
from chatproof_conformance.engine.client_under_test import ClientUnderTest
from chatproof_conformance.engine.running import collect_cases, run_cases
from chatproof_conformance.engine.system_under_test import CLIENT_CASES
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_schemas import requirements

SECTION = "CLIENT"
_GENERATED_CASES = 9
_ROUND_TRIPS = 3
"""About how many round trips an example takes; most end a connection or have the user speak."""
_FEWEST_EXAMPLES, _MOST_EXAMPLES = 5, 100


def check_client(command: str | None, options: Options, policy: VerdictPolicy) -> int:
    """Start a client (None: the bundled one), check it, stop it; return the exit code.

    Raises:
        TargetGone: where it cannot be started.
    """
    console = Console(options, aside=policy.need_standard_output)
    described = "the bundled client" if command is None else command
    again = "" if command is None else f" --command {quote_word(command)}"
    run = Run(console, options, described, again, command="check-client")
    console.begin(described, options)
    return run.conclude(examine_client(command or BUNDLED, options, console), policy)


def examine_client(command: str, options: Options, listener: RunListener) -> RunResult:
    """Start a client, check it, stop it; return what was found, for whoever says it in another way than the console.

    Raises:
        TargetGone: where it cannot be started, or never connects.
    """
    subject = ClientUnderTest(command)
    try:
        plugin = run_cases(options, subject, listener, examples=_examples(options, subject.learn_speed()))
    finally:
        subject.close()
    chosen = {id_ for case in plugin.plan for id_ in case.requirements}
    found = {finding.requirement for result in plugin.results for finding in result.findings}
    ids = [id_ for id_, row in requirements().items() if id_ in chosen | found and row.section == SECTION]
    judged = judge_requirements(plugin.results, ids)
    return RunResult(tuple(judged), tuple(plugin.results), len(plugin.plan), plugin.gone)


def list_cases(options: Options) -> int:
    """Print the requirements of a client and the cases that prove them."""
    console = Console(options)
    console.list_requirements(collect_cases(options, console, CLIENT_CASES).plan)
    return 0


def unknown_words(options: Options) -> list[str]:
    """Return the words of the selection that are no section, requirement or case that can be run."""
    plan = collect_cases(replace(options, selection=()), Console(options), CLIENT_CASES).plan
    known = {id_ for case in plan for id_ in case.requirements} | {SECTION, TRAFFIC_WORD}
    names = {case.name for case in plan}
    return [word for word in options.selection if word.upper() not in known and word not in names]


def _examples(options: Options, round_trip: float) -> int:
    """Return how many examples each generated case may try within the budget."""
    seconds_each = options.budget / _GENERATED_CASES
    fitting = int(seconds_each / (_ROUND_TRIPS * max(round_trip, 0.0005)))
    return max(_FEWEST_EXAMPLES, min(_MOST_EXAMPLES, fitting))
