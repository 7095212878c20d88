"""A server as what a run checks."""

from dataclasses import dataclass
from pathlib import Path

from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.peers.restart import restart_if_crashed
from chatproof_conformance.endpoints.peers.run_context import RunContext
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.crash import Crash
from chatproof_conformance.engine.system_under_test import SERVER_CASES


@dataclass(frozen=True)
class ServerUnderTest:
    """A server: each case has a session with it. Without a context its cases can be listed and not run."""

    context: RunContext | None
    cases: Path = SERVER_CASES
    fixture: str = "chat"

    @property
    def timeout(self) -> AdaptiveTimeout:
        """What is known of its speed."""
        return self._context().timeout

    def session(self) -> ServerSession:
        """Return a session with nobody connected."""
        return ServerSession(self._context())

    def restart_if_crashed(self, outcome: BaseException | None) -> Crash | None:
        """Return how the server died, having restarted it; None if it lives."""
        return restart_if_crashed(self._context(), outcome)

    def _context(self) -> RunContext:
        if self.context is None:
            raise TargetGone("no target")
        return self.context
