"""The events of a run as JSON lines on standard output, for programs: ``--format json-lines``."""

import json
from typing import Any

from chatproof_common.printable import escaped_json
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.selection import selected_ids
from chatproof_conformance.reporting.console import Console
from chatproof_conformance.reporting.document import finding_json, totals_of
from chatproof_conformance.reporting.summary import Summary
from chatproof_schemas import requirements


class JsonLines(Console):
    """Prints events for programs to standard output, and everything for people to standard error."""

    def begin(self) -> None:
        """Print what is checked."""
        super().begin()
        ids = selected_ids(self._request.options.selection, self._request.role)
        self._emit("planned", checked=self._request.described, seed=self._request.seed, requirements=ids)

    def conclude(self, summary: Summary) -> None:
        """Print how the run ended."""
        super().conclude(summary)
        order = [finding.requirement for finding in summary.result.mend_first]
        self._emit(
            "done",
            exit_code=summary.exit_code,
            headline=summary.headline,
            seed=summary.request.seed,
            totals=totals_of(summary),
            verdicts={one.requirement.id: one.verdict.value for one in summary.result.judged},
            level=summary.progress.sentence if summary.progress else None,
            ended_early=summary.result.ended_early,
            mend_first=list(dict.fromkeys(order)),
        )

    def _found(self, finding: Finding, replaces: Finding | None = None) -> None:
        super()._found(finding, replaces)
        if replaces is None:
            self._emit("finding", finding=self._members(finding))
        else:
            self._emit("narrowed", finding=self._members(finding), replaces=self._members(replaces))

    def _members(self, finding: Finding) -> dict[str, Any]:
        level = requirements()[finding.requirement].level.value
        found = finding_json(finding, self._request, self._entry(finding), traffic=True)
        return {"requirement": finding.requirement, "level": level, **found}

    def _emit(self, event: str, **members: Any) -> None:
        line = escaped_json(json.dumps({"event": event, **members}, ensure_ascii=False))
        print(line, flush=True)  # noqa: T201  for a program
