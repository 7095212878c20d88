"""A whole check: reach the target, learn its speed, run the cases, judge, and say so."""

import time
from dataclasses import replace

from chatproof_common.system.words import quote_word
from chatproof_conformance.core.events import RunListener
from chatproof_conformance.core.options import TRAFFIC_WORD, Options
from chatproof_conformance.core.outcomes import Outcome
from chatproof_conformance.core.verdicts import RunResult, judge_requirements
from chatproof_conformance.endpoints.peers.run_context import RunContext, new_run_context
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.command import BUNDLED, CommandTarget, ServerCommand
from chatproof_conformance.endpoints.process.target import RunningTarget
from chatproof_conformance.engine.running import collect_cases, run_cases
from chatproof_conformance.engine.server_under_test import ServerUnderTest
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.run import Run, VerdictPolicy
from chatproof_schemas import requirements

_TRIAL_MESSAGES = 5
_GENERATED_CASES = 16
_ROUND_TRIPS = 5
"""About how many round trips an example of a generated case takes."""
_MOST_EXAMPLES = 60


def check_command(command: str | None, options: Options, announce: str | None, policy: VerdictPolicy) -> int:
    """Start a server (None: the bundled one), check it, stop it; return the exit code.

    Raises:
        TargetGone: where it cannot be started.
    """
    recipe = ServerCommand(command, announce) if command else ServerCommand(BUNDLED, "stdin")
    context = new_run_context(CommandTarget(recipe), options.framing)
    described = "the bundled server" if command is None else command
    again = "" if command is None else f" --command {quote_word(command)}"
    again += f" --announce {quote_word(announce)}" if announce else ""
    try:
        context.target.start()  # type: ignore[attr-defined]  # a CommandTarget
        return _check(context, options, described, again, policy)
    finally:
        context.target.end()  # type: ignore[attr-defined]  # perhaps another one than above: it may have been restarted


def check_address(address: tuple[str, int], options: Options, announce: str | None, policy: VerdictPolicy) -> int:
    """Check a server that runs already; return the exit code.

    Raises:
        TargetGone: where it accepts no connection.
    """
    described = f"{address[0]}:{address[1]}"
    again = f" {described}" + (f" --announce {quote_word(announce)}" if announce else "")
    target = RunningTarget(address, announce)
    target.reach()
    return _check(new_run_context(target, options.framing), options, described, again, policy)


def examine_command(command: str, options: Options, announce: str | None, listener: RunListener) -> RunResult:
    """Start a server, check it, stop it; return what was found, for whoever says it in another way than the console.

    Raises:
        TargetGone: where it cannot be started.
    """
    target = CommandTarget(ServerCommand(command, announce))
    context = new_run_context(target, options.framing)
    try:
        target.start()
        return _examine(context, options, listener)
    finally:
        context.target.end()  # type: ignore[attr-defined]  # perhaps another one than above: it may have been restarted


def list_cases(options: Options) -> int:
    """Print the requirements and the cases that prove them."""
    console = Console(options)
    plugin = collect_cases(options, console)
    console.list_requirements(plugin.plan)
    return 0


def unknown_words(options: Options) -> list[str]:
    """Return the words of the selection that are no section, requirement or case that can be run."""
    plan = collect_cases(replace(options, selection=()), Console(options)).plan
    ids = {id_ for case in plan for id_ in case.requirements}
    known = ids | {id_.split("-")[0] for id_ in ids} | {TRAFFIC_WORD}
    names = {case.name for case in plan}
    return [word for word in options.selection if word.upper() not in known and word not in names]


def _check(context: RunContext, options: Options, described: str, again: str, policy: VerdictPolicy) -> int:
    console = Console(options, aside=policy.need_standard_output)
    run = Run(console, options, described, again)
    console.begin(described, options)
    return run.conclude(_examine(context, options, console), policy)


def _examine(context: RunContext, options: Options, listener: RunListener) -> RunResult:
    examples = _examples(options, _learn_speed(context))
    plugin = run_cases(options, ServerUnderTest(context), listener, examples=examples)
    chosen = {id_ for case in plugin.plan for id_ in case.requirements}
    found = {finding.requirement for result in plugin.results for finding in result.findings}
    ids = [id_ for id_, row in requirements().items() if id_ in chosen | found and row.section != "CLIENT"]
    judged = judge_requirements(plugin.results, ids)
    return RunResult(tuple(judged), tuple(plugin.results), len(plugin.plan), plugin.gone)


def _learn_speed(context: RunContext) -> float:
    """Return the seconds of a typical round trip, or a guess where nothing answers: the cases will say so."""
    chat = ServerSession(context)
    try:
        peer = chat.joins("probe")
        start = time.monotonic()
        for _ in range(_TRIAL_MESSAGES):
            chat.fence(peer)
        return (time.monotonic() - start) / _TRIAL_MESSAGES
    except Outcome:
        if any(violation.requirement == "FRAME-1" for violation in chat.violations):
            context.timeout.give_up()
        return 0.01
    finally:
        chat.close()


def _examples(options: Options, round_trip: float) -> int:
    """Return how many examples each generated case may try, so that half of the budget goes there."""
    seconds_each = options.budget / 2 / _GENERATED_CASES
    return max(3, min(_MOST_EXAMPLES, int(seconds_each / (_ROUND_TRIPS * max(round_trip, 0.0005)))))
