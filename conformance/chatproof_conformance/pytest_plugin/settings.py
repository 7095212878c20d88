"""What pytest was told of the server under test."""

import argparse
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from chatproof_common.command_line.values import UsageError, seconds
from chatproof_conformance.core.addresses import read_address

_FRAMINGS = ("lf", "none")


@dataclass(frozen=True, slots=True)
class PluginSettings:
    """The settings, of which each fits the others.

    Attributes:
        address: where a server runs already; None where it is to be started.
        command: the command line that starts it; None where it runs already.
        announce: how to speak for its operator; None where that was not said.
        framing: ``lf`` or ``none``.
        budget: about how many seconds generated traffic may take, as text; empty for the default.
        seed: the number that repeats generated input, as text; empty for one by chance.
        strict: whether a broken SHOULD fails a test.
    """

    address: tuple[str, int] | None
    command: str | None
    announce: str | None
    framing: str
    budget: str
    seed: str
    strict: bool

    @property
    def named(self) -> bool:
        """Whether a server was named at all."""
        return self.address is not None or self.command is not None

    def words(self) -> list[str]:
        """Return the words of a command line of ``chatproof check`` that say the same."""
        words = ["{}:{}".format(*self.address)] if self.address else []
        given = {"command": self.command, "announce": self.announce, "framing": self.framing}
        given |= {"budget": self.budget, "seed": self.seed}
        words += [f"--{name}={value}" for name, value in given.items() if value]
        return words + ["--strict"] * self.strict


def read_settings(given: Mapping[str, str], *, strict: bool) -> PluginSettings:
    """Return the settings that were given, by name, each empty where it was not.

    Raises:
        pytest.UsageError: where one is wrong, or does not fit the others.
    """
    target, command, announce = (given[name] or None for name in ("target", "command", "announce"))
    framing = given["framing"] or _FRAMINGS[0]
    try:
        address = read_address(target, command, announce)
    except UsageError as error:
        raise pytest.UsageError(f"chatproof: {_as_written_here(str(error))}") from None
    if framing not in _FRAMINGS:
        raise pytest.UsageError(f"chatproof: --chat-framing {framing!r} is none; expected lf or none")
    _require_seconds(given["budget"])
    if given["seed"] and not (given["seed"].isascii() and given["seed"].isdigit()):
        raise pytest.UsageError(f"chatproof: --chat-seed {given['seed']!r} is no whole number")
    return PluginSettings(address, command, announce, framing, given["budget"], given["seed"], strict)


def _require_seconds(text: str) -> None:
    try:
        seconds(text or "1")
    except argparse.ArgumentTypeError as error:
        raise pytest.UsageError(f"chatproof: --chat-budget {error}") from None


def _as_written_here(text: str) -> str:
    for option in ("command", "announce"):
        text = text.replace(f"--{option}", f"--chat-{option}")
    return text.replace("give HOST:PORT", "give --chat-target")
