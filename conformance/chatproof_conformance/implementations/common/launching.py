"""Starts one of the servers or clients that prove the harness, or lists them; nothing that a start doesn't need."""

import argparse
import sys
from collections.abc import Callable


def launch(kind: str, default: str, options: dict[str, dict[str, object]], run: Callable[..., int]) -> int:
    """Read the command line and do what it says; return the exit status, 2 if there is nothing to start.

    Args:
        kind: ``server`` or ``client``.
        default: the name of the one that is started if none is named.
        options: by name, what argparse is to know of each option of a start.
        run: runs a class that is built on the baseline, with the command line's arguments.
    """
    parser = argparse.ArgumentParser(description=f"Start one of the {kind}s that prove the harness, or list them.")
    parser.add_argument("name", nargs="?", default=default, help=f"which {kind} (default: {default})")
    for name, facts in options.items():
        parser.add_argument(name, **facts)
    parser.add_argument("--list", action="store_true", help=f"print every {kind}, one JSON object a line")
    arguments = parser.parse_args()
    if arguments.list:
        return print_list()
    from catalogue import CATALOGUE  # noqa: PLC0415  of the folder of the run.py that was started

    found = CATALOGUE.find(arguments.name)
    if found is not None:
        return run(found, arguments)
    return run_program(kind, arguments, options)


def run_program(kind: str, arguments: argparse.Namespace, options: dict[str, dict[str, object]]) -> int:
    import os  # noqa: PLC0415  as above

    from common.programs import find_program  # noqa: PLC0415  as above
    from programs import PROGRAMS  # noqa: PLC0415  as above

    try:
        words = find_program(PROGRAMS, arguments.name)
    except RuntimeError as error:
        return refuse(str(error))
    if words is None:
        return refuse(f"no {kind} is named {arguments.name}; run.py --list names them all")
    for name in options:
        words += [name, str(getattr(arguments, name.removeprefix("--")))]
    if os.name == "nt":  # there, exec leaves a process that nobody can wait for
        import subprocess  # noqa: PLC0415  as above

        return subprocess.run(words, check=False).returncode  # noqa: S603  our own program
    return os.execvp(words[0], words)  # noqa: S606  our own program takes this process over


def print_list() -> int:
    import json  # noqa: PLC0415  as above

    from catalogue import CATALOGUE  # noqa: PLC0415  as above
    from programs import PROGRAMS  # noqa: PLC0415  as above

    baseline, *others = CATALOGUE.entries()
    for entry in (baseline, *(program.entry for program in PROGRAMS), *others):
        print(json.dumps({**entry._asdict(), "command": CATALOGUE.command(entry)}))  # noqa: T201  what was asked for
    return 0


def refuse(text: str) -> int:
    """Say on standard error why nothing is started; return the exit status."""
    print(f"run.py: {text}", file=sys.stderr)  # noqa: T201  for whoever started it
    return 2
