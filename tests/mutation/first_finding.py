"""Checks a server until anything is found: exit status 0 where nothing is.

``first_finding.py BUDGET FRAMING COMMAND [SELECTION …]``
"""

import signal
import sys

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.engine.checking import examine

_FINE = (Verdict.PASS, Verdict.NOT_TESTED)
"""What is not tested was not selected, or has no meaning in the framing."""


class _FirstFinding(RunListener):
    """A listener that ends the run when something is found."""

    def finding(self, finding: Finding) -> None:
        """Print a finding and end the run."""
        print(finding.requirement, "by", finding.situation, flush=True)
        raise KeyboardInterrupt


def main(budget: str, framing: str, command: str, *selection: str) -> None:
    """Check the server; exit with 1 where anything but a clean pass came of it."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        options = Options(selection, framing, seed=1, budget=float(budget))
        examined = examine(Role.SERVER, command, options, _FirstFinding())
    except KeyboardInterrupt:
        sys.exit(1)
    except TargetGone as gone:
        sys.exit(print(f"it is gone: {gone}") or 1)
    unproven = [result.requirement.id for result in examined.judged if result.verdict not in _FINE]
    if unproven or examined.gone:
        sys.exit(print("not proven:", *unproven, examined.gone or "") or 1)


if __name__ == "__main__":
    main(*sys.argv[1:])
