"""The client under test, as a run shares it: its driver's process, where it connects to, and how quick it is."""

import time
from pathlib import Path

from chatproof_conformance.core.outcomes import Blocked, NotTested, TargetGone
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.crash import Crash
from chatproof_conformance.endpoints.process.driver import Driver
from chatproof_conformance.endpoints.served.connections import Listener
from chatproof_conformance.endpoints.served.session import ClientSession
from chatproof_conformance.engine.system_under_test import CLIENT_CASES

_END_SECONDS, _STUCK_SECONDS = 5.0, 0.2
"""How long a process may take to end: one that hangs already is not waited for."""
_PROTOCOL = "docs/driver-protocol.md says how a driver is asked"


class ClientUnderTest:
    """A client: each case has a stage for it.

    Attributes:
        cases: the folder of the cases.
        fixture: the name by which a case takes its stage.
        timeout: what is known of its speed.
        listener: where it is told to connect to.
        stuck: whether it must be started anew: something that it had to do has not come.
    """

    cases: Path = CLIENT_CASES
    fixture = "client"

    def __init__(self, command: str) -> None:
        """Listen, and start the client.

        Raises:
            TargetGone: where the command cannot be run.
        """
        self.timeout = AdaptiveTimeout()
        self.stuck = False
        self._command = command
        self._driver = Driver(command)
        self.listener = Listener()
        self._sessions: list[ClientSession] = []

    @property
    def driver(self) -> Driver:
        """The running process; a new one where it has ended as it may, or is stuck."""
        if self.stuck or not self._driver.open:
            self.restart()
        return self._driver

    @property
    def running(self) -> Driver:
        """The process as it is, ended or not."""
        return self._driver

    def session(self) -> ClientSession:
        """Return a stage with no connection."""
        self._sessions.append(ClientSession(self))
        return self._sessions[-1]

    def restart_if_crashed(self, outcome: BaseException | None) -> Crash | None:
        """Return how the client died, having started it again; None where it lives."""
        text = self._driver.exit_reason()
        if text is None:
            self.stuck = self.stuck or isinstance(outcome, Blocked)
            return None
        culprit = self._sessions[-1].culprit() if self._sessions else None
        try:
            self.restart()
        except TargetGone as gone:
            return Crash(text, str(gone), "client", culprit)
        return Crash(text, None, "client", culprit)

    def restart(self) -> None:
        """End the process and start a new one.

        Raises:
            TargetGone: where the command cannot be run any more.
        """
        self._driver.end(_STUCK_SECONDS if self.stuck else _END_SECONDS)
        self._driver = Driver(self._command)
        self.stuck = False

    def learn_speed(self) -> float:
        """Return the seconds of a typical message to be shown, or a guess where nothing is shown: cases will say so.

        Raises:
            TargetGone: where the client does not even connect, whatever is wrong with it or its driver; with what was
                told instead. Nothing can be said of such a client.
        """
        client = ClientSession(self)
        try:
            client.joins("probe")
            start = time.monotonic()
            for _ in range(3):
                client.check_shown()
            return (time.monotonic() - start) / 3
        except (TargetGone, NotTested):
            raise
        except Exception as error:  # noqa: BLE001  whatever is wrong with the client, its cases say better
            if client.connection is None:
                why = self._driver.exit_reason() or f"{error}"
                raise TargetGone(f"the client did not connect when it was asked to: {why}; {_PROTOCOL}") from None
            return 0.02
        finally:
            client.close()

    def close(self) -> None:
        """End the process, and listen no more."""
        self._driver.end()
        self.listener.close()
