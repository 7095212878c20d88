"""Makes sure that several addresses are one chat that is ready: each lets somebody join, and they know each other."""

import contextlib
import json
import secrets
import socket
import time
from collections.abc import Sequence

from chatproof_common.addresses import shown_address
from chatproof_common.system.errors import is_of_peer
from chatproof_conformance.core.addresses import Address
from chatproof_conformance.core.outcomes import TargetGone

_READY_SECONDS = 30.0
_KNOWN_SECONDS = 5.0
"""How long nodes may take to know each other once each serves."""
_AGAIN_SECONDS = 0.5
_SLICE = 0.02
_CHUNK = 65_536


class _Probe:
    """Somebody who joins at one node, and listens."""

    def __init__(self, address: Address, name: str) -> None:
        """Connect to nothing yet."""
        self.address = address
        self.name = name
        self.heard = b""
        self._socket: socket.socket | None = None

    @property
    def joined(self) -> bool:
        """Whether it has heard its own name, and not in an error."""
        own = self.name.encode()
        return any(own in line and b'"error"' not in line for line in self.heard.split(b"}"))

    def enter(self) -> None:
        """Ask to join, on a new connection if the last one has ended."""
        if self._socket is None:
            with contextlib.suppress(OSError):
                self._socket = socket.create_connection(self.address, _AGAIN_SECONDS)
                self._socket.settimeout(0)
                self._say(type="join", username=self.name)

    def speak(self) -> None:
        """Say the own name."""
        self._say(type="message", content=f"I am {self.name}")

    def listen(self) -> None:
        """Take what has come."""
        try:
            data = self._socket.recv(_CHUNK) if self._socket is not None else None
        except BlockingIOError:
            return
        except OSError as error:
            if not is_of_peer(error):
                raise
            data = b""
        if data == b"":
            self.leave()
        self.heard += data or b""

    def leave(self) -> None:
        """End the connection in order; again is harmless."""
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_WR)
            self._socket.close()
            self._socket = None

    def _say(self, **members: str) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.sendall(json.dumps(members).encode() + b"\n")


def require_one_chat(addresses: Sequence[Address], wait: float | None = None) -> None:
    """Return when somebody has joined at each address and has heard of the others.

    If nobody can join anywhere, or what is heard is incomplete, that is for the check to say: it returns then, too.

    Args:
        addresses: of the nodes.
        wait: for so many seconds they may start; None: for 30.

    Raises:
        TargetGone: if nobody can join at one although one can at another, or at two nobody hears of the other.
    """
    if len(addresses) < 2:  # noqa: PLR2004  one knows itself
        return
    token = secrets.token_hex(4)
    probes = [_Probe(address, f"probe-{token}-{number}") for number, address in enumerate(addresses, 1)]
    try:
        if _all_have_joined(probes, _READY_SECONDS if wait is None else wait):
            _require_known(probes)
    finally:
        for probe in probes:
            probe.leave()


def _all_have_joined(probes: Sequence[_Probe], seconds: float) -> bool:
    """Wait for the joins; return False if nobody has joined."""
    give_up = time.monotonic() + max(seconds, _AGAIN_SECONDS)
    while not all(probe.joined for probe in probes):
        if time.monotonic() > give_up:
            shut = [number for number, probe in enumerate(probes, 1) if not probe.joined]
            if len(shut) == len(probes):
                return False
            which = f"node {shut[0]} ({shown_address(probes[shut[0] - 1].address)})"
            raise TargetGone(f"{which} lets nobody join for {seconds:g} seconds, although another node does")
        for probe in probes:
            probe.enter()
            probe.listen()
        time.sleep(_SLICE)
    return True


def _require_known(probes: Sequence[_Probe]) -> None:
    give_up, again = time.monotonic() + _KNOWN_SECONDS, 0.0
    while (strangers := _strangers(probes)) is not None:
        now = time.monotonic()
        if now > give_up:
            here, there = (shown_address(probe.address) for probe in strangers)
            raise TargetGone(
                f"{here} and {there} do not know each other: who joins at one hears nothing of who joins and speaks "
                "at the other; start them so that they are one chat, or check one address"
            )
        if now > again:
            again = now + _AGAIN_SECONDS
            for probe in probes:
                probe.speak()
        for probe in probes:
            probe.listen()
        time.sleep(_SLICE)


def _strangers(probes: Sequence[_Probe]) -> tuple[_Probe, _Probe] | None:
    """Return two of which neither has heard of the other; None if there are none."""
    for place, one in enumerate(probes):
        for other in probes[place + 1 :]:
            if other.name.encode() not in one.heard and one.name.encode() not in other.heard:
                return one, other
    return None
