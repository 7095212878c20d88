"""For GitHub Actions: a workflow command for each finding, so that it stands at its line in the changes."""

from typing import TextIO

from chatproof_common.formats.github import annotation
from chatproof_schemas.validate.findings import Finding, Tally, Unreadable
from chatproof_schemas.validate.writers.sentences import sentence


class AnnotationWriter:
    """Writes findings as they come."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def begin_file(self, name: str) -> None:
        """Do nothing: each finding names its file."""

    def tell(self, finding: Finding) -> None:
        """Write a finding."""
        said = annotation(
            "error" if finding.level == "error" else "notice",
            sentence(finding),
            title=finding.problem.code,
            file=finding.file,
            line=finding.line,
            column=finding.column,
        )
        self._out.write(said + "\n")

    def tell_unreadable(self, unreadable: Unreadable) -> None:
        """Write that a file could not be read."""
        said = annotation("error", unreadable.why, title="unreadable", file=unreadable.file, line=unreadable.line)
        self._out.write(said + "\n")

    def close(self, _tally: Tally, _code: int) -> None:
        """Hand over what is still held."""
        self._out.flush()
