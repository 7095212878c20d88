"""The address of a server, as a command line names it."""

import re

from chatproof_common.command_line.values import CommandError
from chatproof_common.system.shell_words import split_words

Address = tuple[str, int]
"""Host and port."""

_ADDRESS = re.compile(r"^(?:\[([0-9a-fA-F:.]+)\]|([^:\s]+)):([0-9]{1,5})$")


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
    _require_placeholder("--command", command, "{port}", "which stands for the port to listen on")
    if announce != "stdin":
        _require_placeholder("--announce", announce, "{text}", "which stands for what to announce, or be stdin")
    return address


def _require_placeholder(option: str, command: str | None, placeholder: str, meaning: str) -> None:
    if command is None:
        return
    if placeholder not in command:
        raise CommandError(f"{option} must contain {placeholder}, {meaning}")
    try:
        split_words(command)
    except ValueError as error:
        raise CommandError(f"{option} {command!r} cannot be split into words: {error}") from None


def parse_address(word: str, option: str = "", lowest_port: int = 1) -> Address:
    """Return the host and the port that HOST:PORT names.

    Raises:
        CommandError: if it is not; the text begins with the option, if one is given.
    """
    found = _ADDRESS.match(word)
    if not found or not lowest_port <= int(found[3]) < 65536:  # noqa: PLR2004  the range of ports
        about = f"{option} " if option else ""
        raise CommandError(f"{about}{word!r} is no target; write HOST:PORT, such as localhost:12345")
    return found[1] or found[2], int(found[3])
