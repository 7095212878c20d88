"""Which requirement a finding is about, by what matters for it."""

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.space.conversation.acts import Raw, Said
from chatproof_conformance.space.conversation.script import Stage
from chatproof_schemas import CLIENT_FRAME_BYTES

_LOST = ("CLIENT-3", "CLIENT-10", "CLIENT-12")
"""What the judge says of frames that are not shown, or shown otherwise, whatever the reason."""
_FRAMING, _AS_SENT = "CLIENT-3", "CLIENT-10"
_LINE_ENDS = ("\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\r")
"""What some languages take for the end of a line."""


def requirement_of(finding: Finding, stage: Stage | None, matters: frozenset[str], *, alone: bool) -> str:
    """Return the requirement that is broken.

    Args:
        finding: what the judge saw.
        stage: the stage that shows it, as short as it can be; None if it is an opening or an end.
        matters: the dimensions of the stage without which it passes.
        alone: whether nothing before the stage matters.
    """
    if stage is None or finding.requirement not in _LOST:
        return finding.requirement
    if "segmentation" in matters:
        return _FRAMING
    is_single = alone and len(stage.acts) == 1 and not stage.asked
    if finding.requirement == _FRAMING and is_single and not _is_framing(stage):
        return _AS_SENT
    return finding.requirement


def _is_framing(stage: Stage) -> bool:
    """Whether a frame may be lost because it is long, or is cut at what is no end of a frame."""
    act = stage.acts[0]
    if not isinstance(act, (Said, Raw)):
        return False
    frame = act.frame(stage.spelling)
    return len(frame) > CLIENT_FRAME_BYTES or any(end in frame.decode("utf-8", "replace") for end in _LINE_ENDS)
