"""The one command ``chatproof``: finds its subcommands through the entry-point group ``chatproof.commands``."""

import argparse
import difflib
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points, version
from operator import attrgetter
from typing import TYPE_CHECKING

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.errors import is_closed_pipe
from chatproof_common.system.signals import terminated_as_interrupted
from chatproof_common.system.streams import discard

if TYPE_CHECKING:
    from chatproof_common.command_line.command import Command

GROUP = "chatproof.commands"
CANNOT_RUN = 2
INTERRUPTED = 130

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
    """Run one subcommand and return its exit code: 0 good, 1 a finding, 2 nothing can be said."""
    words = list(sys.argv[1:] if argv is None else argv)
    _survive_any_character()
    try:
        with terminated_as_interrupted():
            code = _run(words)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        if not is_closed_pipe(error):
            raise
        discard(sys.stdout)  # its reader went (`chatproof … | head`): the rest is not wanted
        return CANNOT_RUN
    return code


def _run(words: Sequence[str]) -> int:
    found = find_commands()
    if words and not words[0].startswith("-") and words[0] not in found:
        return _refuse(words[0], found)
    # A command is imported only when it is the one called (or all are listed): imports cost start-up time.
    parser = build_parser({name: found[name] for name in words[:1] if name in found} or found)
    if not words:
        parser.print_help(sys.stderr)
        return CANNOT_RUN
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
    except CommandError as error:
        print(f"chatproof {words[0]}: {error}", file=sys.stderr)  # noqa: T201  a command speaks on its terminal
        return CANNOT_RUN
    return code


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
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.configure(subparser)
        subparser.set_defaults(run=command.run)
    return parser


def _survive_any_character() -> None:
    # A console that cannot show a character shows its escape, instead of ending the program.
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    sys.exit(main())
