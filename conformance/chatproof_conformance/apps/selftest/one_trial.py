"""Checks one server or client and prints what was found as one JSON object: the child process of a trial.

``python -m chatproof_conformance.apps.selftest.one_trial ROLE SEED BUDGET FOLDER COMMAND [SELECTION …]``: recordings of
the findings go to FOLDER, which must exist; if it is empty, none is kept. pytest and Hypothesis keep state in
their process, so each trial has its own.
"""

import json
import sys
import time
from pathlib import Path

from chatproof_common.system import signals
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.outcomes import TargetGone
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.run_listener import RunListener
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.engine.checking import examine
from chatproof_conformance.reporting.export.saving import save_findings

_UNKNOWN = (Verdict.BLOCKED, Verdict.INCONCLUSIVE)


def main(role_name: str, seed: str, budget: str, folder: str, command: str, *selection: str) -> None:
    """Check the server or client and print the result."""
    # A trial that is called off ends its children so; what they started must end too.
    signals.call_at([signals.TERMINATE], lambda _: sys.exit(1))
    start = time.monotonic()
    save = Path(folder) if folder else None
    options = Options(selection, seed=int(seed), budget=float(budget), repeats=0, shrink=False, save=save)
    role = Role(role_name)
    try:
        found = examine(role, command, options, RunListener())
    except TargetGone as gone:
        result: dict[str, object] = {"error": str(gone)}
    else:
        if save:
            findings = [finding for row in found.judged for finding in row.findings]
            save_findings(findings, save, options.framing, role)
        result = {
            "findings": [_members(finding) for case in found.cases for finding in case.findings],
            "traffic": [case.case for case in found.cases if case.traffic],
            "unknown": {row.requirement.id: row.reason for row in found.judged if row.verdict in _UNKNOWN},
            "cases": {case.case: round(case.seconds, 3) for case in found.cases},
            "error": found.gone,
        }
    print(json.dumps({**result, "seconds": time.monotonic() - start}))  # noqa: T201  its way to its parent


def _members(finding: Finding) -> dict[str, str | None]:
    names = ("requirement", "expected", "actual", "case", "connection")
    return {name: getattr(finding, name) for name in names}


if __name__ == "__main__":
    main(*sys.argv[1:])
