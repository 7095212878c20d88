"""What clients there are: each with what it breaks, and how it is started."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from baseline.client import Client
from entry import Entry

HERE = Path(__file__).parent


ClientType = type[Client]
_built_on_baseline: dict[str, tuple[Entry, ClientType]] = {}


def faulty(
    name: str, *, breaks: tuple[str, ...], note: str, subtle: bool = False
) -> Callable[[ClientType], ClientType]:
    """Put a client that breaks the protocol into the catalogue."""
    return _enter(Entry(name, "faulty", note, breaks=breaks, subtle=subtle))


def unusual(name: str, *, note: str) -> Callable[[ClientType], ClientType]:
    """Put a client that keeps every MUST in its own way into the catalogue."""
    return _enter(Entry(name, "conforming", note))


def _enter(entry: Entry) -> Callable[[ClientType], ClientType]:
    def keep(client: ClientType) -> ClientType:
        if entry.name in _built_on_baseline:
            raise ValueError(f"two clients are named {entry.name}")
        _built_on_baseline[entry.name] = (entry, client)
        return client

    return keep


def find_built_on_baseline(name: str) -> ClientType | None:
    """Return the class of a client that is built on the baseline; None where there is none of that name."""
    if name == "client-baseline":
        return Client
    for module, path in _modules():
        # Importing all of them would cost each start more than reading them does.
        if f'"{name}"' in path.read_text("utf-8"):
            importlib.import_module(module)
    return _built_on_baseline[name][1] if name in _built_on_baseline else None


def entries() -> list[Entry]:
    """Return every client: the baseline, the conforming ones, the faulty ones."""
    from programs import PROGRAMS  # noqa: PLC0415  a start of a Python client doesn't need it

    for module, _ in _modules():
        importlib.import_module(module)
    found = [entry for entry, _ in _built_on_baseline.values()]
    baseline = Entry("client-baseline", "conforming", "one thread, selectors; what the faulty ones are made of")
    return [baseline, *(entry for entry, _ in PROGRAMS), *sorted(found, key=lambda entry: entry.kind)]


def _modules() -> Iterator[tuple[str, Path]]:
    for folder in ("conforming", "faulty"):
        for path in sorted((HERE / folder).glob("*.py")):
            if path.stem != "__init__":
                yield f"{folder}.{path.stem}", path
