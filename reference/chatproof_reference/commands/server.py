"""``chatproof server``: the reference server, in its window or without one."""

import argparse
import sys

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import is_whole_number, seconds
from chatproof_common.system.limits import allow_files
from chatproof_reference.server.options import FORMATS, LEVELS, add_arguments

_CANNOT_RUN = 2
_SPARE_DESCRIPTORS = 50


def _port(text: str) -> int:
    if not (is_whole_number(text) and int(text) <= 65_535):  # noqa: PLR2004  the range of TCP's ports
        raise ValueError(text)
    return int(text)


_port.__name__ = "port number (0 to 65535)"  # argparse names the type in its error


def _configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--headless", action="store_true", help="serve without a window")
    parser.add_argument("--host", default="localhost", help="address to listen on (default: localhost; all: 0.0.0.0)")
    parser.add_argument("--port", type=_port, default=12345, help="port (default: 12345; 0: the system chooses)")
    log = parser.add_argument_group("the log, with --headless")
    log.add_argument("--log-format", choices=FORMATS, default="text", help="lines on standard error (%(default)s)")
    log.add_argument("--log-level", choices=LEVELS, default="info", help="the least that is logged (%(default)s)")
    log.add_argument("--stats", type=seconds, metavar="SECONDS", help="log the counters this often (SIGUSR1: once)")
    metrics = parser.add_argument_group("for Prometheus, with --headless")
    metrics.add_argument("--metrics", type=_port, metavar="PORT", help="show metrics there by HTTP (0: as with --port)")
    metrics.add_argument("--metrics-host", default="127.0.0.1", metavar="HOST", help="address for that (%(default)s)")
    add_arguments(parser)


def _run(arguments: argparse.Namespace) -> int:
    allow_files(arguments.max_connections + _SPARE_DESCRIPTORS)
    if arguments.headless:
        from chatproof_reference.server.headless import serve  # noqa: PLC0415  only this command needs it

        return serve(arguments)
    try:
        from chatproof_reference.windows.server_window import main  # noqa: PLC0415  Tk may be missing
    except ImportError as error:
        print(f"No window: {error}. Use --headless to serve without one.", file=sys.stderr)  # noqa: T201  for its user
        return _CANNOT_RUN
    return main(arguments)


COMMAND = Command(
    "run the reference server",
    _configure,
    _run,
    description="Run the reference chat server: in a window, or with --headless without one.",
    examples="""examples:
  chatproof server                           the window, to start and stop it by hand
  chatproof server --headless                serve on localhost:12345; each line typed is announced to all
  chatproof server --headless --port 0       let the system choose the port, and print it
  chatproof server --headless --host 0.0.0.0 serve the network

exit codes:
  0  it was stopped in order
  2  it cannot run: bad options, the port is in use, no window""",
)
