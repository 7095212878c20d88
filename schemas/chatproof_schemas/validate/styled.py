"""Writes lines for people: styled if a terminal shows them, plain elsewhere."""

import os
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from chatproof_common.terminal import Terminal

Part = tuple[str, str]
"""A piece of a line, and its style."""

# By these rich can take for a terminal what is none.
_CLAIMS = ("FORCE_COLOR", "TTY_COMPATIBLE")


class Styled:
    """A stream of lines.

    Attributes:
        console: what draws on the terminal; None if the stream leads to none.
    """

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self.console = _console(out)

    def print(self, *parts: Part) -> None:
        """Write a line."""
        if self.console is None:
            # Laying text out for a terminal takes longer than finding what to say.
            self._out.write("".join(text for text, _ in parts) + "\n")
            return
        from rich.text import Text  # noqa: PLC0415  few runs need it, and it takes longer than judging a short log

        self.console.print(Text.assemble(*parts))


def _console(out: TextIO) -> "Terminal | None":
    if not out.isatty() and not any(map(os.environ.get, _CLAIMS)):
        return None
    from chatproof_common.terminal import Terminal  # noqa: PLC0415  the same

    console = Terminal(out)
    return console if console.is_terminal else None
