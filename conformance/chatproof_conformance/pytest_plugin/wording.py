"""The message of a failed test: the requirement, what was expected, what happened instead, and the last frames."""

from collections.abc import Sequence

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.core.outcomes import Broken, Outcome
from chatproof_conformance.endpoints.peers.session import ServerSession
from chatproof_conformance.reporting.last_frames import last_frames
from chatproof_schemas import requirements

_FRAMES = 20


def failure_text(outcome: Outcome | None, violations: Sequence[Finding], frames: Sequence[str]) -> str:
    """Return what is wrong with how a chat went: how it ended, if it ended early, and each frame that is wrong."""
    parts = [_outcome_text(outcome)] if outcome else []
    parts += map(finding_text, violations)
    return "\n".join([*parts, labelled("frames", frames)])


def frames_of(chat: ServerSession) -> list[str]:
    """Return the last frames of a chat, one a line; a word if there are none."""
    return last_frames(chat.transcript.events, _FRAMES) or ["none"]


def broken_text(id_: str | None, expected: str, actual: str) -> str:
    """Return what was expected and what happened, below the requirement if that is known."""
    headline = requirement_line(id_) if id_ else "the chat did not go as expected"
    return "\n".join([headline, labelled("expected", [expected]), labelled("actual", [actual])])


def finding_text(finding: Finding) -> str:
    """Return what a finding expected and what it saw, and of which requirement."""
    return broken_text(finding.requirement or None, finding.expected_there, finding.actual)


def requirement_line(id_: str) -> str:
    """Return a requirement with its level and sentence."""
    row = requirements()[id_]
    return f"{row.id} ({row.level.value}) {row.sentence}"


def labelled(label: str, lines: Sequence[str]) -> str:
    """Return lines with a label before the first, the others below it."""
    labels = [label, *("" for _ in lines[1:])]
    return "\n".join(f"  {word:10}{line}" for word, line in zip(labels, lines, strict=True))


def _outcome_text(outcome: Outcome) -> str:
    if isinstance(outcome, Broken):
        return finding_text(outcome.finding)
    return f"nothing can be said: {outcome}"
