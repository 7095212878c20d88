"""The one command ``chatproof``: finds its subcommands through the entry-point group ``chatproof.commands``."""

import argparse
import contextlib
import difflib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line import last_resort
from chatproof_common.command_line.help import HelpFormatter
from chatproof_common.command_line.ordering import options_first
from chatproof_common.command_line.values import CommandError
from chatproof_common.printable import indented
from chatproof_common.system import streams
from chatproof_common.system.errors import is_closed_pipe, is_closed_terminal
from chatproof_common.system.interrupts import end_at_once
from chatproof_common.system.signals import interrupted_by_stop_signals, stop_status

if TYPE_CHECKING:
    from chatproof_common.command_line.command import Command

GROUP = "chatproof.commands"
CANNOT_RUN = 2
NOBODY_READS = 141
"""As a shell has it: 128 and the number of SIGPIPE."""

_EXIT_CODES = "exit code: 0 good; 1 a finding; 2 nothing can be said"
_EPILOG = f"""\
start here:
  chatproof check                       check the bundled server, to see what a verdict looks like
  chatproof check 127.0.0.1:12345       check your server
  chatproof validate sent.ndjson        validate messages in a file
  chatproof COMMAND --help              options and examples of a command

{_EXIT_CODES}
"""


class _Version(argparse.Action):
    """Looks the version up only when asked for: that reads the installed package's data."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"chatproof {version('chatproof')}")  # noqa: T201  it is the answer
        parser.exit()


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code: 0 good, 1 a finding, 2 nothing can be said.

    Also, as a shell has it, 128 and the number of the signal that asked it to end before it was done: 130 for Ctrl+C,
    143 for SIGTERM, 129 for SIGHUP; and 141 if nobody reads what it prints.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    name = words[0] if words and not words[0].startswith("-") else ""
    try:
        return _run_alone(words, name) if argv is None else _run_to_its_end(words)
    except KeyboardInterrupt:
        return stop_status()
    except SystemExit:
        raise
    except BaseException as error:  # noqa: BLE001  whatever it is, its user gets no traceback, and no exit code 1
        with contextlib.suppress(Exception):  # what fails twice, as for want of memory, has no words
            if isinstance(error, OSError) and (is_closed_pipe(error) or is_closed_terminal(error)):
                streams.discard(sys.stdout)  # its reader went (`chatproof … | head`): the rest is not wanted
                return NOBODY_READS
            last_resort.report(name, error)
        return CANNOT_RUN


def _run_alone(words: Sequence[str], name: str) -> int:
    """Run in a process in which nothing else is done."""
    try:
        uncaught = last_resort.report_uncaught(name)
        code = _run_to_its_end(words)
        return CANNOT_RUN if uncaught and code in (0, 1) else code  # without what failed, nothing is certain
    finally:
        end_at_once()


def _run_to_its_end(words: Sequence[str]) -> int:
    streams.open_missing()
    streams.survive_any_character()
    with streams.without_commands_of_others(os.environ), interrupted_by_stop_signals():
        try:
            return _run(words)
        finally:
            sys.stdout.flush()


def _run(words: Sequence[str]) -> int:
    if not _has_folder():
        print("chatproof: the current folder has been removed; change to one that exists", file=sys.stderr)  # noqa: T201  answer
        return CANNOT_RUN
    found = find_commands()
    if words and not words[0].startswith("-") and words[0] not in found:
        return _refuse(words[0], found)
    # A command is imported only when it is the one called (or all are listed): imports cost start-up time.
    named = {name: found[name] for name in words[:1] if name in found}
    parser = build_parser(named or found)
    if not words:
        parser.print_help(sys.stderr)
        return CANNOT_RUN
    if named:
        command: Command = named[words[0]].load()
        own = argparse.ArgumentParser()
        command.configure(own)
        words = [words[0], *options_first(own, words[1:])]
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except CommandError as error:
        print(f"chatproof {words[0]}: {indented(str(error), 2)}", file=sys.stderr)  # noqa: T201  a command speaks on its terminal
        return CANNOT_RUN
    return code


def _has_folder() -> bool:
    """Return whether the folder in which this was started still exists: nothing else can be started in it if not."""
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _refuse(word: str, found: Iterable[str]) -> int:
    near = difflib.get_close_matches(word, found, 1)
    hint = f"did you mean {near[0]}?" if near else f"the commands are {', '.join(sorted(found))}."
    print(f"chatproof: there is no command {word!r}; {hint} See chatproof --help.", file=sys.stderr)  # noqa: T201  answer
    return CANNOT_RUN


def find_commands() -> dict[str, EntryPoint]:
    """Return the subcommands that are installed, by name, in the order of the alphabet; none is imported."""
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=attrgetter("name"))}


def build_parser(found: Mapping[str, EntryPoint]) -> argparse.ArgumentParser:
    """Return the parser of the command line with these subcommands, which are imported."""
    parser = argparse.ArgumentParser(
        prog="chatproof",
        description="The TCP chat protocol: check that a server keeps it, run it, validate its messages.",
        epilog=_EPILOG,
        formatter_class=HelpFormatter,
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    for name, entry in found.items():
        command: Command = entry.load()
        subparser = subparsers.add_parser(
            name,
            help=command.summary,
            description=command.description or command.summary,
            epilog=command.examples if "exit code" in command.examples else f"{command.examples}\n\n{_EXIT_CODES}",
            formatter_class=HelpFormatter,
        )
        command.configure(subparser)
        subparser.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
