"""For GitHub Actions: a workflow command for each finding, so that it stands at its line in the changes."""

import os
import sys
from pathlib import Path
from typing import TextIO

from chatproof_common.formats.github import Annotations
from chatproof_common.printable import printable
from chatproof_common.system.streams import STEP_SUMMARY
from chatproof_schemas.validate.findings import Finding, Tally, Unreadable
from chatproof_schemas.validate.writers import Writer


class AnnotationWriter(Writer):
    """Writes to standard output, where the runner looks for commands; at the end the job's summary, if it has one."""

    def __init__(self, out: TextIO) -> None:
        """Begin with none."""
        super().__init__(out)
        self._annotations = Annotations()

    def write(self, finding: Finding) -> None:
        """Write a finding."""
        line = self._annotations.line(
            "error" if finding.level == "error" else "notice",
            finding.sentence,
            title=finding.problem.code,
            file=finding.file,
            line=finding.line,
            column=finding.column,
        )
        self._out.write(line + "\n")

    def write_unreadable(self, unreadable: Unreadable) -> None:
        """Write that a file could not be read."""
        place = {"file": unreadable.file, "line": unreadable.line}
        self._out.write(self._annotations.line("error", unreadable.why, title="unreadable", **place) + "\n")

    def close(self, tally: Tally, code: int) -> None:
        """Say how many findings are no annotations, and summarise."""
        left = self._annotations.left()
        if left:
            self._out.write(left + "\n")
        if name := os.environ.get(STEP_SUMMARY):
            try:
                with Path(name).open("a", encoding="utf-8") as summary:
                    summary.writelines(f"{line}\n" for line in _summary(tally, left))
            except OSError as error:
                why = f"{STEP_SUMMARY}={printable(name)}: {error.strerror or error}"
                print(f"chatproof: no summary of this job: {why}", file=sys.stderr)  # noqa: T201  as check says it
        super().close(tally, code)


def _summary(tally: Tally, left: str) -> list[str]:
    """Return Markdown without a word of others."""
    counts = [f"{number} {what}" for number, what in _counted(tally) if number]
    codes = [f"- {code}: {number}" for code, number in tally.codes.most_common()]
    return [f"### chatproof validate: {', '.join(counts)}", "", *codes, *(["", f"{left}."] if left else []), ""]


def _counted(tally: Tally) -> list[tuple[int, str]]:
    unreadable = len(tally.unreadable)
    return [
        (tally.files, "file" + "s" * (tally.files != 1)),
        (tally.messages, "message" + "s" * (tally.messages != 1)),
        (tally.invalid, "invalid"),
        (unreadable, "without a verdict"),
    ]
