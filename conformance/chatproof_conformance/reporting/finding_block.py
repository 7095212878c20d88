"""A finding as a terminal shows it: what is broken, and all that helps to mend it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.reporting.last_frames import frames_around
from chatproof_conformance.reporting.likely_causes import explain_command, likely_cause, likely_words
from chatproof_conformance.reporting.summary import RunRequest
from chatproof_conformance.reporting.wording import last_lines
from chatproof_schemas import Level, requirements

if TYPE_CHECKING:
    from chatproof_schemas.transcript import Framing

VERDICT_STYLES = {
    Verdict.PASS: "green",
    Verdict.WARNING: "yellow",
    Verdict.FAIL: "bold red",
    Verdict.BLOCKED: "magenta",
    Verdict.INCONCLUSIVE: "magenta",
    Verdict.NOT_TESTED: "dim",
}
_FRAMES_SHOWN = 8


def verdict_of(finding: Finding) -> Verdict:
    """Return what a finding makes of its requirement."""
    return Verdict.FAIL if requirements()[finding.requirement].level is Level.MUST else Verdict.WARNING


def print_finding(out: Terminal, finding: Finding, verdict: Verdict, *, again: bool = False) -> None:
    """Print what a finding breaks, what was expected and what was received.

    ``again``: the requirement's sentence stands above already.
    """
    row, style = requirements()[finding.requirement], VERDICT_STYLES[verdict]
    head, level = f"{verdict.value.upper()} {row.id}", f" ({row.level.value}) "
    sentence = "as above" if again else out.lines(row.sentence, 2, len(head + level))
    out.print(f"\n[{style}]{head}[/]{level}{sentence}")
    out.print(f"  expected  {out.lines(finding.expected_there, 12)}")
    out.print(f"  actual    {out.lines(finding.actual, 12)}")


def print_proof(out: Terminal, finding: Finding, request: RunRequest) -> None:
    """Print where a finding shows, the frames around it, what the server printed, and what repeats it."""
    if finding.situation:
        out.print(f"  situation {out.lines(finding.situation, 12)}")
    if finding.intermittent:
        out.print(f"  [yellow]intermittent[/]: seen in {finding.failures} of {finding.attempts} attempts")
    framing = cast("Framing", request.options.framing)
    _print_lines(out, "frames", frames_around(finding, _FRAMES_SHOWN, framing, request.role.value))
    if words := last_lines(finding.last_words):
        _print_lines(out, "printed", ["the server printed:", *words])
    if finding.case:
        out.print(f"  [dim]{'case' if request.seeded else 'at':<9}[/] {markup(finding.case)}")
    cause = likely_cause(finding)
    likely = likely_words(cause.title if cause else None, explain_command(finding.requirement))
    out.print(f"  [dim]{'likely' if cause else 'more':<9}[/] {out.lines(likely, 12)}")
    out.print(f"  [dim]repeat[/]    {markup(request.command_line_of(finding))}")


def _print_lines(out: Terminal, label: str, lines: Sequence[str]) -> None:
    for place, line in enumerate(lines):
        out.print(f"  {label if not place else '':<9} {out.frame_lines(line, 14, 12)}")
