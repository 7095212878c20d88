"""``chatproof bench``: how fast a server is, and whether it stays right under load."""

import argparse
from typing import TYPE_CHECKING

from chatproof_common.command_line.command import Command
from chatproof_common.command_line.values import address
from chatproof_common.system.shell_words import split_words

if TYPE_CHECKING:
    from chatproof_reference.bench.scenario import Scenario

_MOST_PROCESSES = 64


def _configure(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "target",
        nargs="*",
        default=[],
        metavar="HOST:PORT",
        type=address,
        help="a server that runs already; of several, which are one chat, clients take one in turn",
    )
    target.add_argument(
        "--command",
        metavar="COMMAND",
        type=_command,
        help="start this server for each scenario; {port} is replaced",
    )
    parser.add_argument("--quick", action="store_true", help="two small scenarios, to see that it works")
    parser.add_argument(
        "--scenario",
        metavar="NAME=N,…",
        type=_scenario,
        action="append",
        help="a load, such as clients=100,senders=99; also window, rate, stalled, flooders, seconds, spelling; "
        "may be given several times",
    )
    parser.add_argument(
        "--processes", metavar="N", type=_processes, help="that put on the load (as many as there are cores but one)"
    )
    parser.add_argument("--json", metavar="FILE", help="write all figures to a file")
    parser.add_argument("--svg", metavar="FILE", help="write a plot to a file")


def _command(text: str) -> str:
    try:
        words = split_words(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no command line: {error}") from None
    if not any("{port}" in word for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} has no {{port}}; expected it where the port belongs")
    return text


def _scenario(text: str) -> "Scenario":
    from chatproof_reference.bench.scenario import read_scenario  # noqa: PLC0415  start-up time of other commands

    try:
        return read_scenario(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _processes(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _MOST_PROCESSES:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes; expected 1 to {_MOST_PROCESSES}")
    return int(text)


def _run(arguments: argparse.Namespace) -> int:
    from chatproof_reference.bench.run import bench  # noqa: PLC0415  start-up time of other commands

    return bench(arguments)


COMMAND = Command(
    "measure a server under load",
    _configure,
    _run,
    description="Measure a chat server: deliveries a second, latency, and whether each message arrived once, in order.",
    examples="""examples:
  chatproof bench                              the bundled server
  chatproof bench localhost:12345              a server that runs already
  chatproof bench localhost:1 localhost:2      two nodes of one chat
  chatproof bench --command "./server {port}"  a server to start
  chatproof bench --json bench.json --svg bench.svg
  chatproof bench --scenario clients=5000,senders=10,window=2
  chatproof bench --scenario clients=90,senders=89 --scenario clients=90,senders=89,stalled=10
  chatproof bench --scenario clients=10,senders=9,spelling=reversed""",
)
