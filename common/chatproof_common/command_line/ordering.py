"""Lets options and other words stand in any order: argparse fills all places at the first run of words it finds."""

import argparse
from collections.abc import Sequence

_END_OF_OPTIONS = "--"


def options_first(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[str]:
    """Return the words of a command line with its options first; a parser that takes a rest is given it as it is."""
    actions = parser._actions  # noqa: SLF001  argparse has no public way to ask what a parser takes
    places = [action for action in actions if not action.option_strings]
    if not places or any(action.nargs == argparse.REMAINDER for action in places):
        return list(words)
    flags = {flag: action for action in actions for flag in action.option_strings}
    options: list[str] = []
    others: list[str] = []
    awaiting = 0.0
    for at, word in enumerate(words):
        if word == _END_OF_OPTIONS:
            others += words[at + 1 :]
            break
        if word.startswith("-") and word != "-" and not _is_number(word):
            options.append(word)
            awaiting = _values(flags, word)
        elif awaiting > 0:
            options.append(word)
            awaiting -= 1
        else:
            others.append(word)
    return [*options, _END_OF_OPTIONS, *others] if others else options


def _values(flags: dict[str, argparse.Action], word: str) -> float:
    """Return how many words after an option are its values; options may be abbreviated."""
    flag, inline, _ = word.partition("=")
    near = [flag] if flag in flags else [one for one in flags if one.startswith(flag)]
    if inline or len({flags[one].dest for one in near}) != 1:
        return 0
    nargs = flags[near[0]].nargs
    if nargs is None or nargs == "?":
        return 1
    return nargs if isinstance(nargs, int) else float("inf")


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
