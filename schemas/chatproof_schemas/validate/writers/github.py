"""For GitHub Actions: a workflow command for each finding, so that it stands at its line in the changes."""

from chatproof_common.formats.github import annotation
from chatproof_schemas.validate.findings import Finding, Unreadable
from chatproof_schemas.validate.writers import Writer


class AnnotationWriter(Writer):
    """Writes to standard output, where the runner looks for commands."""

    def write(self, finding: Finding) -> None:
        """Write a finding."""
        command = annotation(
            "error" if finding.level == "error" else "notice",
            finding.sentence,
            title=finding.problem.code,
            file=finding.file,
            line=finding.line,
            column=finding.column,
        )
        self._out.write(command + "\n")

    def write_unreadable(self, unreadable: Unreadable) -> None:
        """Write that a file could not be read."""
        command = annotation("error", unreadable.why, title="unreadable", file=unreadable.file, line=unreadable.line)
        self._out.write(command + "\n")
