"""What all the sessions of a run with a server share."""

import itertools
import secrets
import string
from dataclasses import dataclass, field

from chatproof_conformance.endpoints.process.adaptive_timeout import AdaptiveTimeout
from chatproof_conformance.endpoints.process.target import Target

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
