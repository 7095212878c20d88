"""Each spelling reads as the message that it spells."""

import pytest

from chatproof_conformance.space.spellings import SPELLINGS, plain
from chatproof_schemas import decode_frame

MESSAGE = {"type": "message", "content": 'é🙂\n"\\', "x": [1, {"a": None}]}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_spellings_mean_the_same_and_are_written_differently(spelling):
    frame = SPELLINGS[spelling](MESSAGE)
    assert decode_frame(frame) == MESSAGE
    assert frame != plain(MESSAGE)
    assert b"\n" not in frame
    assert len(frame) < 1024
