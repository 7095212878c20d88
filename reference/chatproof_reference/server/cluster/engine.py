"""A connection to the engine: every wait is bounded, and nothing is sent again behind our back."""

import hashlib
import time
from importlib import resources
from typing import Any

from redis.exceptions import AuthenticationError, RedisError, ResponseError
from redis.sentinel import MasterNotFoundError

from chatproof_common.printable import printable, shortened
from chatproof_reference.server.cluster.allowance import Allowance
from chatproof_reference.server.cluster.locating import make_connection

_SCRIPT = resources.files(__package__).joinpath("engine.lua").read_bytes()
_SHA = hashlib.sha1(_SCRIPT, usedforsecurity=False).hexdigest()
_KEYS = ("log", "nodes", "beats", "positions", "names", "meta")
_LEAST_VERSION = (6, 2)
_READ_ENTRIES = 64
_LONGEST_TEXT = 300


class _ForPeople(Exception):  # noqa: N818  it is the base of two of those
    """An exception whose text is short, and no command to a terminal, whatever the engine has said."""

    def __init__(self, text: str) -> None:
        super().__init__(shortened(printable(text), _LONGEST_TEXT))


class EngineTrouble(_ForPeople):
    """The engine is not there, or cannot do this now; the text is the reason, for people."""


class Fenced(_ForPeople):
    """The node must not go on as it is: who saw the chat by it may have missed something. The text says why."""


class Engine:
    """One connection, of one thread. It connects when it is first used, and again after an :class:`EngineTrouble`.

    Attributes:
        heard_at: when the engine last finished a reply, on the clock of time.monotonic.
    """

    def __init__(self, url: str, chat: str, timeout: float, patience: float) -> None:
        """Use the engine at a URL such as ``redis://host:6379``.

        Wait ``timeout`` seconds at most for something of it, and about ``patience`` seconds for all of a reply, with
        connecting if need be.

        Raises:
            ValueError: if that is no such URL; the text says why.
        """
        self._allowance = Allowance(patience)
        self._connection = make_connection(url, timeout, self._allowance)
        self.heard_at = time.monotonic()
        self._has_script = False
        self._block = str(int(timeout * 1000 / 2))
        self._mark = f"{{{chat}}}:mark"
        self._keys = [f"{{{chat}}}:{name}" for name in _KEYS]

    def check(self) -> None:
        """Look at how the engine is set.

        Raises:
            EngineTrouble: if it is too old, or set to throw data away when its memory is full.
        """
        lines = self._call("INFO").decode(errors="replace").splitlines()
        said = dict(line.split(":", 1) for line in lines if ":" in line)
        version = said.get("redis_version", "0")
        if tuple(int(part) for part in version.split(".")[:2] if part.isdigit()) < _LEAST_VERSION:
            raise EngineTrouble(f"it is version {version}; expected Redis 6.2 or later, or Valkey")
        policy = said.get("maxmemory_policy", "noeviction")
        if policy.startswith("allkeys"):
            raise EngineTrouble(
                f"its maxmemory-policy is {policy}, by which it may throw parts of the chat away; set it to noeviction"
            )

    def run(self, command: str, *words: bytes | str | int) -> Any:
        """Run a command of the script, and return what it returns.

        Raises:
            EngineTrouble: if it may or may not have been done.
            Fenced: if the engine refuses this node.
        """
        self.send(command, *words)
        return self.receive()

    def send(self, command: str, *words: bytes | str | int) -> None:
        """Send a command of the script without waiting for what it returns: :meth:`receive` does."""
        self._allowance.renew()
        try:
            self._connect()
            self._connection.send_command("EVALSHA", _SHA, len(self._keys), *self._keys, command, *words)
        except (RedisError, OSError) as error:
            raise self._trouble(error) from error

    def receive(self) -> Any:
        """Return what the oldest command returned whose reply has not been received."""
        self._allowance.renew()
        try:
            return self._read_reply()
        except ResponseError as error:
            text = str(error)
            if text.startswith("FENCED "):
                raise Fenced(text.partition(" ")[2]) from error
            trouble = self._trouble(error)
            if "WRONGTYPE" in text:  # it will not pass: somebody has put something else in place of what nodes write
                raise Fenced(f"the engine refuses it: {trouble}") from error
            raise trouble from error
        except (RedisError, OSError) as error:
            raise self._trouble(error) from error

    def read(self, position: bytes, copies: int) -> list[tuple[bytes, list[bytes]]]:
        """Wait a while for entries of the log after a position; return their positions and fields.

        Raises:
            EngineTrouble: if fewer replicas than ``copies`` have them by now.
        """
        reply = self._call("XREAD", "COUNT", _READ_ENTRIES, "BLOCK", self._block, "STREAMS", self._keys[0], position)
        if not reply:
            return []
        if copies:
            self._call(
                "SET", self._mark, position
            )  # WAIT is about writes of this connection: this one comes after them
            if (have := self._call("WAIT", copies, self._block)) < copies:
                raise EngineTrouble(f"{have} replicas have what was said last; expected at least {copies}")
        return [(entry, fields) for entry, fields in reply[0][1]]

    def close(self) -> None:
        """End the connection; what was sent may still be done."""
        self._has_script = False
        self._connection.disconnect()

    def _call(self, *words: bytes | str | int) -> Any:
        self._allowance.renew()
        try:
            self._connect()
            self._connection.send_command(*words)
            return self._read_reply()
        except (RedisError, OSError) as error:
            raise self._trouble(error) from error

    def _read_reply(self) -> Any:
        reply = self._connection.read_response()
        self.heard_at = time.monotonic()
        return reply

    def _connect(self) -> None:
        if not self._has_script:
            self._connection.connect()
            self._connection.send_command("SCRIPT", "LOAD", _SCRIPT)
            self._connection.read_response()
            self._has_script = True

    def _trouble(self, error: Exception) -> EngineTrouble:
        self.close()
        text = str(error).rstrip(".") or type(error).__name__
        if isinstance(error, MasterNotFoundError):
            text = (
                text.partition(" : ")[0] + " by any Sentinel that answers"
            )  # what follows is the insides of each client
        if isinstance(error, AuthenticationError):
            text += "; the password belongs into the URL: redis://:PASSWORD@HOST:PORT"
        return EngineTrouble(text)
