"""What a finished run has to say, before any form is given to it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chatproof_conformance.peers.evidence import Evidence
from chatproof_conformance.verdicts import CaseResult, Finding, RequirementResult, Verdict


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
        saved: where the traffic of a requirement's finding in a case was saved.
        command: the subcommand that was run.
    """

    judged: Sequence[RequirementResult]
    cases: Sequence[CaseResult]
    exit_code: int
    seconds: float
    target_words: str
    seed: int | None
    gone: str | None
    saved: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    command: str = "check"

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
    def subject(self) -> str:
        """What was checked, as the beginning of a sentence."""
        if self.command == "check-client":
            return "The client"
        return "What was recorded" if self.seed is None else "The server"

    def repeat_command(self, finding: Finding) -> str:
        """Return the command line that checks a finding again, with the same generated input."""
        if self.seed is None and self.command == "check-client":
            return f"chatproof {self.command}{self.target_words}"
        again = finding.requirement if self.seed is None else f"{finding.case} --seed {self.seed}"
        return f"chatproof {self.command}{self.target_words} {again}"
