"""What draws on the terminal of a person: nothing of it gets into a log, and nothing of others is taken for a mark."""

import re
from typing import TextIO

from rich.cells import cell_len
from rich.console import Console
from rich.markup import escape

from chatproof_common.printable import printable

_WORDS = re.compile(r"\s*\S+")
_WORDS_AND_MEMBERS = re.compile(r"\s*(?:[^\s,]+,?|,)")
"""What a line may end after."""
_NARROWEST = 20
"""Columns for text; with fewer, nothing is gained by wrapping it."""


class Terminal(Console):
    """A stream, in colour if it leads to a terminal that supports that.

    ``:boom:`` stays what it is, and what moves the cursor (a progress bar) is drawn on a real terminal only: what asks
    for colours in a log, such as FORCE_COLOR, does not ask for that.
    """

    def __init__(self, file: TextIO | None = None, *, stderr: bool = False, wraps_anywhere: bool = True) -> None:
        """Draw on a stream, or on standard output or standard error as they are at each moment.

        ``wraps_anywhere``: leave long lines to the terminal, so that they can be copied as they are.
        """
        super().__init__(file=file, stderr=stderr, highlight=False, emoji=False, soft_wrap=wraps_anywhere)
        self.is_interactive = self.is_interactive and self.file.isatty()

    def on_broken_pipe(self) -> None:
        """Raise the BrokenPipeError that is being handled: rich would end the program with 1, the code of a finding."""
        raise  # noqa: PLE0704  rich calls this in its ``except``

    def lines(self, text: str, indent: int, first: int | None = None) -> str:
        """Return a text of others as :func:`markup_lines` does, on a terminal wrapped at its words to the width.

        The first line begins at column ``first``, if that is not ``indent``.
        """
        return self._wrapped(text, indent, indent if first is None else first, _WORDS)

    def frame_lines(self, text: str, indent: int, first: int) -> str:
        """Return a frame, or what somebody printed, as :meth:`lines` does; a line may end after a comma, too."""
        return self._wrapped(text, indent, first, _WORDS_AND_MEMBERS)

    def _wrapped(self, text: str, indent: int, first: int, pieces: "re.Pattern[str]") -> str:
        if not self.is_interactive or self.width <= indent + _NARROWEST:
            return markup_lines(text, indent)
        lines = [""]
        room = self.width - first
        for number, whole in enumerate(text.split("\n")):
            if number:
                lines, room = [*lines, ""], self.width - indent
            for piece in pieces.findall(printable(whole)):
                if lines[-1].strip() and cell_len(lines[-1] + piece.rstrip()) > room:
                    lines, room = [*lines, ""], self.width - indent
                    piece = piece.lstrip()  # noqa: PLW2901  a space at the end of a line needs none at its beginning
                lines[-1] += piece
        return escape(("\n" + " " * indent).join(line.rstrip() for line in lines))


def markup(text: str) -> str:
    """Return a text of others for a line of markup: printable, no mark in it."""
    return escape(printable(text))


def markup_lines(text: str, indent: int) -> str:
    """Return lines of others for markup: those after the first are indented, so that none passes for a line of ours."""
    return escape(("\n" + " " * indent).join(map(printable, text.split("\n"))))
