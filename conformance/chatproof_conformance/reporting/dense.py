"""What a run prints where each line costs: three lines if all is well, at most 25 if not, the first to mend in full."""

from typing import TYPE_CHECKING, cast

from chatproof_common.printable import printable, shortened
from chatproof_common.terminal import markup
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.finding_block import verdict_of
from chatproof_conformance.reporting.hints import find_hint
from chatproof_conformance.reporting.last_frames import frames_around
from chatproof_conformance.reporting.likely_causes import explain_command, likely_cause, likely_words
from chatproof_conformance.reporting.summary import Summary
from chatproof_conformance.reporting.wording import counted_verdicts, last_lines
from chatproof_schemas import requirements

if TYPE_CHECKING:
    from chatproof_schemas.transcript import Framing

MOST_LINES = 25
_FRAMES, _WORDS = 6, 3
_LONGEST = 300


class Dense(Console):
    """Prints at the end alone: how it ended, the first failure in full, and a line for each of the others."""

    def begin(self) -> None:
        """Print nothing: the end says all."""

    def say(self, text: str) -> None:
        """Print nothing: nobody is there who could act on it."""

    def finding(self, finding: Finding) -> None:
        """Print nothing yet."""

    def narrowed(self, finding: Finding, replaces: Finding) -> None:
        """Print nothing yet."""

    def conclude(self, summary: Summary) -> None:
        """Print how the run ended."""
        head = self._head(summary)
        for line in [*head, *self._body(summary, MOST_LINES - len(head))]:
            self._out.print(markup(shortened(line, _LONGEST)))

    def _head(self, summary: Summary) -> list[str]:
        counted = ", ".join(counted_verdicts(summary.counts()))
        known = sum(bool(one.findings) and summary.is_accepted(one) for one in summary.result.judged)
        of = f"{counted} of {len(summary.result.judged)} requirements" + f"; {known} of them known" * bool(known)
        evidence, seed = summary.evidence(), summary.request.seed
        lines = [f"{summary.headline} {of}"]
        lines += [summary.progress.sentence] if summary.progress else []
        rests = f"{evidence.deliveries} deliveries, {evidence.silences} absences, {summary.seconds:.1f} s"
        lines.append(rests + (f", seed {seed}" if seed is not None else ""))
        if summary.result.ended_early:
            lines.append(f"ended early: {summary.result.ended_early}")
        if hint := find_hint(summary):
            lines.append(hint)
        return lines

    def _body(self, summary: Summary, room: int) -> list[str]:
        first = [one for one in _in_order(summary) if not summary.is_known(one)]
        baseline = summary.baseline.unfounded if summary.baseline else {}
        rest = [f"BASELINE {entry}: {problem}" for entry, problem in baseline.items()]
        block = self._block(first[0]) if first else []
        told = {first[0].requirement} if first else set()
        for finding in first[1:]:
            if finding.requirement not in told:
                told.add(finding.requirement)
                rest.append(f"{_verdict(finding)}: expected {finding.expected_there}; got {finding.actual}")
        rest += [
            f"{one.requirement.id} {one.verdict.value}: {one.reason}" for one in summary.result.judged if one.reason
        ]
        free = room - len(block)
        if len(rest) > free:
            rest[free - 1 :] = [f"and {len(rest) - free + 1} more; --report json=FILE has all of them"]
        return block + [_one_line(line) for line in rest]

    def _block(self, finding: Finding) -> list[str]:
        """Return a failure in full, in at most 17 lines."""
        request, cause = self._request, likely_cause(finding)
        framing = cast("Framing", request.options.framing)
        frames = frames_around(finding, _FRAMES, framing, request.role.value)[-_FRAMES:]
        words = last_lines(finding.last_words)[-_WORDS:]
        likely = likely_words(cause.title if cause else None, explain_command(finding.requirement))
        return [
            f"{_verdict(finding)} {_one_line(requirements()[finding.requirement].sentence)}",
            f"  expected: {_one_line(finding.expected_there)}",
            f"  actual: {_one_line(finding.actual)}",
            *([f"  situation: {_one_line(finding.situation)}"] if finding.situation else []),
            *(f"  {_one_line(frame)}" for frame in frames),
            *(f"  printed: {word}" for word in words),
            f"  {'likely' if cause else 'more'}: {likely}",
            f"  repeat: {request.command_line_of(finding)}",
        ]


def _in_order(summary: Summary) -> list[Finding]:
    found = [finding for one in summary.result.judged for finding in one.findings]
    return [*summary.result.mend_first, *(one for one in found if one not in summary.result.mend_first)]


def _verdict(finding: Finding) -> str:
    level = requirements()[finding.requirement].level.value
    return f"{verdict_of(finding).value.upper()} {finding.requirement} ({level})"


def _one_line(text: str) -> str:
    return printable(" ".join(text.split("\n")))
