"""The steps of watching a client: each is a check of its own, in a process that can be ended at any moment."""

from collections.abc import Sequence
from typing import Any

from chatproof_common.system.shell_words import split_words
from chatproof_common.terminal import Terminal, markup
from chatproof_conformance.apps.check.events import check_events
from chatproof_conformance.apps.watch.score import Change, Score
from chatproof_conformance.apps.watch.screen import Screen
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.reporting.finding_block import VERDICT_STYLES
from chatproof_conformance.reporting.likely_causes import likely_words
from chatproof_conformance.reporting.wording import counted_verdicts
from chatproof_schemas import Level, requirements


class ClientSteps:
    """Checks a client in steps, and prints what it sees as better or worse than before."""

    role = Role.CLIENT

    def __init__(
        self, words: Sequence[str], selection: Sequence[str], reports: Sequence[str], screen: Screen, score: Score
    ) -> None:
        """Start nothing yet.

        Args:
            words: the options of the check, without a selection.
            selection: what is checked, empty for all.
            reports: more options of a whole check.
            screen: prints.
            score: what is known.
        """
        self._words, self._selection, self._reports = words, selection, reports
        self._screen, self._score = screen, score
        self._told: set[str] = set()
        self._in_full = False

    async def begin(self) -> None:
        """Begin with a new version of the client."""
        self._told, self._in_full = set(), False

    async def again(self, ids: Sequence[str]) -> bool:
        """Check again what failed; return whether something is broken."""
        await self._run(ids)
        return any(id_ in self._score.order for id_ in ids)

    async def section(self, ids: Sequence[str]) -> bool:
        """Check some requirements; return whether something is broken."""
        done = await self._run(ids)
        return bool(done["totals"]["fail"])

    async def whole(self) -> int:
        """Check all that is selected; return the exit code."""
        done = await self._run(self._selection, *self._reports)
        self._score.put_in_order(done["mend_first"])
        counted = ", ".join(counted_verdicts(done["totals"]))
        lines = [f"{done['headline']} {counted} of {done['totals']['requirements']} requirements"]
        if done["level"]:
            lines.append(done["level"])
        self._screen.result(done["exit_code"], lines)
        return int(done["exit_code"])

    async def _run(self, selection: Sequence[str], *more: str) -> dict[str, Any]:
        """Run a check; print what it finds; return its last event.

        Raises:
            TargetGone: if it cannot check, for the reason that it gives.
        """
        words = [*self._words, *more, *dict.fromkeys(selection)]
        done: dict[str, Any] = {}
        async for event in check_events(Role.CLIENT, words):
            if event["event"] in ("finding", "narrowed"):
                self._found(event["finding"])
            elif event["event"] == "done":
                done = event
        self._learn(done["verdicts"])
        return done

    def _found(self, finding: dict[str, Any]) -> None:
        id_ = finding["requirement"]
        if id_ in self._told:
            return
        self._told.add(id_)
        verdict = Verdict.FAIL if requirements()[id_].level is Level.MUST else Verdict.WARNING
        change = self._score.learn(id_, verdict)
        self._screen.verdict(change, id_, f"expected {finding['expected']}; got {finding['actual']}")
        if not self._in_full or change is Change.WORSE:
            self._in_full = True
            self._screen.block(lambda out: _print(out, finding, verdict))

    def _learn(self, verdicts: dict[str, str]) -> None:
        for id_, verdict in verdicts.items():
            if Verdict(verdict) is Verdict.PASS and self._score.learn(id_, Verdict.PASS):
                self._screen.better(id_)


def client_words(command_line: str) -> list[str]:
    """Return the options of a command line ``chatproof check-client …``, without the first two words."""
    return split_words(command_line)[2:]


def _print(out: Terminal, finding: dict[str, Any], verdict: Verdict) -> None:
    row = requirements()[finding["requirement"]]
    head, level = f"{verdict.value.upper()} {row.id}", f" ({row.level.value}) "
    out.print(f"\n[{VERDICT_STYLES[verdict]}]{head}[/]{level}{out.lines(row.sentence, 2, len(head + level))}")
    cause = finding["cause"]
    shown = {
        "expected": finding["expected"],
        "actual": finding["actual"],
        "situation": finding["situation"],
        "likely" if cause else "more": likely_words(cause["title"] if cause else None, finding["explain"]),
    }
    for label, text in shown.items():
        out.print(f"  {label:<9} {out.lines(text, 12)}")
    out.print(f"  repeat    {markup(finding['repeat'])}")
