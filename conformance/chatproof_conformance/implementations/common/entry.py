"""What a catalogue says of one server or client."""

from typing import NamedTuple


class Entry(NamedTuple):  # no dataclass: importing those would take a quarter of a start
    """One server or client.

    Attributes:
        name: lower case with hyphens, a client's beginning with ``client-``; what ``run.py`` takes.
        kind: ``conforming`` or ``faulty``.
        note: what it does, as one clause.
        breaks: every requirement that it breaks; a finding under any of them is right. Empty if it conforms.
        subtle: whether it shows only rarely, after a history, in a race, on some segmentation or on one character.
        warnings: the SHOULDs that a conforming one breaks.
        needs: the programs that it takes besides Python.
        language: what it is written in.
        cause: the kind of mistake that it is, by its name in ``explanations/causes``; empty if it is none of these.
    """

    name: str
    kind: str
    note: str
    breaks: tuple[str, ...] = ()
    subtle: bool = False
    warnings: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    language: str = "python"
    cause: str = ""
