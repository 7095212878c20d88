"""The options of a run, and the selection, shared by the commands that check a server and a client."""

import argparse
import importlib.util
import secrets
import sys
from collections.abc import Iterable, Sequence
from typing import Any

from chatproof_common.command_line.values import CommandError, count, folder
from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.levels import ids_up_to
from chatproof_conformance.core.options import OPTIONS, Options, flag
from chatproof_conformance.core.roles import Role
from chatproof_schemas import work_levels


def add_run_options(parser: argparse.ArgumentParser, role: Role) -> "argparse._ArgumentGroup":
    """Add the options that a check of a role has; return their group."""
    group = parser.add_argument_group("run")
    for name, option in OPTIONS.items():
        if role in option.roles:
            values = {"choices": option.choices} if option.choices else {"metavar": option.metavar}
            group.add_argument(flag(name), type=option.read, help=option.meaning, **values)
    group.add_argument("--save", metavar="FOLDER", help="save each failure: recording, diagram, standalone script")
    group.add_argument(
        "--format",
        choices=("text", "dense", "json-lines", "json"),
        help="dense: 25 lines at most (default in CI and for coding agents, otherwise text); json-lines: events for "
        "programs, at once; json: with --list",
    )
    group.add_argument("--failed", action="store_true", help="only the requirements that failed last time")
    levels = len(work_levels(role.value))
    group.add_argument("--level", type=count, metavar="N", help=f"only levels 1 to N of {levels} (SPEC.md, appendix A)")
    if role is Role.SERVER:
        group.add_argument(
            "--nemesis",
            action="store_true",
            help="also kill the server, pause it, and leave it few file descriptors (needs a server that is started)",
        )
    group.add_argument("--fail-fast", action="store_true", help="end at the first failure")
    group.add_argument(
        "--repeat", type=count, metavar="N", help="check so often, each with another seed; print the rates"
    )
    group.add_argument("--jobs", type=count, metavar="N", help="with --repeat: so many at once (default: 1)")
    group.add_argument("--watch", action="store_true", help="check again when a file changes, what failed first")
    group.add_argument("--build", metavar="'…'", help="with --watch: run this before each check, without a shell")
    group.add_argument("--list", action="store_true", help="list what can be selected, check nothing")
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
    given: dict[str, Any] = chosen | given_options(arguments)
    loop = {"fail_fast": arguments.fail_fast, "focus": arguments.level is not None}
    loop["nemesis"] = getattr(arguments, "nemesis", False)
    return Options(tuple(selection), save=save, level=arguments.level, **loop, **given)


def read_selection(arguments: argparse.Namespace, words: Sequence[str], role: Role, target_words: str) -> list[str]:
    """Return what is selected: the words, the ids of levels, or what failed the last time that this was checked.

    Raises:
        CommandError: if several of these are given, there is no such level, or nothing failed.
    """
    given = {"--failed": arguments.failed, "--level": arguments.level is not None, "a selection": bool(words)}
    chosen = [name for name, is_given in given.items() if is_given]
    if len(chosen) > 1:
        raise CommandError(f"give {' or '.join(chosen)}, not both" + f": {', '.join(words)}" * bool(words))
    if arguments.level is not None:
        return ids_up_to(arguments.level, role)
    if not arguments.failed:
        return list(words)
    from chatproof_conformance.reporting.last_failures import last_failures  # noqa: PLC0415  only if it is asked for

    failed = last_failures(role, target_words)
    if not failed:
        raise CommandError(f"--failed: no failure of `chatproof {role.command}{target_words}` is known")
    return failed


def require_loop_options(arguments: argparse.Namespace) -> None:
    """Make sure that the options of ``--watch`` and ``--repeat`` go together with the others.

    Raises:
        CommandError: if they do not.
    """
    for option, needs in (("build", "watch"), ("jobs", "repeat")):
        if getattr(arguments, option) is not None and not getattr(arguments, needs):
            raise CommandError(f"--{option} goes with --{needs}")
    if arguments.watch and arguments.repeat:
        raise CommandError("give --watch or --repeat, not both")
    loop = "--watch" if arguments.watch else "--repeat" if arguments.repeat else ""
    kept = {
        f"--format {arguments.format}": arguments.format in ("json-lines", "json"),
        "--list": arguments.list,
        "--write-baseline": arguments.write_baseline,
        "--save": arguments.save,
        "--report": arguments.repeat and arguments.report,
        "--baseline": arguments.repeat and arguments.baseline,
    }
    if loop and (others := [name for name, given in kept.items() if given]):
        raise CommandError(f"{loop} does not go with {' and '.join(others)}")
    if arguments.format == "json" and not arguments.list:
        raise CommandError("--format json goes with --list; a run has --report json=FILE and --format json-lines")
    if arguments.watch:
        _require_watcher()


def _require_watcher() -> None:
    """Make sure that the packages are there that notice changed files.

    Raises:
        CommandError: if one is not.
    """
    missing = [name for name in ("watchfiles", "pathspec") if importlib.util.find_spec(name) is None]
    if missing:
        here = quote_word(sys.executable)
        raise CommandError(f"--watch needs {' and '.join(missing)}: {here} -m pip install {' '.join(missing)}")
