"""Waits until a server that was started listens, and says what it does instead."""

import enum
import socket
import time

from chatproof_common.addresses import shown_address
from chatproof_common.system.errors import is_of_peer
from chatproof_common.system.process_tree import ProcessTree
from chatproof_common.system.processes import described_status
from chatproof_common.system.shell_words import shell_hint
from chatproof_common.system.sockets import REFUSED_SECONDS, accepts, is_held
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.reaching import ENDING_SECONDS

START_SECONDS = 30.0
_ELSEWHERE_SECONDS = 3.0
"""How long it may listen elsewhere only: a server may open another port first, for its metrics say."""
_POLL_SECONDS = 0.01
_BEFORE, _AFTER = "before it listened", "when the first client, which had sent nothing, had gone"
_HELD_SECONDS = 0.1
"""A proxy that is started with the server, or before it, ends a connection until the server is there."""
_ENDED_POLL_SECONDS = 0.1
_PROBED_SECONDS = 0.03
"""For the end of one that serves a single client; it would be blamed on the client that comes next."""
_LOOK_SECONDS = 0.5


def require_unused(address: Address) -> None:
    """Make sure that nothing listens there yet: it would be taken for the server.

    Raises:
        TargetGone: if something does.
    """
    if accepts(address, REFUSED_SECONDS):
        raise TargetGone(f"something listens on {shown_address(address)} already, before the command is started")


class _Answer(enum.Enum):
    """What a connection that sends nothing meets."""

    REFUSED = enum.auto()
    ENDED = enum.auto()
    HELD = enum.auto()


def _probe(address: Address) -> _Answer:
    try:
        with socket.create_connection(address, REFUSED_SECONDS) as connection:
            return _Answer.HELD if is_held(connection, _HELD_SECONDS) else _Answer.ENDED
    except OSError as error:
        if not is_of_peer(error):
            raise
        return _Answer.REFUSED


def await_listening(process: ProcessTree, address: Address, wait: float | None = None) -> None:
    """Return when the address accepts connections and holds them, or ends them for as long as it may.

    Args:
        process: what was started.
        address: where it is to listen.
        wait: for so many seconds it may start; None: for 30, and what listens may be a proxy that lets nobody through
            for 3 of them.

    Raises:
        TargetGone: if the process ends, also just after the first connection, which sends nothing; listens elsewhere
            for 3 seconds, or not at all for so many.
    """
    start = time.monotonic()
    seconds = START_SECONDS if wait is None else wait
    look_at, elsewhere_since, last = start + _LOOK_SECONDS, None, None
    while (answer := _probe(address)) is not _Answer.HELD:
        if answer is _Answer.ENDED:
            _require_running(process, _AFTER, _ENDED_POLL_SECONDS)
            last = last or (time.monotonic() + ENDING_SECONDS if wait is None else start + wait)
            if time.monotonic() > last:
                return  # it is the server's own answer
            continue
        _require_running(process, _BEFORE if last is None else _AFTER)
        now = time.monotonic()
        if now > start + seconds:
            late = f"the command does not listen on {shown_address(address)} after {seconds:g} seconds"
            raise TargetGone(f"{late}; --wait SECONDS gives it longer{process.last_words()}")
        if now < look_at:
            continue
        look_at = now + _LOOK_SECONDS
        elsewhere = process.listening() - {address, ("0.0.0.0", address[1])}
        elsewhere_since = (elsewhere_since or now) if elsewhere else None
        if elsewhere_since is not None and now - elsewhere_since > _ELSEWHERE_SECONDS:
            found = ", ".join(map(shown_address, sorted(elsewhere)))
            raise TargetGone(f"the command listens on {found}, not on {shown_address(address)}{process.last_words()}")
    _require_running(process, _AFTER, _PROBED_SECONDS)


def _require_running(process: ProcessTree, when: str, seconds: float = _POLL_SECONDS) -> None:
    status = process.wait(seconds)
    if status is None or (status == 0 and process.descendants()):  # what has started a daemon may end
        return
    hint = shell_hint(process.words)
    if status == 0 and not hint and when == _BEFORE:
        hint = "; if it starts a server in the background, have that stay in the foreground"
    ended = f"the command ended with {described_status(status)} {when}"
    raise TargetGone(f"{ended}{hint}{process.last_words()}")
