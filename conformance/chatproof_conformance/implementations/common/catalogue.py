"""What servers or clients there are: each with what it breaks, and how it is started."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from common.entry import Entry

Enter = Callable[[Callable[..., Any]], type]
"""A decorator of a class, or of a function that replaces the method of its name in the baseline."""


class Catalogue:
    """The servers, or the clients.

    Attributes:
        default: the entry of the baseline, on which most others are built.
    """

    def __init__(self, default: Entry, baseline: type, folder: Path, *arguments: str) -> None:
        """Know the baseline; the others are found in a folder.

        Args:
            default: the entry of the baseline.
            baseline: its class.
            folder: holds ``run.py``, and the modules with the others.
            arguments: what follows a name on the command line of ``run.py``.
        """
        self.default = default
        self._folder = folder
        self._arguments = arguments
        self._baseline = baseline
        self._found = {default.name: (default, baseline)}

    def faulty(self, name: str, note: str, *, breaks: tuple[str, ...], cause: str = "") -> Enter:
        """Enter one that breaks the protocol."""
        return self._enter(Entry(name, "faulty", note, breaks=breaks, cause=cause))

    def subtle(self, name: str, note: str, *, breaks: tuple[str, ...], cause: str = "") -> Enter:
        """Enter one that breaks the protocol only rarely, as ``Entry.subtle`` says."""
        return self._enter(Entry(name, "faulty", note, breaks=breaks, subtle=True, cause=cause))

    def unusual(self, name: str, note: str, *, warnings: tuple[str, ...] = ()) -> Enter:
        """Enter one that keeps every MUST in its own way."""
        return self._enter(Entry(name, "conforming", note, warnings=warnings))

    def find(self, name: str) -> type | None:
        """Return the class of one that is built on the baseline; None if there is none of that name."""
        for module, path in self._modules():
            # Importing all of them would cost each start more than reading them does.
            if name not in self._found and f'"{name}"' in path.read_text("utf-8"):
                importlib.import_module(module)
        return self._found[name][1] if name in self._found else None

    def entries(self) -> list[Entry]:
        """Return all that are built on the baseline: that, the conforming ones, the faulty ones."""
        for module, _ in self._modules():
            importlib.import_module(module)
        found = [entry for entry, _ in self._found.values() if entry is not self.default]
        return [self.default, *sorted(found, key=lambda entry: entry.kind)]

    def command(self, entry: Entry) -> list[str]:
        """Return the words of the command that starts one; ``{port}`` stands for a server's port."""
        return [sys.executable, "-S", "-E", str(self._folder / "run.py"), entry.name, *self._arguments]

    def _enter(self, entry: Entry) -> Enter:
        def keep(implementation: Callable[..., Any]) -> type:
            if entry.name in self._found:
                raise ValueError(f"two are named {entry.name}")
            if not isinstance(implementation, type):
                implementation = type(entry.name, (self._baseline,), {implementation.__name__: implementation})
            self._found[entry.name] = (entry, implementation)
            return implementation

        return keep

    def _modules(self) -> Iterator[tuple[str, Path]]:
        for folder in ("conforming", "faulty"):
            for path in sorted((self._folder / folder).glob("*.py")):
                if path.stem != "__init__":
                    yield f"{folder}.{path.stem}", path
