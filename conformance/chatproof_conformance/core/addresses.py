"""The address of a server, as a command line names it."""

from collections.abc import Sequence

from chatproof_common.addresses import read_host_and_port, shown_address
from chatproof_common.command_line.values import CommandError
from chatproof_common.system.shell_words import split_words

Address = tuple[str, int]
"""Host and port."""


def read_address(word: str | None, command: str | None, announce: str | None) -> Address | None:
    """Return the address of a server that runs already, None if none is given.

    Raises:
        CommandError: if the word is not an address, or does not fit the options.
    """
    address = parse_address(word) if word else None
    if address is not None and command:
        raise CommandError("give HOST:PORT or --command, not both")
    if address is not None and announce == "stdin":
        raise CommandError("--announce stdin needs --command: the standard input of a running server is not ours")
    instead = "; if the port of your server is fixed, start it yourself and give HOST:PORT instead of --command"
    _require_placeholder("--command", command, "{port}", "which stands for the port to listen on", instead)
    if announce != "stdin":
        _require_placeholder("--announce", announce, "{text}", "which stands for what to announce, or be stdin")
    return address


_MOST_NODES = 9


def read_addresses(
    words: Sequence[str], command: str | None, announce: str | None, nodes: int | None, engine: str | None = None
) -> tuple[Address, ...]:
    """Return the addresses of one server that runs already; empty if none are given.

    Raises:
        CommandError: if a word is not an address, one is given twice, or they do not fit the options.
    """
    found = tuple(address for word in words if (address := read_address(word, command, announce)))
    if not found:
        read_address(None, command, announce)
    twice = next((address for place, address in enumerate(found) if address in found[:place]), None)
    if twice is not None:
        raise CommandError(f"{shown_address(twice)} is given twice; each address of a server is another node")
    if nodes is not None and command is None:
        raise CommandError("--nodes needs --command, which starts each node; of nodes that run give every HOST:PORT")
    if nodes is not None and nodes > _MOST_NODES:
        raise CommandError(f"--nodes {nodes}: expected at most {_MOST_NODES}")
    if nodes is None and command is not None and "{shared}" in command:
        raise CommandError("{shared} in --command needs --nodes, which says how many nodes share it")
    _require_engine(command, nodes, engine)
    return found


def _require_engine(command: str | None, nodes: int | None, engine: str | None) -> None:
    if engine is None:
        if command is not None and "{engine}" in command:
            raise CommandError("{engine} in --command needs --engine, the command that starts the engine")
        return
    if command is None or nodes is None:
        raise CommandError("--engine needs --command and --nodes: only nodes that we start can be told where it is")
    _require_placeholder("--engine", engine, "{port}", "which stands for the port to listen on")
    instead = "; an engine that runs already is named in --command, without --engine"
    _require_placeholder("--command", command, "{engine}", "which stands for HOST:PORT of the engine", instead)


def _require_placeholder(option: str, command: str | None, placeholder: str, meaning: str, instead: str = "") -> None:
    if command is None:
        return
    if placeholder not in command:
        raise CommandError(f"{option} must contain {placeholder}, {meaning}{instead}")
    try:
        split_words(command)
    except ValueError as error:
        raise CommandError(f"{option} {command!r} cannot be split into words: {error}") from None


def parse_address(word: str, option: str = "", lowest_port: int = 1) -> Address:
    """Return the host and the port that HOST:PORT names.

    Raises:
        CommandError: if it is not; the text begins with the option, if one is given.
    """
    try:
        return read_host_and_port(word, lowest_port)
    except ValueError as error:
        about = f"{option} " if option else ""
        raise CommandError(f"{about}{word!r} is no target; {error}") from None
