"""What a finished run has to say, before any form is given to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.system.words import quote_word
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.options import DEFAULT_BUDGET, Options
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, CaseResult, RequirementResult, Verdict

if TYPE_CHECKING:
    from chatproof_conformance.baseline.applying import Applied

_UNFOUNDED = "The baseline does not hold."


@dataclass(frozen=True, slots=True)
class Summary:
    """A finished run.

    Attributes:
        judged: the verdict on each requirement, in the order of SPEC.md.
        cases: what each case saw.
        exit_code: 0, 1 or 2.
        seconds: how long it took.
        target_words: the words of the command line that name the target again, with a space before them.
        seed: the number that repeats the generated input; None where a recording was judged.
        gone: why the run could not go on, where it could not.
        described: what was checked, by its name.
        started: when the run began, with its zone.
        options: what the run was told.
        strict: whether a broken SHOULD fails the run.
        saved: where the traffic of a requirement's finding in a case was saved.
        command: the subcommand that was run.
        baseline: the known failures, as the run met them; None where there is no baseline.
        recording: the file that holds the traffic that was judged; None where there is none.
    """

    judged: Sequence[RequirementResult]
    cases: Sequence[CaseResult]
    exit_code: int
    seconds: float
    target_words: str
    seed: int | None
    gone: str | None
    described: str = ""
    started: datetime = field(default_factory=lambda: datetime.now().astimezone())
    options: Options = field(default_factory=Options)
    strict: bool = False
    saved: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    command: str = "check"
    baseline: "Applied | None" = None
    recording: Path | None = None

    def counts(self) -> Counter[Verdict]:
        """Return how many requirements have each verdict."""
        return Counter(result.verdict for result in self.judged)

    def evidence(self) -> Evidence:
        """Return what all the cases saw together."""
        total = Evidence()
        for case in self.cases:
            total.add(case.evidence)
        return total

    @property
    def role(self) -> str:
        """What was checked: a ``server``, a ``client``, or a ``recording``."""
        if self.command == "check-client":
            return "client"
        return "recording" if self.seed is None else "server"

    @property
    def subject(self) -> str:
        """What was checked, as the beginning of a sentence."""
        if self.command == "tap":
            return "What passed"
        return {"client": "The client", "server": "The server", "recording": "What was recorded"}[self.role]

    @property
    def headline(self) -> str:
        """The verdict as a sentence."""
        if self.exit_code == CONFORMS:
            return f"{self.subject} conforms{', but for known failures' * self.has_known_failures}."
        if self.exit_code != BROKEN:
            return "Nothing certain can be said."
        new = [result.verdict for result in self.judged if not self.is_accepted(result)]
        if Verdict.FAIL in new:
            return f"{self.subject} does not conform."
        return f"{self.subject} does not conform strictly." if self.strict and Verdict.WARNING in new else _UNFOUNDED

    @property
    def has_known_failures(self) -> bool:
        """Whether the run would not conform without what a baseline knows."""
        accepted = [result.verdict for result in self.judged if self.is_accepted(result)]
        return any(self.strict or verdict is not Verdict.WARNING for verdict in accepted)

    def is_accepted(self, result: RequirementResult) -> bool:
        """Whether a requirement's verdict does not count, because a baseline knows its cause."""
        return self.baseline is not None and result.requirement.id in self.baseline.accepted

    def is_known(self, finding: Finding) -> bool:
        """Whether a baseline has this failure."""
        return self.baseline is not None and self.baseline.covering(finding) is not None

    def whole_command(self) -> str:
        """Return the command line that repeats the whole run."""
        words = "".join(f" {word}" for word in self.options.selection)
        strict = " --strict" * self.strict
        if self.seed is None:
            return f"chatproof {self.command}{strict}{self.target_words}{words}"
        budget = f" --budget {self.options.budget:g}" * (self.options.budget != DEFAULT_BUDGET)
        return f"chatproof {self.command}{self.target_words}{words}{self._framing()} --seed {self.seed}{budget}{strict}"

    def repeat_command(self, finding: Finding) -> str:
        """Return the command line that checks a finding again, with the same generated input or in the recording."""
        if self.seed is not None:
            return f"chatproof {self.command}{self.target_words} {finding.case}{self._framing()} --seed {self.seed}"
        if self.recording is not None:
            return f"chatproof check --transcript {quote_word(str(self.recording))} {finding.requirement}"
        if self.command == "tap":
            return "give --record FILE, and what shows it is kept"
        return f"chatproof {self.command}{self.target_words}"

    def _framing(self) -> str:
        return "" if self.options.framing == "lf" else f" --framing {self.options.framing}"


def distinct(findings: Sequence[Finding], most: int = 3) -> Sequence[Finding]:
    """Return the first finding of each case, not too many: the same fault seen twice in a case is one thing to mend."""
    return list({finding.case: finding for finding in reversed(findings)}.values())[::-1][:most]
