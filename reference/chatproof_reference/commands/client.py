"""``chatproof client``: the reference client, in its window, in a terminal, or for programs."""

import argparse
import sys

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import address

_CANNOT_RUN = 2


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("address", nargs="?", type=address, metavar="HOST:PORT", help="the server to connect to")
    parser.add_argument("--username", help="the name to join under")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--headless", action="store_true", help="chat in this terminal, without a window")
    mode.add_argument("--json-lines", action="store_true", help="be driven by a program: JSON lines in and out")


def _run(arguments: argparse.Namespace) -> int:
    if arguments.json_lines:
        return _run_program_mode(arguments)
    if arguments.headless:
        return _run_terminal_mode(arguments)
    try:
        from chatproof_reference.windows.client_window import main  # noqa: PLC0415  Tk may be missing
    except ImportError as error:
        return _refuse(f"No window: {error}. Use --headless HOST:PORT --username NAME to chat in the terminal.")
    return main(arguments)


def _run_program_mode(arguments: argparse.Namespace) -> int:
    from chatproof_reference.client.program import run_program_mode  # noqa: PLC0415  only this mode needs it

    if arguments.address is None:
        return run_program_mode()
    if not arguments.username:
        return _refuse("An address needs --username NAME beside it.")
    host, port = arguments.address
    return run_program_mode({"do": "connect", "host": host, "port": port, "username": arguments.username})


def _run_terminal_mode(arguments: argparse.Namespace) -> int:
    if arguments.address is None or not arguments.username:
        return _refuse("--headless needs HOST:PORT and --username NAME.")
    from chatproof_reference.client.terminal import run_terminal_mode  # noqa: PLC0415  only this mode needs it

    host, port = arguments.address
    return run_terminal_mode(host, port, arguments.username)


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)  # noqa: T201  for its user
    return _CANNOT_RUN


COMMAND = Command(
    "run the reference client",
    _configure,
    _run,
    description="Run the reference chat client: in a window, in this terminal, or driven by a program.",
    examples="""examples:
  chatproof client                                            the window
  chatproof client localhost:12345 --username alice           the window, connected at once
  chatproof client --headless localhost:12345 --username bob  chat in the terminal; /help lists its commands
  chatproof client --json-lines                               JSON lines in and out, for programs and tests

exit codes:
  0  the user left
  1  the join was refused, or the connection was lost
  2  it cannot run: bad options, no window""",
)
