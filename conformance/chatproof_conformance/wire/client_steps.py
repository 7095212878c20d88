"""What a recording of a client's failure asks the server and the user to do again, and what they wait for."""

import enum
import json
from dataclasses import dataclass
from typing import Any

from chatproof_conformance.wire.framing import LineSplitter
from chatproof_schemas.transcript import Kind, Transcript


class Do(enum.Enum):
    """One act, or one wait."""

    ASK = "ask"
    """Ask the user for something."""
    ACCEPT = "accept"
    """Wait for the client to connect."""
    SEND = "send"
    CLOSE = "close"
    RESET = "reset"
    AWAIT_FRAMES = "wait"
    """Wait until the client has sent that many frames on this connection."""
    AWAIT_EVENTS = "wait for events"
    """Wait until the driver has emitted that many events since the last connect."""
    AWAIT_END = "wait for the end"


@dataclass(frozen=True, slots=True)
class ClientStep:
    """One step.

    Attributes:
        do: what.
        data: what is sent.
        request: what is asked for.
        count: how many are waited for.
    """

    do: Do
    data: bytes = b""
    request: dict[str, Any] | None = None
    count: int = 0


_ACTS = {
    Kind.REQUEST: Do.ASK,
    Kind.OPEN: Do.ACCEPT,
    Kind.SERVER_DATA: Do.SEND,
    Kind.SERVER_CLOSE: Do.CLOSE,
    Kind.SERVER_RESET: Do.RESET,
}


def find_steps(recorded: Transcript) -> list[ClientStep]:
    """Return the steps that play a recording: each wait just before the act that came after it in the recording."""
    steps: list[ClientStep] = []
    waits: dict[Do, ClientStep] = {}
    events = frames = 0
    splitter = LineSplitter()
    for event in recorded.events:
        if event.kind in _ACTS:
            request = json.loads(event.data) if event.kind is Kind.REQUEST else None
            steps += [*waits.values(), ClientStep(_ACTS[event.kind], event.data, request)]
            waits.clear()
            if event.kind is Kind.OPEN:
                frames, splitter = 0, LineSplitter()
            elif request and request.get("do") == "connect":
                events = 0
        elif event.kind is Kind.DRIVER_EVENT:
            events += 1
            waits[Do.AWAIT_EVENTS] = ClientStep(Do.AWAIT_EVENTS, count=events)
        elif event.kind is Kind.CLIENT_DATA:
            frames += len(splitter.feed(event.data))
            waits[Do.AWAIT_FRAMES] = ClientStep(Do.AWAIT_FRAMES, count=frames)
        elif event.kind in (Kind.CLOSE, Kind.RESET):
            waits[Do.AWAIT_END] = ClientStep(Do.AWAIT_END)
    return [*steps, *waits.values()]
