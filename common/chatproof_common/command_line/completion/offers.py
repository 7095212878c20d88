"""What could stand at the cursor of a command line of chatproof, read from the parsers."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.interface import arguments_of, help_of, takes_many, value_of
from chatproof_common.command_line.main import find_commands

Offer = tuple[str, str]
"""A word, and a clause that says what it is."""

FILES, FOLDERS = ("", "files"), ("", "folders")
"""Ask the shell for its own completion of paths."""

_OF_THE_PROGRAM = (("--help", "show what there is"), ("--version", "show the version"))


def offers(words: Sequence[str]) -> list[Offer]:
    """Return what may stand in place of the last word, which the user has begun.

    Args:
        words: those after ``chatproof``, up to the cursor; bash gives ``=`` as a separate word.
    """
    *before, current = [word for word in words if word != "="] or [""]
    if words and words[-1] == "=":
        before, current = [*before, current], ""
    found = find_commands()
    if not before:
        commands = [(name, entry.load().summary) for name, entry in found.items()]
        return _beginning(current, [*commands, *_OF_THE_PROGRAM])
    if before[0] not in found:
        return []
    command: Command = found[before[0]].load()
    return list(_of_command(command, before[1:], current))


@dataclass(slots=True)
class _Line:
    """The arguments of a subcommand before the cursor.

    Attributes:
        awaiting: the option whose value stands at the cursor, or None.
        filled: how many words stand at places that have no flag.
    """

    awaiting: argparse.Action | None = None
    filled: int = 0

    def read(self, word: str, options: dict[str, argparse.Action]) -> None:
        """Go on by one word."""
        flag, inline, _ = word.partition("=")
        if flag in options:
            self.awaiting = options[flag] if options[flag].nargs != 0 and not inline else None
        elif self.awaiting is None:
            self.filled += 1
        elif not takes_many(self.awaiting):
            self.awaiting = None


def _of_command(command: Command, before: Sequence[str], current: str) -> Iterable[Offer]:
    arguments = arguments_of(command)
    options = {flag: argument for argument in arguments for flag in argument.option_strings}
    line = _Line()
    for word in before:
        line.read(word, options)
    flag, inline, rest = current.partition("=")
    if inline and flag in options:
        return [(f"{flag}={word}" if word else "", clause) for word, clause in _values(command, options[flag], rest)]
    flags = [(name, help_of(argument)) for name, argument in options.items() if name.startswith("--")]
    if current.startswith("-"):
        return _beginning(current, flags)
    at = line.awaiting or _place(arguments, line.filled)
    return _values(command, at, current) if at else _beginning(current, flags)


def _place(arguments: Sequence[argparse.Action], filled: int) -> argparse.Action | None:
    places = [argument for argument in arguments if not argument.option_strings]
    if filled < len(places):
        return places[filled]
    return places[-1] if places and takes_many(places[-1]) else None


def _values(command: Command, argument: argparse.Action, current: str) -> list[Offer]:
    if argument.dest in command.values:
        return _beginning(current, command.values[argument.dest]())
    if argument.choices:
        return _beginning(current, ((str(choice), "") for choice in argument.choices))
    value = value_of(argument)
    return [FILES] if "FILE" in value else [FOLDERS] if "FOLDER" in value else []


def _beginning(current: str, known: Iterable[Offer]) -> list[Offer]:
    return [offer for offer in known if offer[0].startswith(current)]


def offer_lines(words: Sequence[str]) -> Iterator[str]:
    """Yield the offers as the scripts of the shells read them: a word, a tab, one line of what it is."""
    return (f"{word}\t{' '.join(clause.split())}" for word, clause in offers(words))
