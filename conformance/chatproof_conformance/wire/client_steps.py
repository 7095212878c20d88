"""What a recording of a client's failure asks the server and the user to do again, and what they wait for."""

import enum
import json
from dataclasses import dataclass
from typing import Any

from chatproof_conformance.wire.framing import LineSplitter
from chatproof_schemas.transcript import Event, Kind, Transcript


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
    """Wait until the client has sent so many frames on this connection."""
    AWAIT_TOLD = "wait until told"
    """Wait until the driver has told so much since the last connect."""
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


def find_steps(recorded: Transcript) -> list[ClientStep]:
    """Return the steps that play a recording: each wait just before the act that came after it in the recording."""
    finder = _Finder()
    for event in recorded.events:
        finder.take(event)
    return [*finder.steps, *finder.waits.values()]


class _Finder:
    def __init__(self) -> None:
        self.steps: list[ClientStep] = []
        self.waits: dict[Do, ClientStep] = {}
        self._told = self._frames = 0
        self._splitter = LineSplitter()

    def take(self, event: Event) -> None:
        match event.kind:
            case Kind.REQUEST:
                self._request(event)
            case Kind.DRIVER_EVENT:
                self._tells()
            case Kind.CLIENT_DATA:
                self._sent(event)
            case Kind.OPEN:
                self._open()
            case Kind.SERVER_DATA:
                self._act(ClientStep(Do.SEND, event.data))
            case Kind.SERVER_CLOSE:
                self._act(ClientStep(Do.CLOSE))
            case Kind.SERVER_RESET:
                self._act(ClientStep(Do.RESET))
            case Kind.CLOSE | Kind.RESET:
                self.waits[Do.AWAIT_END] = ClientStep(Do.AWAIT_END)
            case _:
                pass

    def _act(self, step: ClientStep) -> None:
        self.steps += [*self.waits.values(), step]
        self.waits.clear()

    def _request(self, event: Event) -> None:
        request = json.loads(event.data)
        self._act(ClientStep(Do.ASK, request=request))
        if request.get("do") == "connect":
            self._told = 0

    def _tells(self) -> None:
        self._told += 1
        self.waits[Do.AWAIT_TOLD] = ClientStep(Do.AWAIT_TOLD, count=self._told)

    def _open(self) -> None:
        self._frames, self._splitter = 0, LineSplitter()
        self._act(ClientStep(Do.ACCEPT))

    def _sent(self, event: Event) -> None:
        self._frames += len(self._splitter.feed(event.data))
        self.waits[Do.AWAIT_FRAMES] = ClientStep(Do.AWAIT_FRAMES, count=self._frames)
