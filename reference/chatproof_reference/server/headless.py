"""Serves without a window: for people in a terminal, for programs, and for the harness (docs/server.md)."""

import argparse
import contextlib
import math
import queue
import sys
import threading
import time
from collections.abc import Iterable, Iterator

from chatproof_common.addresses import shown_address
from chatproof_common.system import signals
from chatproof_common.system.errors import described_error
from chatproof_common.system.streams import read_input
from chatproof_reference.server.listener import CannotListen
from chatproof_reference.server.log import EventLog
from chatproof_reference.server.options import from_arguments
from chatproof_reference.server.server import ChatServer
from chatproof_schemas import SERVER_FRAME_BYTES

_CANNOT_RUN = 2
_CHUNK = 65_536
_STARTED = 0
"""What stands among the numbers of signals for the end of the start: no signal has it."""
_LAST_SECONDS = 0.2


def serve(arguments: argparse.Namespace) -> int:
    """Serve until a signal comes; return the exit code: 0 stopped in order, 2 could not listen."""
    asked: queue.SimpleQueue[int] = queue.SimpleQueue()  # its put may be called from a signal handler
    signals.call_at((*signals.STOP, *signals.REPORT), asked.put)
    server = ChatServer(arguments.host, arguments.port, from_arguments(arguments))
    try:
        with _metrics(server, arguments.metrics_host, arguments.metrics):
            return _serve(server, arguments, asked)
    except (CannotListen, RuntimeError) as error:
        _say(str(error))
        return _CANNOT_RUN


def _serve(server: ChatServer, arguments: argparse.Namespace, asked: queue.SimpleQueue[int]) -> int:
    if not _start(server, asked):
        return 0
    log = EventLog(server, arguments.log_format, arguments.log_level)
    try:
        print(f"Listening on {server.place}", flush=True)  # noqa: T201  programs read it
    except OSError as error:
        server.stop_server()
        log.close()  # its thread writes there, too
        _say(f"Cannot print the address: {described_error(error.errno)}")
        return _CANNOT_RUN
    threading.Thread(target=_announce, args=(server, _read_lines()), daemon=True).start()
    _wait(asked, log, arguments.stats)
    server.stop_server()
    log.counters()
    log.close()
    return 0


def _start(server: ChatServer, asked: queue.SimpleQueue[int]) -> bool:
    """Start it, in a thread of its own: it may wait for a cluster. Return whether to go on: no signal asked to stop.

    Raises:
        CannotListen, RuntimeError: as :meth:`ChatServer.start_server`.
    """
    faults: list[BaseException] = []

    def start() -> None:
        try:
            server.start_server()
        except BaseException as fault:  # noqa: BLE001  it is raised below
            faults.append(fault)
        asked.put(_STARTED)

    starting = threading.Thread(target=start, name="chat-start", daemon=True)
    starting.start()
    while (number := _next(asked, 0.5)) in {None, *signals.REPORT}:
        pass  # there is nothing to report yet
    if number == _STARTED:
        if faults:
            raise faults[0]
        return True
    starting.join(_LAST_SECONDS)
    if not starting.is_alive():  # else it ends with this process: nobody has been served
        server.stop_server()
    return False


@contextlib.contextmanager
def _metrics(server: ChatServer, host: str, port: int | None) -> Iterator[None]:
    """Show the counters to Prometheus meanwhile, if asked to."""
    if port is None:
        yield
        return
    try:
        from chatproof_reference.server.metrics import Metrics  # noqa: PLC0415  it needs an extra

        metrics = Metrics(server, host, port)
    except ImportError as error:
        raise CannotListen(f"{error}: --metrics needs pip install 'chatproof[metrics]'") from error
    except OSError as error:
        place = shown_address((host, port))
        raise CannotListen(f"Cannot show metrics on {place}: {described_error(error.errno)}") from error
    _say(f"Metrics on http://{shown_address((host, metrics.port))}/metrics")
    try:
        yield
    finally:
        metrics.close()


def _wait(asked: queue.SimpleQueue[int], log: EventLog, interval: float | None) -> None:
    """Return when a signal asks to stop; log the counters every ``interval`` seconds and when a signal asks."""
    due = time.monotonic() + interval if interval else math.inf
    while True:
        number = _next(asked, min(0.5, max(0.0, due - time.monotonic())))
        if number is None:
            if interval and time.monotonic() >= due:
                log.counters()
                due += interval
            continue
        if number not in signals.REPORT:
            return
        log.counters()


def _next(asked: queue.SimpleQueue[int], seconds: float) -> int | None:
    """Return the next that is in there, or None after so many seconds: Windows has no endless wait that signals end."""
    try:
        return asked.get(timeout=seconds)
    except queue.Empty:
        return None


def _read_lines() -> Iterator[bytes]:
    """Yield the lines of standard input; of one that is longer than any frame, its beginning."""
    rest = b""
    while data := read_input(_CHUNK):
        *lines, rest = (rest + data).split(b"\n")
        yield from lines
        rest = rest[: 2 * SERVER_FRAME_BYTES]
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
        except RuntimeError as error:
            if not server.is_running:
                return
            _say(f"Not announced: {error}")  # the cluster cannot be reached


def _say(text: str) -> None:
    with contextlib.suppress(OSError):  # nobody reads it, or the disk is full: the chat goes on
        print(text, file=sys.stderr, flush=True)  # noqa: T201  for the operator
