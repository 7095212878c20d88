"""The words of a command line, as a shell of the system reads and writes them."""

import shlex
from collections.abc import Iterable

split_words = shlex.split
"""The words of a command line; a ValueError if it is none: a quotation, say, does not end."""
join_words = shlex.join
"""The command line that splits into these words."""
quote_word = shlex.quote
"""One word as it must be written in a command line."""


def fill_words(words: Iterable[str], **values: object) -> list[str]:
    """Return the words with the value of each name in place of ``{name}``; other braces stay as they are."""
    found = list(words)
    for name, value in values.items():
        found = [word.replace(f"{{{name}}}", str(value)) for word in found]
    return found
