"""Grades what the judge of a history found: a broken MUST ends the example, a broken SHOULD is noted."""

from collections.abc import Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import Broken
from chatproof_schemas import Level, requirements


def grade(findings: Sequence[Finding], violations: list[Finding]) -> None:
    """Note every broken SHOULD, then raise the first broken MUST.

    Raises:
        Broken: if one is among the findings.
    """
    musts = broken_musts(findings)
    violations += [finding for finding in findings if finding not in musts]
    if musts:
        raise Broken.of(musts[0])


def broken_musts(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that break a MUST."""
    return [finding for finding in findings if requirements()[finding.requirement].level is Level.MUST]
