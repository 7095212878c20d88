"""A whole check: reach the target, learn its speed, run the cases, judge, and say so."""

import shlex
import time
from dataclasses import replace

from chatproof_conformance.concluding import Run, Terms
from chatproof_conformance.events import Listener
from chatproof_conformance.options import TRAFFIC_WORD, Options
from chatproof_conformance.outcomes import Outcome
from chatproof_conformance.peers.chat import Chat, Party, new_party
from chatproof_conformance.report.console import Console
from chatproof_conformance.running import collect_cases, run_cases
from chatproof_conformance.subject import ServerSubject
from chatproof_conformance.targets.command import BUNDLED, CommandTarget, Recipe
from chatproof_conformance.targets.target import RunningTarget
from chatproof_conformance.verdicts import Examined, judge_requirements
from chatproof_schemas import requirements

_TRIAL_MESSAGES = 5
_GENERATED_CASES = 16
_ROUND_TRIPS = 5
"""About how many round trips an example of a generated case takes."""
_MOST_EXAMPLES = 60


def check_command(command: str | None, options: Options, announce: str | None, terms: Terms) -> int:
    """Start a server (None: the bundled one), check it, stop it; return the exit code.

    Raises:
        TargetGone: where it cannot be started.
    """
    recipe = Recipe(command, announce) if command else Recipe(BUNDLED, "stdin")
    party = new_party(CommandTarget(recipe), options.framing)
    described = "the bundled server" if command is None else command
    again = "" if command is None else f" --command {shlex.quote(command)}"
    again += f" --announce {shlex.quote(announce)}" if announce else ""
    try:
        party.target.start()  # type: ignore[attr-defined]  # a CommandTarget
        return _check(party, options, described, again, terms)
    finally:
        party.target.end()  # type: ignore[attr-defined]  # perhaps another one than above: it may have been restarted


def check_address(address: tuple[str, int], options: Options, announce: str | None, terms: Terms) -> int:
    """Check a server that runs already; return the exit code.

    Raises:
        TargetGone: where it accepts no connection.
    """
    described = f"{address[0]}:{address[1]}"
    again = f" {described}" + (f" --announce {shlex.quote(announce)}" if announce else "")
    target = RunningTarget(address, announce)
    target.reach()
    return _check(new_party(target, options.framing), options, described, again, terms)


def examine_command(command: str, options: Options, announce: str | None, listener: Listener) -> Examined:
    """Start a server, check it, stop it; return what was found, for whoever says it in another way than the console.

    Raises:
        TargetGone: where it cannot be started.
    """
    target = CommandTarget(Recipe(command, announce))
    party = new_party(target, options.framing)
    try:
        target.start()
        return _examine(party, options, listener)
    finally:
        party.target.end()  # type: ignore[attr-defined]  # perhaps another one than above: it may have been restarted


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


def _check(party: Party, options: Options, described: str, again: str, terms: Terms) -> int:
    console = Console(options, aside=terms.need_standard_output)
    run = Run(console, options, described, again)
    console.begin(described, options)
    return run.conclude(_examine(party, options, console), terms)


def _examine(party: Party, options: Options, listener: Listener) -> Examined:
    examples = _examples(options, _learn_speed(party))
    plugin = run_cases(options, ServerSubject(party), listener, examples=examples)
    chosen = {id_ for case in plugin.plan for id_ in case.requirements}
    found = {finding.requirement for result in plugin.results for finding in result.findings}
    ids = [id_ for id_, row in requirements().items() if id_ in chosen | found and row.section != "CLIENT"]
    judged = judge_requirements(plugin.results, ids)
    return Examined(tuple(judged), tuple(plugin.results), len(plugin.plan), plugin.gone)


def _learn_speed(party: Party) -> float:
    """Return the seconds of a typical round trip, or a guess where nothing answers: the cases will say so."""
    chat = Chat(party)
    try:
        peer = chat.joins("probe")
        start = time.monotonic()
        for _ in range(_TRIAL_MESSAGES):
            chat.fence(peer)
        return (time.monotonic() - start) / _TRIAL_MESSAGES
    except Outcome:
        if any(violation.requirement == "FRAME-1" for violation in chat.violations):
            party.patience.give_up()
        return 0.01
    finally:
        chat.close()


def _examples(options: Options, round_trip: float) -> int:
    """Return how many examples each generated case may try, so that half of the budget goes there."""
    seconds_each = options.budget / 2 / _GENERATED_CASES
    return max(3, min(_MOST_EXAMPLES, int(seconds_each / (_ROUND_TRIPS * max(round_trip, 0.0005)))))
