"""``chatproof bench``: how fast a server is, and whether it stays right under load."""

import argparse

from chatproof_schemas.command import Command


def _configure(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument("target", nargs="?", metavar="HOST:PORT", type=_address, help="a server that runs already")
    target.add_argument("--command", metavar="COMMAND", help="start this server for each scenario; {port} is replaced")
    parser.add_argument("--quick", action="store_true", help="two small scenarios, to see that it works")
    parser.add_argument("--json", metavar="FILE", help="write all figures to a file")
    parser.add_argument("--svg", metavar="FILE", help="write a bar chart to a file")


def _address(text: str) -> str:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal():
        raise ValueError(text)
    return text


_address.__name__ = "HOST:PORT"  # argparse names the type in its error


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
  chatproof bench --command "./server {port}"  a server to start
  chatproof bench --json bench.json --svg bench.svg""",
)
