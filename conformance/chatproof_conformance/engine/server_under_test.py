"""A server as what a run checks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from chatproof_conformance.core.outcomes import Outcome
from chatproof_conformance.core.roles import Role
from chatproof_conformance.endpoints.peers.restart import restart_if_crashed
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.crash import Crash
from chatproof_conformance.endpoints.process.source import ServerSource

_TRIAL_MESSAGES = 5


@dataclass(frozen=True)
class ServerUnderTest:
    """A server: each case has a session with it."""

    context: RunContext
    role: Role = Role.SERVER

    @property
    def timeout(self) -> AdaptiveTimeout:
        """What is known of its speed."""
        return self.context.timeout

    def session(self) -> ServerSession:
        """Return a session with nobody connected."""
        return ServerSession(self.context)

    def restart_if_crashed(self, outcome: BaseException | None) -> Crash | None:
        """Return how the server died, having restarted it; None if it lives."""
        return restart_if_crashed(self.context, outcome)

    def learn_speed(self) -> float:
        """Return the seconds of a typical round trip, or a guess if nothing answers: the cases will say so."""
        chat = self.session()
        try:
            peer = chat.joins("probe")
            start = time.monotonic()
            for _ in range(_TRIAL_MESSAGES):
                chat.fence(peer)
            return (time.monotonic() - start) / _TRIAL_MESSAGES
        except Outcome:
            if any(violation.requirement == "FRAME-1" for violation in chat.violations):
                self.timeout.give_up()
            return 0.01
        finally:
            chat.close()


@contextmanager
def server_under_test(source: ServerSource, framing: str) -> Iterator[ServerUnderTest]:
    """Yield a server that accepts connections; stop it afterwards if it was started for this.

    Raises:
        TargetGone: if it cannot be started, or accepts no connection.
    """
    context = RunContext(source.target(), framing=framing)
    try:
        context.target.start()
        yield ServerUnderTest(context)
    finally:
        context.target.end()  # perhaps another one than above: it may have been restarted
