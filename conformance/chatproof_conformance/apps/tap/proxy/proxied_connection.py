"""One tapped connection: a client's socket, the server's socket, and a pipe each way.

What is recorded is the wire between tap and server, on which the tap is the client: what goes to the server just
before it is handed over, what is received from it just after it was read. So the judge of recordings can be trusted.
"""

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from chatproof_common.system.event_loop import BROKEN, READ, RESET, WRITE, Loop
from chatproof_conformance.apps.tap.proxy.endpoint import End, Endpoint
from chatproof_conformance.apps.tap.proxy.faults import Faults
from chatproof_conformance.apps.tap.proxy.pipe import Item, Pipe
from chatproof_conformance.apps.tap.proxy.shaping import Shaper
from chatproof_conformance.apps.tap.recorder import Recorder
from chatproof_conformance.wire.notes import CUT
from chatproof_schemas import Direction
from chatproof_schemas.transcript import Kind


@dataclass(frozen=True, slots=True)
class ProxyContext:
    """What is the same for every connection.

    Attributes:
        faults: what is done to each direction.
        seed: the number that repeats what chance decides.
        loop: calls back.
        recorder: records what passes.
    """

    faults: Mapping[Direction, Faults]
    seed: int
    loop: Loop
    recorder: Recorder


class ProxiedConnection:
    """A tapped connection, from the moment that both sides are connected to its end."""

    def __init__(self, label: str, client: Endpoint, server: Endpoint, context: ProxyContext) -> None:
        """Begin to pass data on.

        Args:
            label: how the record names it.
            client: the client's socket, of which nothing has been read yet.
            server: the server's, connected.
            context: what is the same for every connection.
        """
        self.is_over = False
        self._label = label
        self._client, self._server = client, server
        self._faults = context.faults
        self._loop = context.loop
        self._record = partial(context.recorder.append, label)
        to_server, to_client = (
            Shaper(context.faults[direction], f"{context.seed} {label} {direction.value}")
            for direction in (Direction.CLIENT, Direction.SERVER)
        )
        self._up = Pipe(client, server, to_server, leaving=self._record_sent)
        self._down = Pipe(server, client, to_client, arrived=self._record_got)
        self._handlers = {
            client: partial(self._ready, self._up, self._down),
            server: partial(self._ready, self._down, self._up),
        }
        self._wakes_at = math.inf
        self._record(Kind.OPEN)
        self._go_on()

    @property
    def holds(self) -> bool:
        """Whether something may still have to pass: held back by a fault, or by a side that does not read."""
        return any(pipe.holds or not (pipe.reads_on or pipe.source.ended) for pipe in (self._up, self._down))

    @property
    def is_ending(self) -> bool:
        """Whether one side has ended it, and the other not yet."""
        return not self.is_over and (self._client.ended or self._server.ended)

    def drop(self) -> None:
        """Let go of both sides: the tap ends."""
        if not self.is_over:
            self._end(Endpoint.close, Endpoint.close)

    def _record_sent(self, item: Item) -> None:
        if isinstance(item, bytes):
            self._record(Kind.CLIENT_DATA, item)
        else:
            self._record(Kind.HALF_CLOSE)

    def _record_got(self, item: Item) -> None:
        if isinstance(item, bytes):
            self._record(Kind.SERVER_DATA, item)
        else:
            self._record(Kind.SERVER_CLOSE if item is End.FIN else Kind.SERVER_RESET)

    def _ready(self, incoming: Pipe, outgoing: Pipe, mask: int) -> None:
        """Handle what one side is ready for: ``incoming`` is read from it, ``outgoing`` is written to it."""
        endpoint = incoming.source
        if outgoing.blocked and mask & (WRITE | BROKEN):
            outgoing.pump(time.monotonic())
        if incoming.reads_on and mask & (READ | BROKEN):
            incoming.read()
        elif mask & BROKEN:
            if mask & RESET or endpoint.broken():
                incoming.take(End.RST)
            elif not outgoing.blocked:
                endpoint.silent = True
        self._go_on()

    def _wake(self) -> None:
        self._wakes_at = math.inf
        if not self.is_over:
            now = time.monotonic()
            self._up.pump(now)
            self._down.pump(now)
            self._go_on()

    def _go_on(self) -> None:
        """After anything has happened: end what is to be ended, watch what is to be watched."""
        up, down = self._up, self._down
        if up.cut or down.cut:
            self._cut(up if up.cut else down)
        elif up.reset:
            self._record(Kind.RESET)
            self._end(Endpoint.close, Endpoint.reset)
        elif down.reset:
            self._end(Endpoint.reset, Endpoint.close)
        elif up.finished and down.finished:
            self._end(Endpoint.close, Endpoint.close)
        if not self.is_over:
            self._watch(up, down)
            self._watch(down, up)
            self._set_alarm(min(up.next_moment, down.next_moment))

    def _watch(self, incoming: Pipe, outgoing: Pipe) -> None:
        endpoint = incoming.source
        mask = READ * incoming.reads_on | WRITE * outgoing.blocked
        if mask or not (endpoint.silent or (endpoint.ended and endpoint.finished)):
            self._loop.watch(endpoint.socket, mask, self._handlers[endpoint])
        else:
            self._loop.unwatch(endpoint.socket)

    def _set_alarm(self, moment: float) -> None:
        if moment < self._wakes_at:
            self._wakes_at = moment
            self._loop.call_at(moment, self._wake)

    def _cut(self, at: Pipe) -> None:
        """End the connection on both sides, as a fault asks for it."""
        direction = Direction.CLIENT if at is self._up else Direction.SERVER
        how = self._faults[direction].cut_by
        at.cut = False
        cause = f"after {at.shaper.cut_at} bytes of what the {direction.value} sent"
        self._record(Kind.NOTE, f"{CUT} {how.value}, {cause}".encode())
        self._up.discard()
        self._down.discard()
        if how is End.RST:
            self._record(Kind.RESET)
            self._end(Endpoint.reset, Endpoint.reset)
            return
        if not self._server.finished:
            self._record(Kind.HALF_CLOSE)
            self._server.finish()
        self._client.finish()

    def _end(self, client: Callable[[Endpoint], None], server: Callable[[Endpoint], None]) -> None:
        self.is_over = True
        for endpoint, let_go in ((self._client, client), (self._server, server)):
            self._loop.unwatch(endpoint.socket)
            let_go(endpoint)
