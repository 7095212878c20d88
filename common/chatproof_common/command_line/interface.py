"""What the command line takes, read from its parsers: for shell completion and the manual page."""

import argparse

from chatproof_common.command_line.command import Command


def arguments_of(command: Command) -> list[argparse.Action]:
    """Return what a subcommand takes, in the order of its ``--help``."""
    parser = argparse.ArgumentParser()
    command.configure(parser)
    actions = parser._actions  # noqa: SLF001  argparse has no public way to ask what a parser takes
    return [action for action in actions if action.help is not argparse.SUPPRESS]


def value_of(argument: argparse.Action) -> str:
    """Return how help texts call an argument's value: ``SECONDS``; empty if it takes none."""
    if argument.nargs == 0:
        return ""
    named = " ".join(argument.metavar) if isinstance(argument.metavar, tuple) else argument.metavar
    value = named or "|".join(map(str, argument.choices or ())) or argument.dest.upper()
    return f"[{value}]" if argument.nargs == "?" and argument.option_strings else value


def help_of(argument: argparse.Action) -> str:
    """Return an argument's help text with its defaults filled in."""
    return (argument.help or "") % {**vars(argument), "prog": "chatproof"}


def takes_many(argument: argparse.Action) -> bool:
    """Whether an argument takes one value after another."""
    return argument.nargs in ("*", "+", argparse.REMAINDER)
