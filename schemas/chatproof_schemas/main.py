"""The one command ``chatproof``: finds its subcommands through the entry-point group ``chatproof.commands``."""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points, version

from chatproof_schemas.command import Command

GROUP = "chatproof.commands"
CANNOT_RUN = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code: 0 good, 1 a finding, 2 nothing can be said."""
    words = list(sys.argv[1:] if argv is None else argv)
    found = {entry.name: entry for entry in entry_points(group=GROUP)}
    parser = _parser(found, words)
    arguments = parser.parse_args(words)
    try:
        code: int = arguments.run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went (`chatproof … | head`): the rest is not wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT_RUN
    return code


def _parser(found: dict[str, EntryPoint], words: Sequence[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="chatproof",
        description="The TCP chat protocol: run it, prove a server keeps it, validate its messages.",
        epilog="`chatproof check` with no target checks the bundled server. `chatproof COMMAND --help` teaches by example.",
    )
    parser.add_argument("--version", action="version", version=f"chatproof {version('chatproof')}")
    subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
    # A command is imported only when it is the one called (or all are listed): imports cost start-up time.
    called = [word for word in words[:1] if word in found]
    for name in called or sorted(found):
        command: Command = found[name].load()
        subparser = subparsers.add_parser(
            name,
            help=command.summary,
            description=command.description or command.summary,
            epilog=command.examples,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.configure(subparser)
        subparser.set_defaults(run=command.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
