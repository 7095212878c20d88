"""A finished run, before it is printed or written in any format."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from chatproof_common.command_line.program import typed_program
from chatproof_common.system.shell_words import quote_word
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.identity import Identity
from chatproof_conformance.core.levels import Progress, progress_of
from chatproof_conformance.core.options import Options
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.verdicts import BROKEN, CONFORMS, RequirementResult, RunResult, Verdict

if TYPE_CHECKING:
    from chatproof_conformance.baseline.applying import Applied

_UNFOUNDED = "The baseline does not hold."
_SUBJECTS = {
    "client": "The client",
    "server": "The server",
    "recording": "What was recorded",
    "tap": "What passed",
}
"""By what is checked, or by the subcommand if that says more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    """What a run is to check, and how.

    Attributes:
        role: what is checked.
        described: the same, by its name.
        target_words: the words of a command line that name it again, with a space before them.
        options: how to check.
        command: the subcommand, if it is another one than that which checks the role.
        seeded: whether its input is generated from the options' seed; otherwise no case runs.
        recording: the file that holds the traffic that is judged, if there is one.
    """

    role: Role = Role.SERVER
    described: str
    target_words: str
    options: Options = field(default_factory=Options)
    command: str = ""
    seeded: bool = True
    recording: Path | None = None

    @property
    def seed(self) -> int | None:
        """The number that repeats the generated input; None if none is generated."""
        return self.options.seed if self.seeded else None

    @property
    def checked(self) -> str:
        """What is checked, as reports name it: a ``server``, a ``client``, or a ``recording`` of servers."""
        return "recording" if self.role is Role.SERVER and not self.seeded else self.role.value

    def command_line(self, more: str = "") -> str:
        """Return the command line that runs all of it again, with more words, which have a space before them."""
        words = "".join(f" {word}" for word in self.options.selection)
        if self.options.level is not None:
            words = f" --level {self.options.level}"
        if self.seeded:
            return f"{self._start}{self.target_words}{words}{self.options.words(whole=True)}{more}"
        return f"{self._start}{more}{self.target_words}{words}"  # the target's may end with a command

    def command_line_of(self, finding: Finding) -> str:
        """Return the command line that checks a finding again, with the same generated input or in the recording."""
        if self.seeded:
            return f"{self._start}{self.target_words} {finding.requirement}{self.options.words(whole=False)}"
        if self.recording is not None:
            return f"{typed_program()} check --transcript {quote_word(str(self.recording))} {finding.requirement}"
        if self.command == "tap":
            return "give --record FILE, and what shows it is kept"
        return f"{self._start}{self.target_words}"

    @property
    def _start(self) -> str:
        return f"{typed_program()} {self.command or self.role.command}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A finished run.

    Attributes:
        request: what it was to check, and how.
        result: what it found.
        started: when it began, with its zone.
        seconds: how long it took.
        exit_code: 0, 1 or 2.
        strict: whether a broken SHOULD fails the run.
        saved: where the traffic of a finding was saved, by its requirement and what it was seen by.
        baseline: the known failures, as the run met them; None if there is no baseline.
        identity: which implementation it is, as the user says.
    """

    request: RunRequest
    result: RunResult
    started: datetime
    seconds: float
    exit_code: int
    strict: bool = False
    saved: Mapping[tuple[str, str], Path] = field(default_factory=dict)
    baseline: "Applied | None" = None
    identity: Identity = field(default_factory=Identity)

    @property
    def progress(self) -> Progress | None:
        """Which level is reached; None if the run does not say."""
        return progress_of(self.result.judged, self.request.role) if self.request.seeded else None

    def counts(self) -> Counter[str]:
        """Return how many requirements have each verdict."""
        return Counter(result.verdict.value for result in self.result.judged)

    def evidence(self) -> Evidence:
        """Return the sum of the evidence: a case's counts once, whatever it proves."""
        if self.result.total is not None:
            return self.result.total
        total = Evidence()
        for one in self.result.cases or self.result.judged:
            total.add(one.evidence)
        return total

    @property
    def subject(self) -> str:
        """What was checked, as the beginning of a sentence."""
        return _SUBJECTS[self.request.command or self.request.checked]

    @property
    def headline(self) -> str:
        """The verdict as a sentence."""
        if self.exit_code == CONFORMS:
            return f"{self.subject} conforms{', but for known failures' * self.has_known_failures}."
        new = [result.verdict for result in self.result.judged if not self.is_accepted(result)]
        if Verdict.FAIL in new:
            return f"{self.subject} does not conform."
        if self.exit_code != BROKEN:
            return "Nothing certain can be said."
        return f"{self.subject} does not conform strictly." if self.strict and Verdict.WARNING in new else _UNFOUNDED

    @property
    def has_known_failures(self) -> bool:
        """Whether the run would not conform without what a baseline knows."""
        accepted = [result.verdict for result in self.result.judged if self.is_accepted(result)]
        return any(self.strict or verdict is not Verdict.WARNING for verdict in accepted)

    def is_accepted(self, result: RequirementResult) -> bool:
        """Whether a requirement's verdict does not count, because a baseline knows its cause."""
        return self.baseline is not None and result.requirement.id in self.baseline.accepted

    def is_known(self, finding: Finding) -> bool:
        """Whether a baseline has this failure."""
        return self.baseline is not None and self.baseline.covering(finding) is not None


def distinct(findings: Sequence[Finding], most: int = 3) -> Sequence[Finding]:
    """Return the first finding of each case or situation, at most ``most``: twice in one is one thing to fix."""
    return list({finding.seen_by: finding for finding in reversed(findings)}.values())[::-1][:most]
