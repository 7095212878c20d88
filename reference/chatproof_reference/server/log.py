"""Writes the server's events, one line each, as text or as JSON.

A separate thread writes, from a bounded queue: a log that nobody reads delays nobody. What clients send is quoted and
escaped, so that it can forge neither a line nor a terminal's escape sequence. Contents of public messages are logged at
``debug`` only, of private ones never. What is refused again and again is written once in a while, with how often.
"""

import contextlib
import json
import os
import re
import threading
import time
from collections import deque
from collections.abc import Mapping
from typing import Any

from chatproof_common.printable import escaped_json
from chatproof_common.system.streams import without_commands
from chatproof_reference.server.events import Event, EventKind
from chatproof_reference.server.options import LEVELS
from chatproof_reference.server.server import ChatServer

_DEBUG = {EventKind.CONNECTED, EventKind.DISCONNECTED, EventKind.REFUSED, EventKind.MESSAGE, EventKind.PRIVATE_MESSAGE}
_PLAIN_VALUE = re.compile(r"[A-Za-z0-9_.:\[\]-]+")
_STANDARD_ERROR = 2
_REPEATED_SECONDS = 5.0
_MOST_TEXTS = 100


class EventLog:
    """Logs a server's events, from now until :meth:`close`."""

    def __init__(self, server: ChatServer, log_format: str = "text", level: str = "info") -> None:
        """Write lines in text or JSON, of a level and above, to standard error."""
        self._as_json = log_format == "json"
        self._levels = LEVELS[LEVELS.index(level) :]
        self._server = server
        self._subscription = server.subscribe(*(kind for kind in EventKind if _level(kind) in self._levels))
        self._snapshots: deque[dict[str, Any]] = deque(maxlen=_MOST_TEXTS)
        self._repeated: dict[str, list[float]] = {}
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

    def _run(self) -> None:
        while True:
            last = self._closing
            for event in self._subscription.drain(0.0 if last else 0.2):
                if event.kind is not EventKind.TROUBLE or self._is_new(event.text):
                    self._log(event)
            self._count_repeated(0.0 if last else _REPEATED_SECONDS)
            if lost := self._subscription.take_lost():
                self._write("warning", "log_lines_lost", {"count": lost})
            while self._snapshots:
                self._write("info", "counters", self._snapshots.popleft())
            if last:
                return

    def _is_new(self, text: str) -> bool:
        """Whether trouble has not been logged of late; if it has been, count it."""
        if (times := self._repeated.get(text)) is not None:
            times[1] += 1
        elif len(self._repeated) < _MOST_TEXTS:
            self._repeated[text] = [time.monotonic(), 0]
        return times is None

    def _count_repeated(self, seconds: float) -> None:
        """Log how often trouble has repeated since ``seconds`` ago."""
        now = time.monotonic()
        for text, (since, count) in tuple(self._repeated.items()):
            if now - since >= seconds:
                del self._repeated[text]
                if count:
                    self._write("warning", "repeated", {"count": int(count), "text": text})

    def _log(self, event: Event) -> None:
        members = {name: getattr(event, name) for name in ("username", "target", "address", "code", "text")}
        present = {name: value for name, value in members.items() if value}
        self._write(_level(event.kind), event.kind.value, present, event.time)

    def _write(self, level: str, name: str, members: Mapping[str, Any], at: float | None = None) -> None:
        if level not in self._levels:
            return
        moment = time.strftime("%Y-%m-%dT%H:%M:%S%z", time.localtime(at or time.time()))
        if self._as_json:
            line = json.dumps({"time": moment, "level": level, "event": name, **members}).replace("\x7f", "\\u007f")
        else:
            pairs = (f"{member}={_shown(value)}" for member, value in members.items())
            line = " ".join((moment, f"{level:7}", name, *pairs))
        # Not through sys.stderr, whose lock a thread that waits for a full pipe would hold when the process ends.
        with contextlib.suppress(OSError):  # whoever read the log may have gone; the chat goes on
            os.write(_STANDARD_ERROR, (without_commands(line) + "\n").encode("utf-8", "backslashreplace"))


def _level(kind: EventKind) -> str:
    if kind is EventKind.TROUBLE:
        return "warning"
    return "debug" if kind in _DEBUG else "info"


def _shown(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(value, separators=(",", ":"))
    return value if _PLAIN_VALUE.fullmatch(value) else escaped_json(json.dumps(value, ensure_ascii=False))
