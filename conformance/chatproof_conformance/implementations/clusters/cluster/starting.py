"""Finds the hub of a cluster, or starts it, in whichever node comes first."""

import os
import socket
import sys
import time
from pathlib import Path

_HUB = Path(__file__).with_name("hub.py")
_SECONDS = 15.0
_POLL_SECONDS = 0.01


def reach_hub(shared: Path, lease: float) -> socket.socket:
    """Return a connection to the hub of a cluster.

    Raises:
        OSError: if there is none after a while.
    """
    port_file, give_up = shared / "hub.port", time.monotonic() + _SECONDS
    _start_once(shared, port_file, lease, 0)
    while time.monotonic() < give_up:
        if port_file.exists():
            port = int(port_file.read_text())
            try:
                return socket.create_connection(("127.0.0.1", port), 5.0)
            except ConnectionRefusedError:  # it has ended, as all nodes had
                _start_once(shared, port_file, lease, port)
        time.sleep(_POLL_SECONDS)
    raise TimeoutError(f"no hub in {shared}")


def _start_once(shared: Path, port_file: Path, lease: float, last_port: int) -> None:
    """Start the hub that follows one, unless another node does."""
    try:
        (shared / f"after-{last_port}.lock").open("x").close()
    except FileExistsError:
        return
    port_file.unlink(missing_ok=True)
    _start([sys.executable, "-S", "-E", str(_HUB), str(port_file), str(lease)])


def _start(words: list[str]) -> None:
    """Start a process that is no child of ours, nor has our environment: it stays when this node is killed."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    os.closerange(3, 256)
    os.execve(words[0], words, {"PATH": os.defpath})  # noqa: S606  our own program
