"""The options of a run, and the selection, shared by the commands that check a server and a client."""

import argparse
import secrets
from collections.abc import Iterable, Sequence

from chatproof_common.command_line.values import CommandError, folder
from chatproof_conformance.core.options import OPTIONS, Options, flag
from chatproof_conformance.core.roles import Role


def add_run_options(parser: argparse.ArgumentParser, role: Role) -> "argparse._ArgumentGroup":
    """Add the options that a check of a role has; return their group."""
    group = parser.add_argument_group("run")
    for name, option in OPTIONS.items():
        if role in option.roles:
            values = {"choices": option.choices} if option.choices else {"metavar": option.metavar}
            group.add_argument(flag(name), type=option.read, help=option.meaning, **values)
    group.add_argument("--save", metavar="FOLDER", help="save each failure: recording, diagram, standalone script")
    group.add_argument("--list", action="store_true", help="list requirements and cases, check nothing")
    return group


def given_options(arguments: argparse.Namespace) -> dict[str, object]:
    """Return the options of a run that a command line gives, by name."""
    values = {name: getattr(arguments, name, None) for name in OPTIONS}
    return {name: value for name, value in values.items() if value is not None}


def read_options(arguments: argparse.Namespace, selection: Iterable[str]) -> Options:
    """Return the options of a run: as given, else by chance or by default.

    Raises:
        CommandError: if the folder of ``--save`` cannot be made.
    """
    chosen = {name: secrets.randbelow(1_000_000) for name, option in OPTIONS.items() if option.by_chance}
    save = folder(arguments.save) if arguments.save else None
    return Options(tuple(selection), save=save, **chosen | given_options(arguments))  # type: ignore[arg-type]  # by name


def require_known(unknown: Sequence[str], role: Role, hint: str = "") -> None:
    """Make sure that everything that was selected exists.

    Raises:
        CommandError: if something does not.
    """
    if unknown:
        listing = f"`chatproof {role.command} --list` shows what can be selected"
        raise CommandError(f"nothing is called {', '.join(unknown)}; {listing}{hint}")
