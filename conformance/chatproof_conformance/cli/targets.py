"""The options that name a server, shared by the commands that need one."""

import argparse

from chatproof_common.command_line.values import CommandError, count
from chatproof_common.system.shell_words import split_words


def add_target_options(parser: argparse.ArgumentParser) -> "argparse._ArgumentGroup":
    """Add the options for how to start a server and how to speak for its operator; return their group."""
    group = parser.add_argument_group("target")
    group.add_argument(
        "--command",
        metavar="'… {port} …'",
        help="start this server, without a shell; {port} is where it must listen, {host} is 127.0.0.1",
    )
    group.add_argument(
        "--announce", metavar="stdin | 'CMD {text}'", help="how to speak for its operator (stdin needs --command)"
    )
    group.add_argument(
        "--stop",
        metavar="signal | eof | stdin:TEXT | 'CMD {pid}'",
        help="how to ask it to stop: by SIGTERM (on Windows Ctrl+Break; the default), by the end of its standard "
        "input, by a line there, or by a command, in which {pid} and {port} stand for its own (needs --command)",
    )
    return group


def add_nodes_option(group: "argparse._ArgumentGroup") -> None:
    """Add the options that start several processes as one server, and the engine that they share."""
    group.add_argument(
        "--nodes",
        type=count,
        metavar="N",
        help="run the command N times, as one server of N addresses: {node} is 1 to N there, {shared} an empty folder "
        "that the nodes of one cluster share",
    )
    group.add_argument(
        "--engine",
        metavar="'… {port} …'",
        help="start what orders the chat of the nodes, too, such as a Redis; {engine} is its HOST:PORT in --command. "
        "It is paused, killed, and cut off from nodes (needs --nodes)",
    )


def require_words(command: str | None) -> None:
    """Make sure that the command line of a client's driver is one, if there is one.

    Raises:
        CommandError: if it is empty or cannot be split.
    """
    if command is None:
        return
    try:
        words = split_words(command)
    except ValueError as error:
        raise CommandError(f"--command {command!r} cannot be split into words: {error}") from None
    if not words:
        raise CommandError("--command is empty; expected the words that start a driver of your client")
