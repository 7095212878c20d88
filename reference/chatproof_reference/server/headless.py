"""Serves without a window: for people in a terminal, for programs, and for the harness.

The first line on standard output is ``Listening on HOST:PORT``. Each line on standard input is announced; its end stops
nothing. SIGTERM and SIGINT stop the server in order, with exit code 0.
"""

import argparse
import os
import queue
import signal
import sys
import threading
from collections.abc import Iterable, Iterator

from chatproof_reference.server.listener import CannotListen
from chatproof_reference.server.server import ChatServer

_CANNOT_RUN = 2


def serve(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes; return the exit code: 0 stopped in order, 2 could not listen."""
    stops: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put may be called from a signal handler
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stops.put(number))
    server = ChatServer(arguments.host, arguments.port)
    try:
        server.start_server()
    except CannotListen as error:
        _say(str(error))
        return _CANNOT_RUN
    print(f"Listening on {server.place}", flush=True)  # noqa: T201  programs read it
    threading.Thread(target=_announce, args=(server, _read_lines()), daemon=True).start()
    _wait(stops)
    server.stop_server()
    return 0


def _wait(stops: queue.SimpleQueue[int]) -> None:
    while True:
        try:
            stops.get(timeout=0.5)  # on Windows a wait with no end cannot be interrupted
        except queue.Empty:
            continue
        return


def _read_lines() -> Iterator[bytes]:
    # Not through sys.stdin: a thread that waits inside it would hold its lock when the interpreter ends.
    rest = b""
    while data := os.read(0, 65_536):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
    yield rest


def _announce(server: ChatServer, lines: Iterable[bytes]) -> None:
    for line in lines:
        text = line.rstrip(b"\r").decode(errors="replace")
        if not text:
            continue
        try:
            server.send_server_message(text)
        except ValueError as error:
            _say(f"Not announced: {error}")
        except RuntimeError:
            return  # it has stopped


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)  # noqa: T201  for the operator
