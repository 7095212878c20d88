"""How fast a server is by itself: frames a second, in bursts and one at a time, over one joined connection."""

import time

from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession

_BURSTS, _FRAMES_A_BURST = 40, 50
_ROUND_TRIPS = 500


def bursts_a_second(context: RunContext) -> float:
    """Return how many public messages a second come back that are sent many at a time."""
    chat = ServerSession(context)
    (peer,) = chat.gather("alone")
    start = time.perf_counter()
    for _ in range(_BURSTS):
        for number in range(_FRAMES_A_BURST):
            peer.says(f"burst {number}")
        chat.fence(peer)
        peer.inbox.forget()
    seconds = time.perf_counter() - start
    chat.close()
    return _BURSTS * (_FRAMES_A_BURST + 1) / seconds


def round_trips_a_second(context: RunContext) -> float:
    """Return how many public messages a second come back where each waits for the one before."""
    chat = ServerSession(context)
    (peer,) = chat.gather("alone")
    start = time.perf_counter()
    for _ in range(_ROUND_TRIPS):
        chat.fence(peer)
    seconds = time.perf_counter() - start
    chat.close()
    return _ROUND_TRIPS / seconds
