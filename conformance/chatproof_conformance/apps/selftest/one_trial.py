"""Checks one server or client and prints what was found as one JSON object: the child process of a trial.

``python -m chatproof_conformance.apps.selftest.one_trial KIND SEED BUDGET SCOPE FOLDER COMMAND``: KIND is ``server``,
``client`` or ``cluster``, SCOPE ``whole``, or ``generated`` for generated input alone; recordings of the findings go to
FOLDER, which must exist; if it is empty, none is kept. Hypothesis keeps state in its process: each trial has its own.
"""

import json
import sys
import time
from dataclasses import replace
from pathlib import Path

from chatproof_common.system import signals
from chatproof_conformance.apps.selftest.implementations import ENGINE, NODES
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.engine.checking import examine
from chatproof_conformance.reporting.export.saving import save_findings

_BOUND_OF_CLUSTERS = 5.0
"""Shorter than that of SPEC.md: a node is paused for twice as long."""
_SECONDS_OF_CLUSTERS = 180.0
"""A cluster is several processes: on a machine that does more than that it takes longer."""
_UNKNOWN = (Verdict.BLOCKED, Verdict.INCONCLUSIVE)


class FirstFinding(RunListener):
    """Notes when the first finding was emitted.

    Attributes:
        seconds: after how many seconds of the trial; None if none was.
    """

    def __init__(self) -> None:
        """Begin the trial."""
        self.seconds: float | None = None
        self._start = time.monotonic()

    def finding(self, finding: Finding) -> None:  # noqa: ARG002  that there is one is enough
        """Take note of a finding."""
        if self.seconds is None:
            self.seconds = time.monotonic() - self._start


def main(*words: str) -> None:
    """Check the server or client that the words of the command line name, and print the result."""
    of, seed, budget, scope, folder, command = words
    # A trial that is called off ends its children so; what they started must end too.
    signals.call_at([signals.TERMINATE], lambda _: sys.exit(1))
    start = time.monotonic()
    save = Path(folder) if folder else None
    is_cluster, listener = of == "cluster", FirstFinding()
    role, nodes, engine = (Role.SERVER, NODES, ENGINE) if is_cluster else (Role(of), None, None)
    options = Options(seed=int(seed), budget=float(budget), lanes=scope != "generated", save=save)
    if is_cluster:
        options = replace(options, bound=_BOUND_OF_CLUSTERS, time_limit=_SECONDS_OF_CLUSTERS)
    try:
        found = examine(role, command, options, listener, nodes=nodes, engine=engine)
    except TargetGone as gone:
        result: dict[str, object] = {"error": str(gone)}
    else:
        findings = [finding for row in found.judged for finding in row.findings]
        if save:
            save_findings(findings, save, options.framing, role)
        result = {
            "findings": [_members(finding) for finding in findings],
            "unknown": {row.requirement.id: row.reason for row in found.judged if row.verdict in _UNKNOWN},
            "first": listener.seconds,
            "error": found.ended_early,
        }
    print(json.dumps({**result, "seconds": time.monotonic() - start}))  # noqa: T201  its way to its parent


def _members(finding: Finding) -> dict[str, str | int | None]:
    names = ("requirement", "expected", "actual", "case", "situation", "connection", "hides")
    return {name: getattr(finding, name) for name in names}


if __name__ == "__main__":
    main(*sys.argv[1:])
