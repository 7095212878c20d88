"""Saves what shows a failure of a client, where the run's options ask for it."""

from collections.abc import Iterable
from pathlib import Path

from chatproof_conformance.options import Options
from chatproof_conformance.verdicts import RequirementResult


def save_examined(judged: Iterable[RequirementResult], options: Options) -> dict[tuple[str, str], Path]:
    """Save recording, diagram and script of each finding; return the recordings' paths by requirement and case.

    Raises:
        OSError: where a file cannot be written.
    """
    if options.save is None:
        return {}
    from chatproof_conformance.replay.saving import save_findings  # noqa: PLC0415  only where it is asked for

    findings = [finding for result in judged for finding in result.findings]
    return save_findings(findings, options.save, options.framing, checked="client")
