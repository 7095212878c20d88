"""What servers there are: each with what it breaks, and how it is started."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from baseline.chat import ChatServer
from entry import Entry

HERE = Path(__file__).parent


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
    from programs import PROGRAMS  # noqa: PLC0415  a start of a Python server doesn't need it

    for module, _ in _modules():
        importlib.import_module(module)
    found = [entry for entry, _ in _built_on_baseline.values()]
    baseline = Entry("baseline", "conforming", "one thread, selectors; what the faulty ones are made of")
    return [baseline, *(entry for entry, _ in PROGRAMS), *sorted(found, key=lambda entry: entry.kind)]


def _modules() -> Iterator[tuple[str, Path]]:
    for folder in ("conforming", "faulty"):
        for path in sorted((HERE / folder).glob("*.py")):
            if path.stem != "__init__":
                yield f"{folder}.{path.stem}", path
