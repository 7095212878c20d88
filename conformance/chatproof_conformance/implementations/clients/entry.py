"""What the catalogue says of one client."""

import dataclasses
import sys
from pathlib import Path

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Entry:
    """One client.

    Attributes:
        name: lower case with hyphens, beginning with ``client-``; what ``run.py`` takes.
        kind: ``conforming`` or ``faulty``.
        breaks: every requirement that it breaks; a finding under any of them is right. Empty where it conforms.
        note: what it does, as one clause.
        subtle: whether it shows only rarely, after a history, on some segmentation or on one character.
        warnings: the SHOULDs that a conforming client breaks; clients have none so far.
        needs: the programs that it takes besides Python.
        language: what it is written in.
    """

    name: str
    kind: str
    note: str
    breaks: tuple[str, ...] = ()
    subtle: bool = False
    warnings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    language: str = "python"

    @property
    def command(self) -> list[str]:
        """The words of the command that starts it; it speaks the driver protocol."""
        return [sys.executable, "-S", "-E", str(HERE / "run.py"), self.name]
