"""``chatproof check``: prove that a server keeps the protocol."""

import argparse
import re
import sys
from typing import TYPE_CHECKING

from chatproof_schemas.command import Command

if TYPE_CHECKING:
    from chatproof_conformance.options import Options

_DESCRIPTION = """\
Checks a server of the TCP chat protocol over its socket, whatever language it is written in.
With no target it checks the bundled reference server."""

_EXAMPLES = """\
examples:
  chatproof check                                    the bundled server
  chatproof check localhost:12345                    a server that runs already (it may have other people on it)
  chatproof check --command "./myserver {port}"      start and stop the server too (more can be tested then)
  chatproof check localhost:12345 JOIN PRIVATE-2     only a section, a requirement, or a case by its name
  chatproof check --list                             every requirement, and the cases that prove it

exit codes:
  0  the server conforms
  1  a MUST is broken (with --strict, a SHOULD too)
  2  nothing can be said: bad options, no connection, inconclusive"""

_ADDRESS = re.compile(r"^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):([0-9]{1,5})$")


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "words", nargs="*", metavar="HOST:PORT | SELECTION", help="a target, sections, ids or case names"
    )
    how = parser.add_argument_group("target")
    how.add_argument("--command", metavar="'… {port} …'", help="start this server; {port} is where it must listen")
    how.add_argument(
        "--announce", metavar="stdin | 'CMD {text}'", help="how to speak for its operator (stdin needs --command)"
    )
    how.add_argument(
        "--framing",
        choices=("lf", "none"),
        default="lf",
        help="none: a server of the original kind, objects with no LF",
    )
    what = parser.add_argument_group("run")
    what.add_argument("--seed", type=int, metavar="N", help="repeat a run's generated input")
    what.add_argument("--budget", type=_seconds, metavar="SECONDS", help="about how long generated traffic may take")
    what.add_argument("--strict", action="store_true", help="a broken SHOULD fails the run")
    what.add_argument("--list", action="store_true", help="list requirements and cases, check nothing")


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_conformance import checking  # noqa: PLC0415  pytest and Hypothesis take a while to import
    from chatproof_conformance.outcomes import TargetGone  # noqa: PLC0415  the same

    try:
        address, options = _options(arguments)
        _require_known(checking.unknown_words(options) if options.selection else [])
        if arguments.list:
            return checking.list_cases(options)
        if address is not None:
            return checking.check_address(address, options, arguments.announce, strict=arguments.strict)
        return checking.check_command(arguments.command, options, arguments.announce, strict=arguments.strict)
    except (TargetGone, _UsageError) as error:
        print(f"chatproof check: {error}", file=sys.stderr)  # noqa: T201  a command speaks on its terminal
        return 2


class _UsageError(Exception):
    """Options that do not fit together."""


def _options(arguments: argparse.Namespace) -> "tuple[tuple[str, int] | None, Options]":
    import secrets  # noqa: PLC0415  only where a command runs

    from chatproof_conformance.options import DEFAULT_BUDGET, Options  # noqa: PLC0415  the same

    targets = [word for word in arguments.words if ":" in word]
    if len(targets) > 1:
        raise _UsageError(f"give one target, not {len(targets)}: {', '.join(targets)}")
    words = [word for word in arguments.words if ":" not in word]
    address = _address(targets[0]) if targets else None
    if address is not None and arguments.command:
        raise _UsageError("give HOST:PORT or --command, not both")
    if address is not None and arguments.announce == "stdin":
        raise _UsageError("--announce stdin needs --command: the standard input of a running server is not ours")
    _require_placeholder("--command", arguments.command, "{port}", "which stands for the port to listen on")
    if arguments.announce != "stdin":
        _require_placeholder(
            "--announce", arguments.announce, "{text}", "which stands for what to announce, or be stdin"
        )
    seed = secrets.randbelow(1_000_000) if arguments.seed is None else arguments.seed
    options = Options(tuple(words), arguments.framing, seed, arguments.budget or DEFAULT_BUDGET)
    return address, options


def _require_known(unknown: list[str]) -> None:
    if unknown:
        raise _UsageError(
            f"nothing is called {', '.join(unknown)}; `chatproof check --list` shows what can be selected, "
            "and a target is written HOST:PORT"
        )


def _require_placeholder(option: str, command: str | None, placeholder: str, meaning: str) -> None:
    import shlex  # noqa: PLC0415  only where a command runs

    if command is None:
        return
    if placeholder not in command:
        raise _UsageError(f"{option} must contain {placeholder}, {meaning}")
    try:
        shlex.split(command)
    except ValueError as error:
        raise _UsageError(f"{option} {command!r} cannot be split into words: {error}") from None


def _address(word: str) -> tuple[str, int]:
    found = _ADDRESS.match(word)
    if not found or not 0 < int(found[3]) < 65536:  # noqa: PLR2004  the range of ports
        raise _UsageError(f"{word!r} is no target; write HOST:PORT, such as localhost:12345")
    return found[1] or found[2], int(found[3])


COMMAND = Command(
    summary="prove that a server keeps the protocol (with no target: the bundled server)",
    configure=_configure,
    run=_run,
    description=_DESCRIPTION,
    examples=_EXAMPLES,
)
