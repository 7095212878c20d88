"""What the command line takes, read from its parsers: for shell completion and the manual page."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass

from chatproof_common.command_line.command import Command

_MANY = ("*", "+", argparse.REMAINDER)


@dataclass(frozen=True, slots=True)
class Argument:
    """An option, or a word that stands at its place.

    Attributes:
        name: what it is in the namespace.
        flags: how an option is written: ``("-h", "--help")``; empty where the place tells.
        value: how help texts call its value: ``SECONDS``; empty where it takes none.
        choices: what alone it may be; empty where that is open.
        help: what it means.
        many: whether it takes one value after another.
        needed: whether a value must be given.
    """

    name: str
    flags: tuple[str, ...]
    value: str
    choices: tuple[str, ...]
    help: str
    many: bool
    needed: bool


def arguments_of(command: Command) -> list[Argument]:
    """Return what a subcommand takes, in the order of its ``--help``."""
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return list(_arguments(parser))


def _arguments(parser: argparse.ArgumentParser) -> Iterator[Argument]:
    for action in parser._actions:  # noqa: SLF001  argparse has no public way to ask what a parser takes
        if action.help is not argparse.SUPPRESS:
            yield _argument(action)


def _argument(action: argparse.Action) -> Argument:
    choices = tuple(map(str, action.choices or ()))
    return Argument(
        name=action.dest,
        flags=tuple(action.option_strings),
        value=_value(action, choices),
        choices=choices,
        help=(action.help or "") % {**vars(action), "prog": "chatproof"},
        many=action.nargs in _MANY,
        needed=action.required if action.option_strings else action.nargs not in ("?", "*"),
    )


def _value(action: argparse.Action, choices: tuple[str, ...]) -> str:
    if action.nargs == 0:
        return ""
    named = " ".join(action.metavar) if isinstance(action.metavar, tuple) else action.metavar
    value = named or "|".join(choices) or action.dest.upper()
    return f"[{value}]" if action.nargs == "?" and action.option_strings else value
