"""A whole check: reach the target, learn its speed, run the cases, judge, and say so."""

import secrets
import shlex
import string
import time

from chatproof_conformance.options import Options
from chatproof_conformance.outcomes import Outcome
from chatproof_conformance.peers.chat import Chat, Party
from chatproof_conformance.peers.patience import Patience
from chatproof_conformance.report.console import Console
from chatproof_conformance.report.summary import Summary
from chatproof_conformance.running import collect_cases, run_cases
from chatproof_conformance.targets.command import BUNDLED, CommandTarget, Recipe
from chatproof_conformance.targets.target import RunningTarget
from chatproof_conformance.verdicts import UNKNOWN, exit_code, judge_requirements
from chatproof_schemas import requirements

_TOKEN_CHARACTERS = 3
_TRIAL_MESSAGES = 5
_GENERATED_CASES = 16
_ROUND_TRIPS = 5
"""About how many round trips an example of a generated case takes."""
_MOST_EXAMPLES = 60


def check_command(command: str | None, options: Options, announce: str | None, *, strict: bool) -> int:
    """Start a server (None: the bundled one), check it, stop it; return the exit code.

    Raises:
        TargetGone: where it cannot be started.
    """
    recipe = Recipe(command, announce) if command else Recipe(BUNDLED, "stdin")
    party = _party(CommandTarget(recipe), options)
    described = "the bundled server" if command is None else command
    again = "" if command is None else f" --command {shlex.quote(command)}"
    again += f" --announce {shlex.quote(announce)}" if announce else ""
    try:
        party.target.start()  # type: ignore[attr-defined]  a CommandTarget
        return _check(party, options, described, again, strict=strict)
    finally:
        party.target.end()  # type: ignore[attr-defined]  perhaps another one than above: it may have been restarted


def check_address(address: tuple[str, int], options: Options, announce: str | None, *, strict: bool) -> int:
    """Check a server that runs already; return the exit code.

    Raises:
        TargetGone: where it accepts no connection.
    """
    described = f"{address[0]}:{address[1]}"
    again = f" {described}" + (f" --announce {shlex.quote(announce)}" if announce else "")
    return _check(_party(RunningTarget(address, announce), options), options, described, again, strict=strict)


def list_cases(options: Options) -> int:
    """Print the requirements and the cases that prove them."""
    console = Console(options)
    plugin = collect_cases(options, console)
    console.list_requirements(plugin.plan)
    return 0 if plugin.plan else _nothing_selected(options, console)


def _party(target: CommandTarget | RunningTarget, options: Options) -> Party:
    token = "".join(secrets.choice(string.ascii_lowercase + string.digits) for _ in range(_TOKEN_CHARACTERS))
    return Party(target, Patience(), token, options.framing)


def _check(party: Party, options: Options, described: str, again: str, *, strict: bool) -> int:
    start = time.monotonic()
    console = Console(options)
    console.begin(described, options)
    round_trip = _learn_speed(party)
    plugin = run_cases(options, party, console, examples=_examples(options, round_trip))
    if not plugin.plan:
        return _nothing_selected(options, console)
    chosen = {id_ for case in plugin.plan for id_ in case.requirements}
    found = {finding.requirement for result in plugin.results for finding in result.findings}
    ids = [id_ for id_, row in requirements().items() if id_ in chosen | found and row.section != "CLIENT"]
    judged = judge_requirements(plugin.results, ids)
    code = exit_code(judged, strict=strict)
    seconds = time.monotonic() - start
    console.conclude(Summary(judged, tuple(plugin.results), code, seconds, again, options.seed, plugin.gone))
    return code


def _nothing_selected(options: Options, console: Console) -> int:
    console.say(f"nothing is called {' '.join(options.selection)}; `chatproof check --list` shows what can be selected")
    return UNKNOWN


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
        return 0.01
    finally:
        chat.close()


def _examples(options: Options, round_trip: float) -> int:
    """Return how many examples each generated case may try, so that half of the budget goes there."""
    seconds_each = options.budget / 2 / _GENERATED_CASES
    return max(3, min(_MOST_EXAMPLES, int(seconds_each / (_ROUND_TRIPS * max(round_trip, 0.0005)))))

