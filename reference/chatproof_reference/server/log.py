"""Writes the server's events through the standard ``logging``, one line each, as text or as JSON.

A separate thread writes, from a bounded queue: a log that nobody reads delays nobody. What clients send is quoted and
escaped, so that it can forge neither a line nor a terminal's escape sequence. Contents of public messages are logged at
``debug`` only, of private ones never.
"""

import contextlib
import json
import logging
import os
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from chatproof_common.printable import escaped_json
from chatproof_reference.server.events import Event, EventKind
from chatproof_reference.server.server import ChatServer

_DEBUG = {EventKind.CONNECTED, EventKind.DISCONNECTED, EventKind.REFUSED, EventKind.MESSAGE, EventKind.PRIVATE_MESSAGE}
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_.:\[\]-]+")


class EventLog:
    """Logs a server's events, from now until :meth:`close`."""

    def __init__(self, server: ChatServer, log_format: str = "text", level: str = "info") -> None:
        """Write lines in text or JSON, of a level and above, to standard error."""
        self._logger = logging.getLogger("chatproof.server")
        self._logger.propagate = False
        self._logger.setLevel(level.upper())
        self._handler = _DescriptorHandler(2)
        self._handler.setFormatter(_Formatter(as_json=log_format == "json"))
        self._logger.addHandler(self._handler)
        self._server = server
        wanted = [kind for kind in EventKind if _level(kind) >= self._logger.level]
        self._subscription = server.subscribe(*wanted)
        self._snapshots: deque[dict[str, Any]] = deque()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="chat-log", daemon=True)
        self._thread.start()

    def counters(self) -> None:
        """Log what the server has counted up to now."""
        self._snapshots.append({"clients": len(self._server.list_clients()), **self._server.totals().as_dict()})

    def close(self, timeout: float = 1.0) -> None:
        """Write what is left, for at most ``timeout`` seconds, and stop."""
        self._closing = True
        self._thread.join(timeout)
        self._server.unsubscribe(self._subscription)
        self._logger.removeHandler(self._handler)

    def _run(self) -> None:
        while True:
            last = self._closing
            for event in self._subscription.drain(0.0 if last else 0.2):
                self._log(event)
            if lost := self._subscription.take_lost():
                self._write(logging.WARNING, "log_lines_lost", {"count": lost})
            while self._snapshots:
                self._write(logging.INFO, "counters", self._snapshots.popleft())
            if last:
                return

    def _log(self, event: Event) -> None:
        members = {name: getattr(event, name) for name in ("username", "target", "address", "code", "text")}
        present = {name: value for name, value in members.items() if value}
        self._write(_level(event.kind), event.kind.value, present, event.time)

    def _write(self, level: int, name: str, members: Mapping[str, Any], at: float | None = None) -> None:
        self._logger.log(level, name, extra={"members": members, "at": at or time.time()})


def _level(kind: EventKind) -> int:
    if kind is EventKind.TROUBLE:
        return logging.WARNING
    return logging.DEBUG if kind in _DEBUG else logging.INFO


class _DescriptorHandler(logging.Handler):
    """Writes to a descriptor with no lock: one thread waiting for a full pipe must not keep the process from ending."""

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor

    def createLock(self) -> None:  # noqa: N802  the name is the base class's
        self.lock = None

    def handle(self, record: logging.LogRecord) -> bool:
        self.emit(record)  # the base class's takes the lock, which Python 3.13 expects to exist
        return True

    def emit(self, record: logging.LogRecord) -> None:
        with contextlib.suppress(OSError):  # whoever read the log may have gone; the chat goes on
            os.write(self._descriptor, (self.format(record) + "\n").encode("utf-8", "backslashreplace"))


class _Formatter(logging.Formatter):
    def __init__(self, *, as_json: bool) -> None:
        super().__init__()
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        at, members = record.__dict__["at"], record.__dict__["members"]
        level, at = record.levelname.lower(), time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(at))
        if self._as_json:
            line = {"time": at, "level": level, "event": record.msg, **members}
            return json.dumps(line).replace("\x7f", "\\u007f")
        pairs = (f"{name}={_shown(value)}" for name, value in members.items())
        return " ".join((at, f"{level:7}", record.msg, *pairs))


def _shown(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"))
    return value if _PLAIN_VALUE.fullmatch(value) else escaped_json(json.dumps(value, ensure_ascii=False))
