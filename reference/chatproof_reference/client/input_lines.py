"""The lines that a program or a person gives a client, bounded however long they are."""

from collections.abc import Callable, Iterator
from typing import AnyStr

LONGEST_LINE = 65_536
"""Bytes, or characters: more than any request or message needs, all of it written as escapes."""


def bounded_lines(readline: Callable[[int], AnyStr], line_feed: AnyStr) -> Iterator[AnyStr]:
    """Yield lines as ``readline`` returns them; of one that is longer than the bound, its beginning and a bit more."""
    while line := readline(LONGEST_LINE + 1):
        rest = line
        while len(rest) > LONGEST_LINE and not rest.endswith(line_feed):
            rest = readline(LONGEST_LINE + 1)
        yield line
