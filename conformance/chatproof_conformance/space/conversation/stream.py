"""The stream that carries a stage's lines, cut into segments."""

from collections.abc import Sequence
from itertools import pairwise

from chatproof_conformance.space.conversation.script import Stage
from chatproof_conformance.space.segmentation import Segment, Segmentation, cut


def segments(stage: Stage, lines: Sequence[bytes]) -> list[Segment]:
    """Return lines, each with its LF, as the segments of a stage."""
    if stage.cuts is None:
        return cut(lines, stage.segmentation)
    data = b"".join(lines)
    places = sorted({place for place in stage.cuts if 0 < place < len(data)})
    return [Segment(data[start:end]) for start, end in pairwise([0, *places, len(data)])]


def is_together(stage: Stage) -> bool:
    """Whether whole frames come in one segment."""
    return stage.cuts is not None or stage.segmentation is not Segmentation.PER_FRAME
