"""The server's options: its bounds, what happens at each, and what it may use."""

import argparse
from dataclasses import dataclass, field, fields
from typing import Any

from chatproof_common.command_line.values import count, seconds

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


def _bound(default: float, metavar: str, text: str) -> Any:
    read = count if isinstance(default, int) else seconds
    return field(default=default, metadata={"type": read, "metavar": metavar, "help": f"{text} (%(default)s)"})


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Options of a server, nearly all of them bounds; each is an option of ``chatproof server``.

    Each bound has its help text beside it. SPEC.md fixes the length of a frame (FRAME-1, FRAME-4), and asks for
    ``join_seconds`` and ``half_frame_seconds`` of at least 10 (JOIN-12, LEAVE-7), ``outbox_bytes`` of at least 65,536
    (LOAD-5) and ``stop_seconds`` of at most 5 (STOP-1).
    """

    max_clients: int = _bound(10_000, "N", "joined clients at once; one more join is answered with server_full")
    max_connections: int = _bound(12_000, "N", "connections at once, joined or not; one more is ended without a word")
    max_per_address: int = _bound(
        3_000, "N", "connections at once from one address (IPv6: one /64), joined or not; one more is ended"
    )
    max_unjoined_per_address: int = _bound(
        2_500, "N", "connections at once from one address that have not joined; one more is ended"
    )
    outbox_bytes: int = _bound(
        2 * 1024 * 1024, "BYTES", "what may wait for a client that reads too slowly; above it the client is dropped"
    )
    unread_seconds: float = _bound(
        30.0, "SECONDS", "time in which a client takes nothing of more than 64 KiB; then it is dropped"
    )
    join_seconds: float = _bound(30.0, "SECONDS", "time to join; then the connection is ended")
    half_frame_seconds: float = _bound(60.0, "SECONDS", "time for one frame to arrive; then the connection is ended")
    vanished_seconds: float = _bound(
        60.0, "SECONDS", "how long a client's machine may answer nothing, not even TCP; then the connection is ended"
    )
    linger_seconds: float = _bound(2.0, "SECONDS", "time for a client to close, once the server has ended its stream")
    stop_seconds: float = _bound(3.0, "SECONDS", "time for stopping, if clients do not close")
    all_cores: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a command the options."""
    bounds = parser.add_argument_group("bounds")
    for bound in fields(ServerOptions):
        if bound.metadata:
            option = "--" + bound.name.replace("_", "-")
            bounds.add_argument(option, default=bound.default, **bound.metadata)
    parser.add_argument(
        "--all-cores",
        action="store_true",
        help="use every core; otherwise its threads share one, which is faster, as Python runs one thread at a time",
    )


def from_arguments(arguments: argparse.Namespace) -> ServerOptions:
    """Return the options that a command line asks for."""
    return ServerOptions(**{option.name: getattr(arguments, option.name) for option in fields(ServerOptions)})
