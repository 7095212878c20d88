"""Grades what the judge of a history found: a broken MUST ends the example, a broken SHOULD is noted."""

from collections.abc import Sequence

from chatproof_conformance.core.outcomes import Broken
from chatproof_conformance.endpoints.peers.inbox import Violation
from chatproof_conformance.judges.server import Finding
from chatproof_schemas import Level, requirements


def grade(findings: Sequence[Finding], violations: list[Violation]) -> None:
    """Note every broken SHOULD, then raise the first broken MUST.

    Raises:
        Broken: where one is among the findings.
    """
    musts = broken_musts(findings)
    violations += [
        Violation(finding.requirement, finding.connection, finding.expected, finding.actual)
        for finding in findings
        if finding not in musts
    ]
    if musts:
        first = musts[0]
        raise Broken(f"{first.expected} at {first.connection}", first.actual, first.requirement)


def broken_musts(findings: Sequence[Finding]) -> list[Finding]:
    """Return the findings that break a MUST."""
    return [finding for finding in findings if requirements()[finding.requirement].level is Level.MUST]
