"""What all the chats with one server share: the server, its speed, and names that nobody else has."""

import itertools
import secrets
import string
from dataclasses import dataclass, field

from chatproof_common.system.sockets import accepts
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.server_process import ServerProcess
from chatproof_conformance.endpoints.process.target import DYING_SECONDS, Target

_DIGITS = string.digits + string.ascii_lowercase


def _random_token() -> str:
    # Letters of both cases, so that no name survives a change of case.
    kinds = (string.ascii_uppercase, string.ascii_lowercase, string.digits, string.ascii_lowercase)
    return "".join(map(secrets.choice, kinds))


@dataclass
class RunContext:
    """What all the sessions of a run share, so that no two of them use one name.

    Attributes:
        target: the server under test.
        timeout: what is known of its speed.
        token: some characters that set this run's names apart from other people's.
        framing: ``lf`` or ``none``.
    """

    target: Target
    timeout: AdaptiveTimeout = field(default_factory=AdaptiveTimeout)
    token: str = field(default_factory=_random_token)
    framing: str = "lf"
    _names: "itertools.count[int]" = field(default_factory=itertools.count)

    def name(self, label: str) -> str:
        """Return a new user name that nobody else has: ``alice-x7q0a``."""
        number, digits = next(self._names), ""
        while number or not digits:
            number, digit = divmod(number, len(_DIGITS))
            digits = _DIGITS[digit] + digits
        return f"{label}-{self.token}{digits}"

    def restart_if_dead(self, *, has_failed: bool) -> str | None:
        """Return how the server died, having started it again if it is ours; None if it lives.

        Args:
            has_failed: whether something went wrong in a chat: then a death is waited for, and connecting is tried.
        """
        text = self.target.exit_reason(DYING_SECONDS if has_failed else 0)
        if text is None and has_failed and not accepts(self.target.address, 5.0):
            text = "it accepts no connection any more"
        if text is not None and isinstance(self.target, ServerProcess):
            try:
                self.target.restart()
            except TargetGone as gone:
                return f"{text}; {gone}"
        return text
