"""What the harness is tested with: faulty servers, clusters and clients with what they break, and conforming ones."""

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.processes import PIPE, Process
from chatproof_common.system.shell_words import join_words
from chatproof_conformance.core.roles import Role
from chatproof_schemas import Built

_HERE = Path(__file__).resolve().parents[2] / "implementations"
_FOLDERS: dict[Built, Path] = {of: _HERE / f"{of}s" for of in ("server", "client", "cluster")}
NODES = 2
"""With how many nodes a cluster is tried."""
ENGINE = join_words([sys.executable, "-S", "-E", str(_FOLDERS["cluster"] / "cluster" / "hub.py"), "--port", "{port}"])
"""The command line of what orders their chat."""


@dataclass(frozen=True, slots=True)
class Implementation:
    """One server or client of the trial.

    Attributes:
        name: unique, lower case with hyphens.
        note: what it does, as a clause.
        command: the words that start it; ``{port}`` stands for a server's port, a client speaks the driver protocol.
        faulty: whether it breaks the protocol.
        breaks: the ids that a faulty one breaks; a finding under any of them is right.
        subtle: whether its fault is rare, depends on a history, on a race or on one character.
        warnings: the ids of the SHOULDs that a conforming one breaks.
        needs: programs without which it cannot be started.
        language: what it is written in.
        cause: the kind of mistake that a faulty one is, by its name in ``explanations/causes``; empty if none of these.
        role: what it is.
        nodes: of a cluster, how many are started; ``{engine}`` and ``{shared}`` stand for what they share.
    """

    name: str
    note: str
    command: tuple[str, ...]
    faulty: bool
    breaks: frozenset[str]
    subtle: bool
    warnings: frozenset[str]
    needs: tuple[str, ...]
    language: str
    role: Role = Role.SERVER
    cause: str = ""
    nodes: int | None = None

    @property
    def of(self) -> Built:
        """What it is, as SPEC.md has it: a cluster is a server of several nodes."""
        return "cluster" if self.nodes else self.role.value

    @property
    def missing(self) -> list[str]:
        """The programs that it needs and this machine lacks."""
        return [program for program in self.needs if shutil.which(program) is None]


def find_implementations(names: Sequence[str] = (), of: Built | None = None) -> list[Implementation]:
    """Return what is to be tried, in the order of the catalogues; only those named, or of a kind, if one is given.

    Raises:
        CommandError: if no catalogue is installed, one cannot be read, or nothing has a given name.
    """
    kinds = [*_FOLDERS] if of is None else [of]
    found = [_implementation(one, json.loads(line)) for one in kinds for line in _catalogue(one)]
    if not found:
        raise CommandError(
            f"nothing to try the harness on: none of {', '.join(map(str, _FOLDERS.values()))} holds a run.py"
        )
    _require_known(names, [implementation.name for implementation in found])
    return [implementation for implementation in found if not names or implementation.name in names]


def _catalogue(of: Built) -> list[str]:
    folder = _FOLDERS[of]
    if not (folder / "run.py").is_file():
        return []
    words = [sys.executable, str(folder / "run.py"), "--list"]
    listing = Process(words, stdout=PIPE, stderr=PIPE)
    out, errors = listing.finish()
    if listing.status:
        last = (errors.strip().splitlines() or ["no reason given"])[-1]
        raise CommandError(f"{folder / 'run.py'} cannot list the {of}s: {last}")
    return out.splitlines()


def _require_known(names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            near = [other for other in known if name in other or other in name]
            hint = f"; near it: {', '.join(near)}" if near else "; --list names them all"
            raise CommandError(f"nothing is named {name}{hint}")


def _implementation(of: Built, row: dict[str, Any]) -> Implementation:
    kinds = {"command": tuple, "needs": tuple, "breaks": frozenset, "warnings": frozenset}
    faulty = row.pop("kind") == "faulty"
    role = Role.CLIENT if of == "client" else Role.SERVER
    nodes = NODES if of == "cluster" else None
    return Implementation(
        role=role, nodes=nodes, faulty=faulty, **row | {name: kind(row[name]) for name, kind in kinds.items()}
    )
