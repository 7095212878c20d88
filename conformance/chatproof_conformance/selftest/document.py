"""The trials as one JSON document, for programs."""

import dataclasses
from collections.abc import Sequence
from typing import Any

from chatproof_conformance.selftest.servers import Server
from chatproof_conformance.selftest.summary import Totals
from chatproof_conformance.selftest.trials import Trial
from chatproof_schemas import requirements

VERSION = 1


def as_document(trials: Sequence[Trial], not_run: Sequence[Server], totals: Totals) -> dict[str, Any]:
    """Return everything that the matrix rests on, as JSON values: totals, a row for each server, those not run."""
    return {
        "chatproof": "selftest",
        "version": VERSION,
        "totals": dataclasses.asdict(totals),
        "servers": [_row(trial) for trial in trials],
        "not_run": [{"name": server.name, "missing": server.missing} for server in not_run],
    }


def _row(trial: Trial) -> dict[str, Any]:
    server = trial.server
    return {
        "name": server.name,
        "kind": "faulty" if server.faulty else "conforming",
        "note": server.note,
        "language": server.language,
        "subtle": server.subtle,
        "breaks": _in_order(server.breaks),
        "warnings": _in_order(server.warnings),
        "found_right": _in_order(trial.right),
        "found_other": _in_order(trial.others),
        "problems": trial.problems,
        "findings": [dataclasses.asdict(seen) for seen in trial.findings],
        "unknown": trial.unknown,
        "case_seconds": trial.cases,
        "seconds": round(trial.seconds, 3),
        "error": trial.error,
    }


def _in_order(ids: frozenset[str]) -> list[str]:
    return [id_ for id_ in requirements() if id_ in ids]
