"""A client as what a run checks."""

import time
from dataclasses import dataclass

from chatproof_conformance.core.outcomes import Blocked, NotTested, Outcome, TargetGone
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.served.client_process import ClientProcess
from chatproof_conformance.endpoints.served.session import ClientSession

_PROTOCOL = "docs/driver-protocol.md says how a driver is asked"


@dataclass(frozen=True, slots=True)
class Crash:
    """A client that died in a case.

    Attributes:
        text: how, for the report.
        final: why it could not be started again, or None if it runs again.
        requirement: the id that is broken by it; None: the case's first.
    """

    text: str
    final: str | None
    requirement: str | None


class ClientUnderTest:
    """A client: each case has a session with it."""

    def __init__(self, command: str) -> None:
        """Start the client.

        Raises:
            TargetGone: if the command cannot be run.
        """
        self._process = ClientProcess(command)
        self._sessions: list[ClientSession] = []

    @property
    def timeout(self) -> AdaptiveTimeout:
        """What is known of its speed."""
        return self._process.timeout

    def session(self) -> ClientSession:
        """Return a session with no connection."""
        self._sessions.append(ClientSession(self._process))
        return self._sessions[-1]

    def restart_if_crashed(self, outcome: BaseException | None) -> Crash | None:
        """Return how the client died, having restarted it; None if it lives."""
        text = self._process.running.exit_reason()
        if text is None:
            self._process.stuck = self._process.stuck or isinstance(outcome, Blocked)
            return None
        culprit = self._sessions[-1].culprit() if self._sessions else None
        try:
            self._process.restart()
        except TargetGone as gone:
            return Crash(text, str(gone), culprit)
        return Crash(text, None, culprit)

    def learn_speed(self) -> float:
        """Return the seconds of a typical message to be shown, or a guess if nothing is shown: cases will say so.

        Raises:
            TargetGone: if the client does not even connect, whatever is wrong with it or its driver; with what the
                driver reported instead. Nothing can be said of such a client.
        """
        client = ClientSession(self._process)
        try:
            client.joins("probe")
            start = time.monotonic()
            for _ in range(3):
                client.check_shown()
            return (time.monotonic() - start) / 3
        except (TargetGone, NotTested):
            raise
        except Outcome as error:  # whatever is wrong with the client, its cases say better
            if client.connection is None:
                why = self._process.running.exit_reason() or f"{error}"
                raise TargetGone(f"the client did not connect when it was asked to: {why}; {_PROTOCOL}") from None
            return 0.02
        finally:
            client.close()

    def close(self) -> None:
        """End the client."""
        self._process.close()
