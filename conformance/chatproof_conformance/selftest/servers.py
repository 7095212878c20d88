"""The servers on which the harness is tried: faulty ones, each with what it breaks, and conforming, unusual ones."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parents[1]
_FOLDERS = (_PACKAGE / "servers", _PACKAGE.parents[1] / "tests" / "servers")
"""In the wheel they lie in the package; in a checkout among the tests."""


class ServersMissing(Exception):  # noqa: N818  says what happened
    """There are no servers to try, or none of the names that were given."""


@dataclass(frozen=True, slots=True)
class Server:
    """One server of the trial.

    Attributes:
        name: unique, lower case with hyphens.
        note: what it does, as a clause.
        command: the words that start it; ``{port}`` stands for the port.
        faulty: whether it breaks the protocol.
        breaks: the ids that a faulty one breaks; a finding under any of them is right.
        subtle: whether its fault is rare, depends on a history, on a race or on one character.
        warnings: the ids of the SHOULDs that a conforming one breaks.
        needs: programs without which it cannot be started.
        language: what it is written in.
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

    @property
    def missing(self) -> list[str]:
        """The programs that it needs and this machine lacks."""
        return [program for program in self.needs if shutil.which(program) is None]


def find_servers(names: Sequence[str] = ()) -> list[Server]:
    """Return the servers of the trial in the order of their catalogue; only those named, where names are given.

    Raises:
        ServersMissing: where the catalogue is not installed or cannot be read, or holds no server of a given name.
    """
    folder = next((folder for folder in _FOLDERS if (folder / "run.py").is_file()), None)
    if folder is None:
        raise ServersMissing(
            f"no servers to try the harness on: neither {' nor '.join(map(str, _FOLDERS))} holds a run.py"
        )
    servers = [_server(json.loads(line)) for line in _catalogue(folder)]
    _require_known(names, [server.name for server in servers])
    return [server for server in servers if not names or server.name in names]


def _catalogue(folder: Path) -> list[str]:
    words = [sys.executable, str(folder / "run.py"), "--list"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603  our own program
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise ServersMissing(f"{folder / 'run.py'} cannot list the servers: {last}")
    return done.stdout.splitlines()


def _require_known(names: Iterable[str], known: Sequence[str]) -> None:
    for name in names:
        if name not in known:
            near = [other for other in known if name in other or other in name]
            hint = f"; near it: {', '.join(near)}" if near else "; --list names them all"
            raise ServersMissing(f"no server is named {name}{hint}")


def _server(row: dict[str, object]) -> Server:
    return Server(
        name=str(row["name"]),
        note=str(row["note"]),
        command=_words(row["command"]),
        faulty=row["kind"] == "faulty",
        breaks=frozenset(_words(row["breaks"])),
        subtle=bool(row["subtle"]),
        warnings=frozenset(_words(row["warnings"])),
        needs=_words(row["needs"]),
        language=str(row["language"]),
    )


def _words(value: object) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, (list, tuple)) else ()
