"""The trials as one JSON document, for programs."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from chatproof_conformance.apps.selftest.implementations import Implementation
from chatproof_conformance.apps.selftest.summary import Totals
from chatproof_conformance.apps.selftest.trials import Trial, in_order
from chatproof_conformance.core.findings import Finding

VERSION = 2


def as_document(trials: Sequence[Trial], not_run: Sequence[Implementation], totals: Totals) -> dict[str, Any]:
    """Return everything that the matrix rests on, as JSON values: totals, rows, those not run."""
    return {
        "chatproof": "selftest",
        "version": VERSION,
        "totals": dataclasses.asdict(totals),
        "servers": [_row(trial) for trial in trials if trial.implementation.of == "server"],
        "clients": [_row(trial) for trial in trials if trial.implementation.of == "client"],
        "clusters": [_row(trial) for trial in trials if trial.implementation.of == "cluster"],
        "not_run": [{"name": one.name, "missing": one.missing} for one in not_run],
    }


def _row(trial: Trial) -> dict[str, Any]:
    implementation = trial.implementation
    return {
        "name": implementation.name,
        "kind": "faulty" if implementation.faulty else "conforming",
        "note": implementation.note,
        "language": implementation.language,
        "subtle": implementation.subtle,
        "breaks": in_order(implementation.breaks),
        "warnings": in_order(implementation.warnings),
        "cause": implementation.cause or None,
        "likely": trial.likely or None,
        "found_right": in_order(trial.right),
        "found_other": in_order(trial.others),
        "problems": trial.problems,
        "findings": [_found(finding) for finding in trial.findings],
        "unknown": trial.unknown,
        "first": None if trial.first is None else round(trial.first, 3),
        "seconds": round(trial.seconds, 3),
        "error": trial.error,
        "saved": str(trial.saved) if trial.saved else None,
    }


def _found(finding: Finding) -> dict[str, Any]:
    return {
        "requirement": finding.requirement,
        "seen_by": finding.seen_by,
        "expected": finding.expected_there,
        "actual": finding.actual,
        "situation": finding.situation,
        "hides": finding.hides,
    }
