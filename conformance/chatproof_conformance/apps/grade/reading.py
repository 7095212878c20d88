"""Reads a grading scheme from a TOML file, and says of one that is wrong what, where, and what would be right."""

import difflib
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.confinement.limits import Limits
from chatproof_common.system.shell_words import shell_hint, split_words
from chatproof_conformance.apps.grade.scheme import (
    DEFAULT_DEADLINE,
    DEFAULT_START_SECONDS,
    Part,
    Running,
    Scheme,
)
from chatproof_conformance.core.levels import ids_up_to
from chatproof_conformance.core.options import DEFAULT_BUDGET
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import require_known, selected_ids
from chatproof_schemas import Level, requirements, work_levels

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_MEMBERS = (
    *("title", "start", "build", "announce", "environment", "seed", "same_seed", "budget", "deadline"),
    *("start_seconds", "network", "limits", "part", "hidden"),
)
_MOST_BYTES = 1024 * 1024
_LEVEL = "level "
_ALL = "all"


def read_scheme(name: str) -> Scheme:
    """Read a scheme.

    Raises:
        CommandError: if the file cannot be read, or is no scheme; the text names the place in it.
    """
    return _Reader(name).scheme(_load(name))


def _load(name: str) -> dict[str, Any]:
    try:
        with Path(name).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise CommandError(f"--scheme {name}: cannot be read: {error.strerror or error}") from None
    if len(data) > _MOST_BYTES:
        raise CommandError(f"--scheme {name}: is longer than {_MOST_BYTES} bytes; expected a grading scheme")
    try:
        return tomllib.loads(data.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CommandError(f"--scheme {name}: is no TOML: {error}") from None


class _Reader:
    """Takes the members of tables, and knows which file and table they are from."""

    def __init__(self, name: str) -> None:
        self._name = name

    def scheme(self, top: dict[str, Any]) -> Scheme:
        self._require_known(
            top,
            _MEMBERS,
            "",
        )
        tables = top.get("part")
        if not isinstance(tables, list) or not tables or not all(isinstance(one, dict) for one in tables):
            raise self._wrong("part", "is missing; write [[part]] tables, each with a name, points and requirements")
        parts = tuple(self._part(table, f"part {number}: ") for number, table in enumerate(tables, 1))
        names = [part.name for part in parts]
        for name in names:
            if names.count(name) > 1:
                raise self._wrong("part", f"two parts are called {name!r}")
        hidden = frozenset(self._ids(top, "hidden", "", ()))
        wanted = {id_ for part in parts for id_ in part.ids}
        ids = tuple(id_ for id_ in selected_ids((), Role.SERVER) if id_ in wanted)
        return Scheme(self._text(top, "title", "", "Grades"), self._running(top, ids), parts, hidden)

    def _running(self, top: dict[str, Any], ids: tuple[str, ...]) -> Running:
        announce = self._text(top, "announce", "", "") or None
        limits = self._table(top, "limits", "")
        self._require_known(limits, Limits._fields, "limits: ")
        found = Running(
            start=self._command(top, "start", needs="{port}"),
            build=self._command(top, "build") if "build" in top else None,
            announce=announce,
            environment=self._environment(top),
            seed=self._whole(top, "seed", "", 0, least=0),
            same_seed=self._flag(top, "same_seed", "", default=False),
            budget=self._number(top, "budget", "", DEFAULT_BUDGET),
            deadline=self._number(top, "deadline", "", DEFAULT_DEADLINE),
            start_seconds=self._number(top, "start_seconds", "", DEFAULT_START_SECONDS),
            network=self._flag(top, "network", "", default=False),
            ids=ids,
            limits=Limits(
                **{n: self._whole(limits, n, "limits: ", v, least=1) for n, v in Limits._field_defaults.items()}
            ),
        )
        if announce is None and any(requirements()[id_].section == "SERVER" for id_ in ids):
            raise self._wrong(
                "announce", 'is missing, and SERVER-1 gives points; write announce = "stdin", for example'
            )
        return found

    def _part(self, table: dict[str, Any], place: str) -> Part:
        self._require_known(table, ("name", "points", "requirements", "only", "should", "partial"), place)
        name = self._text(table, "name", place, "")
        if not name.strip():
            raise self._wrong(f"{place}name", "is missing; how is it called?")
        if "points" not in table:
            raise self._wrong(f"{place}points", "is missing; how many does it give?")
        should = self._number(table, "should", place, 0.5, least=0.0)
        ids = self._ids(table, "requirements", place, (_ALL,))
        only = self._text(table, "only", place, "")
        if only not in ("", *Level):
            raise self._wrong(f"{place}only", f'is {only!r}; expected "MUST" or "SHOULD"')
        ids = [id_ for id_ in ids if only in ("", requirements()[id_].level.value)]
        if only == Level.SHOULD.value:
            should = 1.0
        if not should:
            ids = [id_ for id_ in ids if requirements()[id_].level is Level.MUST]
        if not ids:
            raise self._wrong(
                f"{place}requirements", "none of them is left; with only = and should = too much is left out"
            )
        points = self._number(table, "points", place, 0.0, least=0.0)
        return Part(name, points, tuple(ids), should, partial=self._flag(table, "partial", place, default=True))

    def _ids(self, table: dict[str, Any], name: str, place: str, default: Iterable[str]) -> list[str]:
        words = table.get(name, list(default))
        if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
            raise self._wrong(f"{place}{name}", 'expected a list such as ["JOIN", "PRIVATE-2", "level 3", "all"]')
        found: set[str] = set()
        for word in words:
            found.update(self._named(word, f"{place}{name}"))
        return [id_ for id_ in selected_ids((), Role.SERVER) if id_ in found]

    def _named(self, word: str, place: str) -> list[str]:
        if word == _ALL:
            return selected_ids((), Role.SERVER)
        try:
            if word.lower().startswith(_LEVEL):
                number = word[len(_LEVEL) :].strip()
                return _of_level(int(number)) if number.isdecimal() else ids_up_to(0, Role.SERVER)
            require_known([word], Role.SERVER, hint=', and a level is written "level 3"')
        except CommandError as error:
            raise self._wrong(place, str(error).removeprefix("--")) from None
        return selected_ids([word], Role.SERVER)

    def _command(self, table: dict[str, Any], name: str, needs: str = "") -> str:
        text = self._text(table, name, "", "")
        if needs not in text or not text.strip():
            example = f"{name} = " + ('"./server --port {port}"' if needs else '"make"')
            raise self._wrong(name, f"is missing or lacks {needs or 'a command'}; write {example}, for example")
        try:
            hint = shell_hint(split_words(text))
        except ValueError as error:
            raise self._wrong(name, f"is no command line: {error}") from None
        if hint:
            raise self._wrong(name, hint.removeprefix("; "))
        return text

    def _environment(self, top: dict[str, Any]) -> Mapping[str, str]:
        table = self._table(top, "environment", "")
        return {name: self._text(table, name, "environment: ", "") for name in table}

    def _table(self, table: dict[str, Any], name: str, place: str) -> dict[str, Any]:
        value = table.get(name, {})
        if not isinstance(value, dict):
            raise self._wrong(f"{place}{name}", "expected a table")
        return value

    def _text(self, table: dict[str, Any], name: str, place: str, default: str) -> str:
        value = table.get(name, default)
        if not isinstance(value, str):
            raise self._wrong(f"{place}{name}", f"is {value!r}; expected a text in quotation marks")
        return value

    def _flag(self, table: dict[str, Any], name: str, place: str, *, default: bool) -> bool:
        value = table.get(name, default)
        if not isinstance(value, bool):
            raise self._wrong(f"{place}{name}", f"is {value!r}; expected true or false")
        return value

    def _whole(self, table: dict[str, Any], name: str, place: str, default: int, *, least: int) -> int:
        value = table.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            raise self._wrong(f"{place}{name}", f"is {value!r}; expected a whole number, {least} or more")
        return value

    def _number(
        self, table: dict[str, Any], name: str, place: str, default: float, *, least: float | None = None
    ) -> float:
        value = table.get(name, default)
        is_one = isinstance(value, (int, float)) and not isinstance(value, bool) and value < float("inf")
        if not is_one or not (value > 0 if least is None else value >= least):
            wanted = "above 0" if least is None else f"{least:g} or more"
            raise self._wrong(f"{place}{name}", f"is {value!r}; expected a number, {wanted}")
        return float(value)

    def _require_known(self, table: dict[str, Any], names: Iterable[str], place: str) -> None:
        known = list(names)
        for name in table:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
                raise self._wrong(f"{place}{name}", f"is unknown; {hint}")

    def _wrong(self, place: str, what: str) -> CommandError:
        return CommandError(f"--scheme {self._name}: {place}: {what}")


def _of_level(number: int) -> list[str]:
    """Return the ids of one level, without those below it."""
    ids_up_to(number, Role.SERVER)  # which says that there is none of that number
    return list(work_levels(Role.SERVER.value)[number - 1].ids)
