"""Help that fits the terminal: what is wider than it is wrapped at its words."""

import argparse
import re
import textwrap

_ENTRY = re.compile(r"(\s+\S.*?)\s{2,}(\S.*)")
"""A line of a table: what is typed, and what it does."""
_DEEPER = 6


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """Leaves lines as they were written, if there is room for them."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(line for each in text.splitlines() for line in _fitted(indent + each, width))


def _fitted(line: str, width: int) -> list[str]:
    """Return a line as lines of at most ``width`` columns; the second column of a table goes below the first."""
    if len(line) <= width:
        return [line]
    if entry := _ENTRY.fullmatch(line):
        below = " " * _DEEPER
        return [
            *_fitted(entry[1], width),
            *textwrap.wrap(entry[2], width, initial_indent=below, subsequent_indent=below),
        ]
    indent = line[: len(line) - len(line.lstrip())]
    deeper = indent + "  " * bool(indent)
    return textwrap.wrap(
        line.strip(), width, initial_indent=indent, subsequent_indent=deeper,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
