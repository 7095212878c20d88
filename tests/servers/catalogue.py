"""What servers there are: each with what it breaks, and how it is started."""

import dataclasses
import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from baseline.chat import ChatServer

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Entry:
    """One server.

    Attributes:
        name: lower case with hyphens; what ``run.py`` takes.
        kind: ``conforming`` or ``faulty``.
        breaks: every requirement that it breaks; a finding under any of them is right. Empty where it conforms.
        note: what it does, as one clause.
        subtle: whether it shows only rarely, after a history, in a race or on one character.
        warnings: the SHOULDs that a conforming server breaks.
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
        """The words of the command that starts it; ``{port}`` stands for the port."""
        return [sys.executable, "-S", "-E", str(HERE / "run.py"), self.name, "--port", "{port}"]


Server = type[ChatServer]
_built_on_baseline: dict[str, tuple[Entry, Server]] = {}


def faulty(name: str, *, breaks: tuple[str, ...], note: str, subtle: bool = False) -> Callable[[Server], Server]:
    """Put a server that breaks the protocol into the catalogue."""
    return _enter(Entry(name, "faulty", note, breaks=breaks, subtle=subtle))


def unusual(name: str, *, note: str, warnings: tuple[str, ...] = ()) -> Callable[[Server], Server]:
    """Put a server that keeps every MUST in its own way into the catalogue."""
    return _enter(Entry(name, "conforming", note, warnings=warnings))


def _enter(entry: Entry) -> Callable[[Server], Server]:
    def keep(server: Server) -> Server:
        if entry.name in _built_on_baseline:
            raise ValueError(f"two servers are named {entry.name}")
        _built_on_baseline[entry.name] = (entry, server)
        return server

    return keep


def find_built_on_baseline(name: str) -> Server | None:
    """Return the class of a server that is built on the baseline; None where there is none of that name."""
    if name == "baseline":
        return ChatServer
    for module, path in _modules():
        # Importing all of them would cost each start more than reading them does.
        if f'"{name}"' in path.read_text("utf-8"):
            importlib.import_module(module)
    return _built_on_baseline[name][1] if name in _built_on_baseline else None


def entries() -> list[Entry]:
    """Return every server: the baseline, the conforming ones, the faulty ones."""
    for module, _ in _modules():
        importlib.import_module(module)
    found = [entry for entry, _ in _built_on_baseline.values()]
    baseline = Entry("baseline", "conforming", "one thread, selectors; what the faulty ones are made of")
    return [baseline, *sorted(found, key=lambda entry: entry.kind)]


def _modules() -> Iterator[tuple[str, Path]]:
    for folder in ("conforming", "faulty"):
        for path in sorted((HERE / folder).glob("*.py")):
            if path.stem != "__init__":
                yield f"{folder}.{path.stem}", path
