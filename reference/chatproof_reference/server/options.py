"""The server's options: its bounds, what happens at each, and what it may use."""

import argparse
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

from chatproof_common.command_line.values import count, seconds, whole_number

FORMATS = ("text", "json")
LEVELS = ("debug", "info", "warning", "error")


_BOUNDS, _CLUSTER = "bounds", "one chat on many nodes (docs/cluster.md)"
_CHAT = re.compile(r"[A-Za-z0-9_./-]{1,200}")


def _chat(text: str) -> str:
    if not _CHAT.fullmatch(text):
        raise ValueError(text)
    return text


_chat.__name__ = "name (letters, digits, '_', '.', '/', '-', at most 200)"  # argparse names the type in its error


def _option(default: Any, metavar: str, text: str, read: Callable[[str], Any], group: str) -> Any:
    shown = f"{text} (%(default)s)" if default else text
    return field(default=default, metadata={"group": group, "type": read, "metavar": metavar, "help": shown})


def _bound(default: float, metavar: str, text: str, group: str = _BOUNDS) -> Any:
    return _option(default, metavar, text, count if isinstance(default, int) else seconds, group)


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Options of a server, most of them bounds; each is an option of ``chatproof server``.

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
    cluster: str = _option(
        "",
        "URL",
        "share the chat by this Redis or Valkey: redis://HOST:6379, or redis+sentinel://HOST:26379/SERVICE",
        str,
        _CLUSTER,
    )
    cluster_chat: str = _option("chat", "NAME", "which chat there", _chat, _CLUSTER)
    cluster_bound: float = _bound(
        10.0, "SECONDS", "how long this node may be apart from that; then it ends its connections", _CLUSTER
    )
    cluster_lease: float = _bound(
        3.0, "SECONDS", "how long another node may be silent; then its users have left", _CLUSTER
    )
    cluster_copies: int = _option(
        0,
        "N",
        "show nothing to anybody that not so many replicas have, so that a failover loses nothing (0)",
        whole_number,
        _CLUSTER,
    )
    cluster_lag_bytes: int = _bound(
        64 * 1024 * 1024, "BYTES", "how far this node may be behind the others; then it ends its connections", _CLUSTER
    )
    all_cores: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Give a command the options."""
    groups = {title: parser.add_argument_group(title) for title in (_BOUNDS, _CLUSTER)}
    for option in fields(ServerOptions):
        if option.metadata:
            rest = {name: value for name, value in option.metadata.items() if name != "group"}
            name = "--" + option.name.replace("_", "-")
            groups[option.metadata["group"]].add_argument(name, default=option.default, **rest)
    parser.add_argument(
        "--all-cores",
        action="store_true",
        help="use every core; otherwise its threads share one, which is faster, as Python runs one thread at a time",
    )


def from_arguments(arguments: argparse.Namespace) -> ServerOptions:
    """Return the options that a command line asks for."""
    return ServerOptions(**{option.name: getattr(arguments, option.name) for option in fields(ServerOptions)})
