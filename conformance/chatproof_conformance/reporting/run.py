"""How every kind of run ends: the baseline is applied, failures are saved, the verdict is printed and reported."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.files import STANDARD, writing
from chatproof_common.system.signals import stop_status
from chatproof_conformance.core.identity import Identity
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, UNKNOWN, RunResult, exit_code
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.last_failures import remember_failures
from chatproof_conformance.reporting.reports import Destination, write_reports
from chatproof_conformance.reporting.summary import RunRequest, Summary

if TYPE_CHECKING:
    from chatproof_conformance.baseline.applying import Applied
    from chatproof_conformance.baseline.entries import Baseline


@dataclass(frozen=True, slots=True)
class VerdictPolicy:
    """How a run is judged, and what is written besides the terminal.

    Attributes:
        strict: whether a broken SHOULD fails the run.
        baseline: the known failures.
        write_baseline: the file for a baseline with which the run would not fail; None: none is written.
        reports: what is written, and where.
        json_lines: whether events are printed for programs.
        situations: whether a table of the situations is printed.
        identity: which implementation it is, as the user says.
        dense: whether what is printed is for programs to which each line costs.
    """

    strict: bool = False
    baseline: "Baseline | None" = None
    write_baseline: Path | None = None
    reports: tuple[Destination, ...] = ()
    json_lines: bool = False
    situations: bool = False
    identity: Identity = field(default_factory=Identity)
    dense: bool = False

    @property
    def need_standard_output(self) -> bool:
        """Whether standard output is a program's, so that all else must be printed elsewhere."""
        return self.json_lines or any(one.name == STANDARD for one in self.reports)


def console_for(request: RunRequest, policy: VerdictPolicy) -> Console:
    """Return what prints about a run."""
    kind = Console
    if policy.json_lines:
        from chatproof_conformance.reporting.json_lines import JsonLines  # noqa: PLC0415  only if it is asked for

        kind = JsonLines
    elif policy.dense:
        from chatproof_conformance.reporting.dense import Dense  # noqa: PLC0415  the same

        kind = Dense
    return kind(request, policy.baseline, aside=policy.need_standard_output, situations=policy.situations)


@dataclass(frozen=True, slots=True)
class Run:
    """A run that has begun.

    Attributes:
        print_summary: prints how it ended.
        request: what it is to check, and how.
    """

    print_summary: Callable[[Summary], None]
    request: RunRequest
    _started: datetime = field(default_factory=lambda: datetime.now().astimezone())
    _start: float = field(default_factory=time.monotonic)

    def conclude(self, found: RunResult, policy: VerdictPolicy) -> int:
        """Print and report what was found; return the exit code.

        Raises:
            CommandError: if a report, a baseline or what shows a failure cannot be written.
        """
        applied = self._apply(found, policy)
        summary = Summary(
            request=self.request,
            result=found,
            started=self._started,
            seconds=time.monotonic() - self._start,
            exit_code=_code(found, applied, strict=policy.strict),
            strict=policy.strict,
            saved=self._save(found),
            baseline=applied,
            identity=policy.identity,
        )
        if self.request.seeded:
            first = (finding.requirement for finding in found.mend_first)
            remember_failures(self.request.role, self.request.target_words, found.judged, first)
        try:
            self.print_summary(summary)
        finally:
            # Even if nobody reads the terminal to its end (`chatproof check … | head`).
            self._write_files(summary, policy)
        return summary.exit_code

    def _apply(self, found: RunResult, policy: VerdictPolicy) -> "Applied | None":
        if policy.baseline is None:
            return None
        from chatproof_conformance.baseline.applying import apply_baseline  # noqa: PLC0415  only if there is one

        return apply_baseline(policy.baseline, found)

    def _save(self, found: RunResult) -> dict[tuple[str, str], Path]:
        options = self.request.options
        if options.save is None:
            return {}
        from chatproof_conformance.reporting.export.saving import save_findings  # noqa: PLC0415  only if it is asked for

        findings = [finding for result in found.judged for finding in result.findings]
        with writing(f"--save {options.save}"):
            return save_findings(findings, options.save, options.framing, self.request.role)

    def _write_files(self, summary: Summary, policy: VerdictPolicy) -> None:
        if policy.reports:
            write_reports(summary, policy.reports)
        if policy.write_baseline is not None:
            from chatproof_conformance.baseline.entries import write_baseline  # noqa: PLC0415  only if asked for
            from chatproof_conformance.baseline.making import make_entries  # noqa: PLC0415  the same

            found = summary.result
            entries = make_entries(found.judged, summary.baseline, strict=policy.strict)
            with writing(f"--write-baseline {policy.write_baseline}"):
                write_baseline(entries, policy.write_baseline)


def _code(found: RunResult, applied: "Applied | None", *, strict: bool) -> int:
    if found.by_user:
        return stop_status()
    if applied is not None and applied.unfounded:
        return BROKEN
    code = exit_code(found.judged, strict=strict, accepted=applied.accepted if applied else ())
    # A run that ended early has not tried everything, whatever of it is known.
    return UNKNOWN if found.ended_early and code == CONFORMS else code
