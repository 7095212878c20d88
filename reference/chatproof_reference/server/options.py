"""The server's options: its bounds, what happens at each, and what it may use."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, fields

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Options of a server, nearly all of them bounds; each is an option of ``chatproof server``.

    The length of a frame is no option: SPEC.md fixes it (FRAME-1, FRAME-4).

    Attributes:
        max_clients: joined clients at once. The next join is answered with ``server_full`` and its connection ended.
        max_connections: connections at once, joined or not. One more is accepted and ended without a word.
        outbox_bytes: what may wait in memory for a client that reads too slowly. Above it the client is dropped.
        join_seconds: how long a connection may stay without joining. At least 10 (SPEC.md). Then it is ended.
        half_frame_seconds: how long one frame may take to arrive. Then the connection is ended.
        linger_seconds: how long a connection that the server ends may take to read what is left and to close.
        stop_seconds: how long stopping may take for clients that do not close. SPEC.md allows 5 (STOP-1).
        all_cores: let the threads use every core. Otherwise they share one, if the system lets them and Python runs
            one thread at a time: they are faster then.
    """

    max_clients: int = 10_000
    max_connections: int = 12_000
    outbox_bytes: int = 1024 * 1024
    join_seconds: float = 30.0
    half_frame_seconds: float = 60.0
    linger_seconds: float = 2.0
    stop_seconds: float = 3.0
    all_cores: bool = False


_HELP = {
    "max_clients": ("N", "joined clients at once; one more join is answered with server_full"),
    "max_connections": ("N", "connections at once, joined or not; one more is ended without a word"),
    "outbox_bytes": ("BYTES", "what may wait for a client that reads too slowly; above it the client is dropped"),
    "join_seconds": ("SECONDS", "time to join; then the connection is ended"),
    "half_frame_seconds": ("SECONDS", "time for one frame to arrive; then the connection is ended"),
    "linger_seconds": ("SECONDS", "time for a client to close, once the server has ended its stream"),
    "stop_seconds": ("SECONDS", "time for stopping, if clients do not close"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a command the options."""
    bounds = parser.add_argument_group("bounds")
    defaults = ServerOptions()
    for name, (metavar, text) in _HELP.items():
        default = getattr(defaults, name)
        kind = positive(int if isinstance(default, int) else float)
        option = "--" + name.replace("_", "-")
        bounds.add_argument(option, metavar=metavar, type=kind, default=default, help=f"{text} (%(default)s)")
    parser.add_argument(
        "--all-cores",
        action="store_true",
        help="use every core; otherwise its threads share one, which is faster, as Python runs one thread at a time",
    )


def from_arguments(arguments: argparse.Namespace) -> ServerOptions:
    """Return the options that a command line asks for."""
    return ServerOptions(**{option.name: getattr(arguments, option.name) for option in fields(ServerOptions)})


def positive(kind: type[int] | type[float]) -> Callable[[str], float]:
    """Return a reader, for an option, of finite numbers above 0."""

    def read(text: str) -> float:
        value = kind(text)
        if not 0 < value < float("inf"):
            raise ValueError(text)
        return value

    read.__name__ = "whole number above 0" if kind is int else "number above 0"  # argparse names it in its error
    return read
