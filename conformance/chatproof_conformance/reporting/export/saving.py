"""Saves what shows a failure: the recording, a diagram of it, and a script that plays it."""

from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import cast

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.export.client_script import standalone_server
from chatproof_conformance.reporting.export.mermaid import sequence_diagram
from chatproof_conformance.reporting.export.script import standalone_script
from chatproof_conformance.wire.notes import notes_of
from chatproof_schemas.transcript import Framing, Transcript, write_transcript


def save_findings(
    findings: Iterable[Finding], folder: Path, framing: str, role: Role = Role.SERVER
) -> dict[tuple[str, str], Path]:
    """Save the traffic of findings; return the recordings' paths by requirement and what they were seen by.

    Raises:
        OSError: if a file cannot be written.
    """
    saved: dict[tuple[str, str], Path] = {}
    for finding in findings:
        key = (finding.requirement, finding.seen_by)
        if key not in saved and finding.events:
            saved[key] = _save(finding, folder / _stem(finding, saved), framing, role)
    return saved


def recording_of(finding: Finding, framing: str, role: Role = Role.SERVER) -> Transcript:
    """Return a finding's traffic, with notes about it at its beginning."""
    started = finding.started or datetime.now().astimezone()
    events = [*notes_of(finding), *finding.events]
    return Transcript(cast("Framing", framing), started, settled=True, events=events, checked=role.value)


def _stem(finding: Finding, saved: Collection[tuple[str, str]]) -> str:
    """Return the beginning of the files' names: a situation has characters that no name of a file can have."""
    earlier = sum(requirement == finding.requirement for requirement, _ in saved)
    return f"{finding.requirement}-{finding.case or earlier + 1}"


def _save(finding: Finding, stem: Path, framing: str, role: Role) -> Path:
    recorded = recording_of(finding, framing, role)
    path = stem.with_name(stem.name + ".ndjson")
    write_transcript(recorded, path)
    stem.with_name(stem.name + ".mmd").write_text(sequence_diagram(finding, recorded), "utf-8")
    make_script = standalone_script if role is Role.SERVER else standalone_server
    script = make_script(finding, recorded)
    if script is not None:
        stem.with_name(stem.name + ".py").write_text(script, "utf-8")
    return path
