"""The words of a command line, as a shell of the system reads and writes them."""

import shlex
from collections.abc import Iterable


def split_words(line: str) -> list[str]:
    """Return the words of a command line.

    Raises:
        ValueError: if it is none: a quotation, say, does not end.
    """
    return shlex.split(line)


def join_words(words: Iterable[str]) -> str:
    """Return the command line that splits into these words."""
    return shlex.join(words)


def quote_word(word: str) -> str:
    """Return one word as it must be written in a command line."""
    return shlex.quote(word)


def fill_words(words: Iterable[str], **values: object) -> list[str]:
    """Return the words with the value of each name in place of ``{name}``; other braces stay as they are."""
    found = list(words)
    for name, value in values.items():
        found = [word.replace(f"{{{name}}}", str(value)) for word in found]
    return found
