"""Which requirement a finding is about, by what matters for it."""

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.space.conversation.acts import PLAIN
from chatproof_conformance.space.conversation.script import Stage
from chatproof_conformance.space.segmentation import Segmentation
from chatproof_schemas import CLIENT_FRAME_BYTES

_LOST = ("CLIENT-3", "CLIENT-10", "CLIENT-12")
"""What the judge says of frames that are not shown, or shown otherwise, whatever the reason."""
_LONGER = (*_LOST, "CLIENT-5", "CLIENT-9")
"""The same, and what the judge says of the same if the frame has more members, or is about a failure."""
_OF_PIECES = (*_LONGER, "CLIENT-8")
"""What may seem to be broken if frames are not told apart."""
_BAD, _SURVIVED = ("bad", "open", "vector"), "CLIENT-4"
_FRAMING, _ONCE, _AS_SENT = "CLIENT-3", "CLIENT-8", "CLIENT-10"


def requirement_of(finding: Finding, stage: Stage | None, matters: frozenset[str], *, alone: bool) -> str:
    """Return the requirement that is broken.

    Args:
        finding: what the judge saw.
        stage: the stage that shows it, as short as it can be; None if it is an opening or an end.
        matters: the dimensions of the stage without which it passes.
        alone: whether nothing before the stage matters, on its connection or on those before it.
    """
    if stage is None:
        return finding.requirement
    in_pieces = "segmentation" in matters and (finding.requirement in _OF_PIECES or _is_bad_in_vain(finding, stage))
    if in_pieces or ("spelling" in matters and finding.requirement in _LONGER and _is_long(stage)):
        return _FRAMING
    if finding.requirement not in _LOST:
        return finding.requirement
    if finding.requirement == _FRAMING and not _is_framing(stage, is_spelt=alone or "spelling" in matters):
        if alone and len(stage.acts) == 1:
            return _AS_SENT
        is_read_alone = stage.cuts is None and stage.segmentation is Segmentation.PER_FRAME
        return _ONCE if is_read_alone else _FRAMING
    return finding.requirement


def _is_bad_in_vain(finding: Finding, stage: Stage) -> bool:
    """Whether something seems lost behind a bad frame, and there is none."""
    return finding.requirement == _SURVIVED and not any(act.kind.startswith(_BAD) for act in stage.acts)


def _is_framing(stage: Stage, *, is_spelt: bool) -> bool:
    """Whether a frame may be lost because it is long, or is cut at a CR between its tokens."""
    spelling = stage.spelling if is_spelt else PLAIN
    return _is_long(stage) or any(b"\r" in act.frame(spelling) for act in stage.said)


def _is_long(stage: Stage) -> bool:
    return any(len(act.frame(stage.spelling)) > CLIENT_FRAME_BYTES for act in stage.said)
