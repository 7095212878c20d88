"""Reads ``implementations.toml``: which servers and clients meet, how each is started, and what it declares."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from chatproof_common.command_line.values import CommandError
from chatproof_common.printable import printable, shortened
from chatproof_common.system.shell_words import split_words
from chatproof_conformance.core.roles import Role

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

FEATURES = ("say", "say_privately", "join")
"""The requests of the driver protocol that a driver need not do; ``connect`` and ``leave`` each does."""

_MOST_BYTES = 1024 * 1024
_MEMBERS = {
    Role.SERVER: ("name", "command", "version", "versions", "address", "language", "announce"),
    Role.CLIENT: ("name", "command", "version", "versions", "address", "language", "supports"),
}


class ManifestError(CommandError):
    """The file cannot be read; the text names the place in it and says what would be right."""


@dataclass(frozen=True, slots=True)
class Party:
    """A server or a client that meets others.

    Attributes:
        role: which of the two.
        name: what it is called, without its version.
        version: empty if the file does not say.
        address: where its project is found; empty if the file does not say.
        language: what it is written in; empty if the file does not say.
        command: the command line that starts the server (with ``{port}``), or the driver of the client.
        announce: how to speak for a server's operator: ``stdin``, or a command line with ``{text}``; None: not at all.
        supports: what a client declares that its driver can do, of :data:`FEATURES`.
    """

    role: Role
    name: str
    command: str
    version: str = ""
    address: str = ""
    language: str = ""
    announce: str | None = None
    supports: tuple[str, ...] = FEATURES

    @property
    def label(self) -> str:
        """Its name with its version: unique in its role."""
        return f"{self.name} {self.version}".strip()


@dataclass(frozen=True, slots=True)
class Manifest:
    """Who meets whom: each client each server.

    Attributes:
        servers: in the order of the file.
        clients: in the order of the file.
    """

    servers: tuple[Party, ...]
    clients: tuple[Party, ...]

    def only(self, names: Sequence[str]) -> "Manifest":
        """Return those that are named, with or without a version; of a role of which none is named, all.

        Raises:
            ManifestError: if a name is nobody's.
        """
        known = {word for party in (*self.servers, *self.clients) for word in (party.name, party.label)}
        for name in names:
            if name not in known:
                raise ManifestError(f"nobody is called {printable(name)}; known: {', '.join(sorted(known))}")
        servers = tuple(one for one in self.servers if {one.name, one.label} & set(names))
        clients = tuple(one for one in self.clients if {one.name, one.label} & set(names))
        return Manifest(servers or self.servers, clients or self.clients)


def read_manifest(name: str) -> Manifest:
    """Read the file.

    Raises:
        ManifestError: if it cannot be read, or does not say what it must.
    """
    try:
        with Path(name).open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
        if len(data) > _MOST_BYTES:
            raise ManifestError(f"{name}: is longer than {_MOST_BYTES} bytes; expected a list of implementations")
        content = tomllib.loads(data.decode("utf-8-sig"))
    except (OSError, ValueError) as error:
        raise ManifestError(f"{name}: {_why(error)}") from None
    return parse_manifest(content, name)


def parse_manifest(content: Mapping[str, Any], name: str) -> Manifest:
    """Return what a file's content says; ``name`` is the file's, for errors.

    Raises:
        ManifestError: if it does not say what it must.
    """
    for key in content:
        if key not in ("server", "client"):
            raise ManifestError(f"{name}: [{printable(key)}]: is unknown; expected [[server]] and [[client]]")
    servers, clients = (tuple(_parties(content, role, name)) for role in Role)
    for role, parties in ((Role.SERVER, servers), (Role.CLIENT, clients)):
        if not parties:
            raise ManifestError(f"{name}: names no {role.value}; expected at least one [[{role.value}]]")
        labels = [party.label for party in parties]
        for label in labels:
            if labels.count(label) > 1:
                raise ManifestError(f"{name}: two {role.value}s are called {label}; give them versions or other names")
    return Manifest(servers, clients)


def _why(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror or error}"
    return "is not UTF-8" if isinstance(error, UnicodeDecodeError) else f"is no TOML: {error}"


def _parties(content: Mapping[str, Any], role: Role, name: str) -> Iterator[Party]:
    tables = content.get(role.value, [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise ManifestError(f"{name}: {role.value}: is no list of tables; write [[{role.value}]], in two brackets")
    for number, table in enumerate(tables, 1):
        yield from _Table(table, role, f"{name}: {role.value} {number}").parties()


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, with the words that name its place."""

    content: Mapping[str, Any]
    role: Role
    place: str

    def parties(self) -> Iterator[Party]:
        """Yield one for each version."""
        for key in self.content:
            if key not in _MEMBERS[self.role]:
                known = ", ".join(_MEMBERS[self.role])
                raise ManifestError(f"{self.place}: {printable(key)}: is unknown; expected one of {known}")
        for version in self._versions():
            command = self._text("command", required=True).replace("{version}", version)
            self._require_port(command)
            yield Party(
                self.role,
                self._text("name", required=True),
                command,
                version,
                self._text("address"),
                self._text("language"),
                self._text("announce").replace("{version}", version) or None,
                self._supports(),
            )

    def _versions(self) -> list[str]:
        if "versions" not in self.content:
            return [self._text("version")]
        found = self.content["versions"]
        if "version" in self.content:
            raise ManifestError(f"{self.place}: has version and versions; expected one of the two")
        if not _are_texts(found) or not found:
            raise ManifestError(f'{self.place}: versions: expected a list of texts such as ["1.3", "1.4"]')
        return list(found)

    def _supports(self) -> tuple[str, ...]:
        found = self.content.get("supports", list(FEATURES))
        if not _are_texts(found) or not set(found) <= set(FEATURES):
            raise ManifestError(f"{self.place}: supports: expected a list of some of {', '.join(FEATURES)}")
        return tuple(feature for feature in FEATURES if feature in found)

    def _text(self, key: str, *, required: bool = False) -> str:
        value = self.content.get(key, "")
        if not isinstance(value, str) or (required and not value.strip()):
            lacks = f"is {shortened(printable(repr(value)), 60)}" if key in self.content else "is missing"
            raise ManifestError(f'{self.place}: {key}: {lacks}; expected a text, such as {key} = "…"')
        return printable(value) if key != "command" else value

    def _require_port(self, command: str) -> None:
        try:
            words = split_words(command)
        except ValueError as error:
            raise ManifestError(f"{self.place}: command: {error}") from None
        if not words:
            raise ManifestError(f"{self.place}: command: is blank; expected the words that start it")
        if self.role is Role.SERVER and not any("{port}" in word for word in words):
            raise ManifestError(f"{self.place}: command: lacks {{port}}, the port on which the server is to listen")


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) and one for one in value)
