"""SARIF, for code hosts and editors."""

import hashlib
from datetime import datetime, timezone
from importlib.metadata import version
from typing import TextIO

from chatproof_common.formats.sarif import Rule, SarifWriter, file_uri, invocation, result
from chatproof_schemas.catalogue import specification_uri
from chatproof_schemas.validate.findings import RULES, UNKNOWN_MEMBER, Finding, Tally
from chatproof_schemas.validate.writers import Writer


class StaticAnalysisWriter(Writer):
    """Writes findings as they come, then how the run went."""

    def __init__(self, out: TextIO) -> None:
        """Begin the document."""
        super().__init__(out)
        self._started = datetime.now(timezone.utc)
        rules = [
            Rule(id_, text, "note" if id_ == UNKNOWN_MEMBER else "error", specification_uri())
            for id_, text in RULES.items()
        ]
        self._writer = SarifWriter(out, "chatproof validate", version("chatproof"), rules)

    def write(self, finding: Finding) -> None:
        """Write a finding."""
        named = finding.connection is not None and finding.direction
        self._writer.write(
            result(
                finding.problem.code,
                finding.sentence,
                uri=file_uri(finding.file),
                line=finding.line,
                column=finding.column,
                level=finding.level,
                logical=f"{finding.connection}/{named.value}" if named else None,
                fingerprints={"chatproofFrame/v1": _fingerprint(finding)},
            )
        )

    def close(self, tally: Tally, code: int) -> None:
        """End the document."""
        self._writer.close(
            invocation(
                successful=not tally.unreadable,
                exit_code=code,
                started=self._started,
                ended=datetime.now(timezone.utc),
                notifications=tuple(f"{one.file}: {one.why}" for one in tally.unreadable),
            )
        )
        super().close(tally, code)


def _fingerprint(finding: Finding) -> str:
    """Return what stays the same when the message moves to another line."""
    problem = finding.problem
    known = f"{problem.code}\n{problem.path}\n".encode("utf-8", "replace") + finding.frame
    return hashlib.sha256(known).hexdigest()[:32]
