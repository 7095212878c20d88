"""The options of a check, each declared once: command lines, reports and the pytest plugin derive theirs from here."""

from argparse import ArgumentTypeError
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from chatproof_common.command_line.values import seconds, whole_number
from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.roles import Role

DEFAULT_BUDGET = 4.0
DEFAULT_TIME_LIMIT = 60.0
DEFAULT_WAIT = 30.0
DEFAULT_BOUND = 10.0


@dataclass(frozen=True, slots=True)
class Option:
    """How an option is written on a command line.

    Attributes:
        meaning: the help.
        read: turns its text into its value, or raises ``ArgumentTypeError``.
        metavar: what stands for its value in the help; unused if there are choices.
        choices: the texts that it can be, if these are few.
        roles: whose checks have it.
        by_chance: whether each run chooses a value if none is given, so that repeating a run takes the value.
        of_cases: whether it says how each case is run; if not, a case is repeated without it.
    """

    meaning: str
    read: Callable[[str], Any] = str
    metavar: str | None = None
    choices: tuple[str, ...] | None = None
    roles: tuple[Role, ...] = tuple(Role)
    by_chance: bool = False
    of_cases: bool = True

    def parse(self, text: str) -> Any:
        """Return the value of a text.

        Raises:
            ArgumentTypeError: if it is none.
        """
        if self.choices is not None and text not in self.choices:
            raise ArgumentTypeError(f"{text!r} is none; expected {' or '.join(self.choices)}")
        return self.read(text)


def _option(default: Any, **members: Any) -> Any:
    return field(default=default, metadata={Option: Option(**members)})


@dataclass(frozen=True, slots=True)
class Options:
    """How to check.

    Attributes:
        selection: sections and ids of requirements; empty means all.
        framing: ``lf``, or ``none`` for servers of the original kind, which read and write objects with no LF.
        seed: the number that repeats the generated input.
        budget: about how many seconds generated traffic may take.
        time_limit: after how many seconds the run ends with what is known by then.
        wait: for how many seconds a server may start.
        bound: in how many seconds the users of a lost node leave, if the server has several.
        server_log: the file for what the server prints, if it is started; None: it is only kept for the report.
        lanes: whether the hand-written lanes are met too, not generated input alone.
        fail_fast: whether the first broken MUST ends the run.
        focus: whether a server meets only what puts the selection to the test, and nothing drawn.
        nemesis: whether a server that we start is also killed, paused and restricted.
        level: the level up to which is checked, if the selection was made by that.
        save: the folder in which the traffic of each failure is saved, which must exist; None: it is not.
    """

    selection: tuple[str, ...] = ()
    framing: str = _option(
        "lf",
        meaning="none: a server of the original kind, objects with no LF (default: lf)",
        choices=("lf", "none"),
        roles=(Role.SERVER,),
    )
    seed: int = _option(
        0,
        meaning="repeat a run's generated input (default: by chance, and told)",
        read=whole_number,
        metavar="N",
        by_chance=True,
    )
    budget: float = _option(
        DEFAULT_BUDGET,
        meaning=f"about how long generated traffic may take (default: {DEFAULT_BUDGET:g})",
        read=seconds,
        metavar="SECONDS",
        of_cases=False,
    )
    time_limit: float = _option(
        DEFAULT_TIME_LIMIT,
        meaning=f"end the run then, with what is known (default: {DEFAULT_TIME_LIMIT:g})",
        read=seconds,
        metavar="SECONDS",
        of_cases=False,
    )
    wait: float = _option(
        DEFAULT_WAIT,
        meaning=f"how long a server may take to start (default: {DEFAULT_WAIT:g}; HOST:PORT: 0)",
        read=seconds,
        metavar="SECONDS",
        roles=(Role.SERVER,),
        of_cases=False,
    )
    bound: float = _option(
        DEFAULT_BOUND,
        meaning=f"how soon the users of a lost node must have left (default: {DEFAULT_BOUND:g}; SPEC.md, section 19)",
        read=seconds,
        metavar="SECONDS",
        roles=(Role.SERVER,),
    )
    server_log: str | None = _option(
        None,
        meaning="write what the server prints to this file (64 MiB at most; needs a server that is started)",
        metavar="FILE",
        roles=(Role.SERVER,),
        of_cases=False,
    )
    fail_fast: bool = False
    focus: bool = False
    lanes: bool = True
    nemesis: bool = False
    level: int | None = None
    save: Path | None = None

    def words(self, *, whole: bool) -> str:
        """Return the words that give these options on a command line, each with a space before it; no selection.

        Args:
            whole: whether they repeat a whole run; otherwise one case.
        """
        given = [
            (name, f"{value:g}" if isinstance(value, float) else str(value))
            for name, value in self._declared().items()
            if OPTIONS[name].by_chance or value != _DEFAULTS[name]
        ]
        words = [f" {flag(name)} {quote_word(text)}" for name, text in given if whole or OPTIONS[name].of_cases]
        return "".join([*words, " --nemesis" if self.nemesis else ""])

    def reported(self) -> dict[str, Any]:
        """Return the options as a report has them, by name; a value by chance has a place of its own there."""
        return {name: value for name, value in self._declared().items() if not OPTIONS[name].by_chance}

    def _declared(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in OPTIONS}


def flag(name: str) -> str:
    """Return how a command line writes an option: ``--max-frames`` for ``max_frames``."""
    return "--" + name.replace("_", "-")


OPTIONS: Mapping[str, Option] = {one.name: one.metadata[Option] for one in fields(Options) if Option in one.metadata}
"""By name: those that a command line gives, in the order in which it is written again."""
_DEFAULTS: Mapping[str, Any] = {one.name: one.default for one in fields(Options)}
