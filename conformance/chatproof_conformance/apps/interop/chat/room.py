"""Where a chat takes place: the server, the tap in front of it, the participants, and waiting for what they do."""

import time
from collections.abc import Callable, Sequence

from chatproof_common.system.event_loop import Loop
from chatproof_conformance.apps.interop.chat.participant import Participant
from chatproof_conformance.apps.interop.manifest import Party
from chatproof_conformance.apps.interop.stopping import Stop
from chatproof_conformance.apps.tap.proxy.connector import find_routes
from chatproof_conformance.apps.tap.proxy.faults import NONE
from chatproof_conformance.apps.tap.proxy.proxied_connection import ProxyContext
from chatproof_conformance.apps.tap.recorder import Recorder
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_schemas import Direction
from chatproof_schemas.transcript import Event, Kind, Transcript

_STEP_SECONDS = 0.2
"""How long nothing may come before it is asked whether all of this is to stop."""
_IMPATIENT_SECONDS, _MOST_MISSED = 1.0, 2
"""For what is missing where much was missing already: it is broken, and each wait costs."""


class Room:
    """A running server and the clients that were let in.

    Attributes:
        server: the server's process.
        participants: in the order in which they came.
        timeout: what is known of the speed of all of them.
    """

    def __init__(self, server: Party, stop: Stop) -> None:
        """Start the server.

        Raises:
            TargetGone: if it does not start.
            Stopped: if all of this is to stop.
        """
        self.participants: list[Participant] = []
        self.timeout = AdaptiveTimeout()
        self.server = ServerProcess(server.command, server.announce)
        self._stop = stop
        self._loop = Loop()
        self._by_prefix: dict[str, Participant] = {}
        recorder = Recorder("lf", None, self._take)
        self._context = ProxyContext(dict.fromkeys(Direction, NONE), 0, self._loop, recorder)
        try:
            with stop.killing(self.server.kill):
                address = self.server.start()
        except BaseException:
            self.server.kill()
            self._loop.close()
            raise
        self._routes = find_routes(*address)
        self._stop_watching = stop.watch(self.server.kill)

    @property
    def transcript(self) -> Transcript:
        """What passed between the tap and the server, with the lines of the drivers among it."""
        return self._context.recorder.transcript

    def admit(self, party: Party, username: str, prefix: str) -> Participant:
        """Start a client, which connects when it is asked to.

        Raises:
            TargetGone: if it cannot be started.
        """
        participant = Participant(party, username, prefix, self._context, self._routes)
        self.participants.append(participant)
        self._by_prefix[prefix] = participant
        return participant

    def announce(self, text: str) -> None:
        """Ask the operator of the server to announce a text."""
        self._context.recorder.append("", Kind.ANNOUNCE, text.encode())
        self.server.announce(text)

    def wait_until(self, condition: Callable[[], bool], most: float | None = None) -> bool:
        """Wait until a condition holds; return whether it does.

        Args:
            condition: is asked whenever something has come.
            most: seconds; None: ten times as long as anything has taken until now, and at least 2.5 seconds.

        Raises:
            Stopped: if all of this is to stop.
        """
        start = time.monotonic()
        patience = self._patience() if most is None else most
        while not condition():
            now = time.monotonic()
            if now - start >= patience:
                self.timeout.miss()
                return False
            self._turn(min(start + patience, now + _STEP_SECONDS))
        if most is None:  # how long a start or a leave takes, says nothing of an answer
            self.timeout.learn(time.monotonic() - start)
        return True

    def wait(self, seconds: float) -> None:
        """Let pass what comes within so many seconds."""
        until = time.monotonic() + seconds
        while (now := time.monotonic()) < until:
            self._turn(min(until, now + _STEP_SECONDS))

    def events_of_server(self, before: int | None = None) -> Sequence[Event]:
        """Return what passed on the wire, without the lines of the drivers, up to a place in the transcript."""
        lines = (Kind.REQUEST, Kind.DRIVER_EVENT)
        return [event for event in self.transcript.events[:before] if event.kind not in lines]

    def close(self) -> None:
        """End all of them, and all that they have started."""
        for participant in self.participants:
            participant.close()
        self._stop_watching()
        self.server.kill()
        self._loop.close()

    def _patience(self) -> float:
        if self.timeout.missed > _MOST_MISSED:
            return max(_IMPATIENT_SECONDS, min(self.timeout.deadline, 4 * self.timeout.slowest))
        return self.timeout.deadline

    def _turn(self, until: float) -> None:
        self._stop.check()
        self._loop.turn(until)

    def _take(self, event: Event) -> None:
        prefix = event.connection.partition(".")[0]
        if prefix in self._by_prefix:
            self._by_prefix[prefix].take(event)
