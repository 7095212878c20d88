"""The latest lines, bounded by how many they are and by how long they are together."""

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

_T = TypeVar("_T")


class KeptLines(Generic[_T]):
    """Lines, oldest first; each has a size, that of its text as a string."""

    def __init__(self, most: int, most_characters: int) -> None:
        self._most, self._most_characters = most, most_characters
        self._lines: deque[tuple[_T, int]] = deque()
        self._characters = 0

    def append(self, line: _T) -> None:
        """Add a line, and forget the oldest ones beyond the bounds."""
        size = len(str(line))
        self._lines.append((line, size))
        self._characters += size
        while len(self._lines) > self._most or self._characters > self._most_characters:
            self._characters -= self._lines.popleft()[1]

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[_T]:
        return (line for line, _ in self._lines)
