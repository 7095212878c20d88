"""The settings of pytest for the server under test."""

import argparse
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.shell_words import split_words
from chatproof_conformance.core.addresses import read_address
from chatproof_conformance.core.options import OPTIONS, flag
from chatproof_conformance.endpoints.process.source import ServerSource

_NAMES = "|".join(("command", "announce", "strict", *(flag(name).removeprefix("--") for name in OPTIONS)))
_OPTION = re.compile(rf"--({_NAMES})\b")


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """The settings, of which each fits the others.

    Attributes:
        server: where it comes from; it was not named if there is neither an address nor a command.
        options: the options of ``chatproof check`` that were given, as text, by name.
        strict: whether a broken SHOULD fails a test.
    """

    server: ServerSource
    options: Mapping[str, str]
    strict: bool

    @property
    def named(self) -> bool:
        """Whether a server was named at all."""
        return self.server.address is not None or self.server.command is not None

    @property
    def framing(self) -> str:
        """How frames end: ``lf`` or ``none``."""
        return self.options.get("framing", "lf")

    @property
    def wait(self) -> float | None:
        """For how many seconds the server may start; None: as it is by default."""
        return float(OPTIONS["wait"].parse(self.options["wait"])) if "wait" in self.options else None

    def words(self) -> list[str]:
        """Return the words of a command line of ``chatproof check`` that say the same."""
        options = [f"{flag(name)}={value}" for name, value in self.options.items()]
        return [*split_words(self.server.words), *options, *["--strict"] * self.strict]


def read_settings(given: Mapping[str, str], *, strict: bool) -> PluginSettings:
    """Return the settings that were given, by name, each empty if it was not.

    Raises:
        pytest.UsageError: if one is wrong, or does not fit the others.
    """
    target, command, announce = (given[name] or None for name in ("target", "command", "announce"))
    try:
        address = read_address(target, command, announce)
    except CommandError as error:
        raise pytest.UsageError(f"chatproof: {as_written_here(str(error))}") from None
    options = {name: given[name] for name in OPTIONS if given.get(name)}
    for name, text in options.items():
        _require_value(name, text)
    return PluginSettings(ServerSource(address, command, announce), options, strict)


def _require_value(name: str, text: str) -> None:
    try:
        OPTIONS[name].parse(text)
    except argparse.ArgumentTypeError as error:
        raise pytest.UsageError(f"chatproof: --chat-{name} {error}") from None


def as_written_here(text: str) -> str:
    """Return what the harness says with the names that options of `chatproof check` have in pytest."""
    return _OPTION.sub(r"--chat-\1", text).replace("give HOST:PORT", "give --chat-target")
