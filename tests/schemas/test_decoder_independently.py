"""Reference and harness decode and judge frames by the same code: it is held here against parsers and judges of others.

jiter and jsonschema-rs (Rust) read and judge each frame with none of our code but the schemas; JavaScript's own decoder
and parser say what is JSON.
"""

import base64
import json
import random
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chatproof_schemas import Direction, FrameRefused, decode_frame, vectors
from support import node_packages
from support.other_judges import REFUSED, decoded, verdict_of_others, verdict_of_ours

JSON_PARSE = Path(__file__).parent / "json_parse"
# What turns JSON into near-JSON, and a message into one that is not valid, or is in other words.
EDITS = [
    *(bytes([byte]) for byte in b'{}[]:,"\\01-+.eE \t\r\x00\x7f\xff\xc3\xed'),
    "é".encode(),
    "\u2028".encode(),
    b"null",
]
EDITS += [
    b"\\ud83d",
    b"\\ude00",
    b"\\u0061",
    b'"type":',
    b'"a":1,',
    b'"a":1,"a":2,',
    b"NaN",
    b"1e400",
    b"\xf0\x9f\x99\x82",
]
FRAMES = [vector.frame for vector in vectors() if len(vector.frame) < 300]


def edited(frame, edits):
    for place, size, piece in edits:
        at = place % (len(frame) + 1)
        frame = frame[:at] + piece + frame[at + size :]
    return frame


NEAR_MESSAGES = st.builds(
    edited,
    st.sampled_from(FRAMES),
    st.lists(st.tuples(st.integers(0, 300), st.integers(0, 3), st.just(b"") | st.sampled_from(EDITS)), max_size=4),
)


def test_others_give_each_vector_a_verdict_that_it_permits():
    found = {vector.id: verdict_of_others(vector.frame, vector.direction) for vector in vectors()}
    assert [vector.id for vector in vectors() if found[vector.id] not in vector.verdicts] == []
    sure = [vector for vector in vectors() if len(vector.verdicts) == 1]
    ours = {vector.id: verdict_of_ours(vector.frame, vector.direction) for vector in sure}
    assert {id_: verdict for id_, verdict in ours.items() if verdict is not found[id_]} == {}


@given(NEAR_MESSAGES, st.sampled_from(Direction))
@example(b'{"type":"message","content":"x","n":1e400}', Direction.CLIENT)
@example(b'{"type":"message","content":"x","content":"y"}', Direction.CLIENT)
@example(rb'{"type":"message","content":"\ud83d\ude00"}', Direction.CLIENT)
@example(rb'{"type":"message","content":"\ude00\ud83d"}', Direction.CLIENT)
@example(b'\xef\xbb\xbf{"type":"message","content":"x"}', Direction.CLIENT)
def test_near_messages_get_the_same_value_and_verdict_from_others(frame, direction):
    theirs = decoded(frame)
    try:
        ours = decode_frame(frame)
    except FrameRefused:
        ours = REFUSED
    assert repr(ours) == repr(theirs)
    assert verdict_of_ours(frame, direction) is verdict_of_others(frame, direction)


@pytest.mark.needs("node")
def test_javascript_takes_the_same_frames_for_json():
    chance = random.Random(7)
    frames = [vector.frame for vector in vectors() if len(vector.verdicts) == 1]
    for _ in range(5_000):
        edits = [(chance.randrange(300), chance.randrange(4), chance.choice([b"", *EDITS])) for _ in range(2)]
        frames.append(edited(chance.choice(FRAMES), edits))
    texts = json.dumps([base64.b64encode(frame).decode() for frame in frames])
    theirs = node_packages.run(JSON_PARSE, "parse.mjs", texts)
    ours = [is_decoded(frame) for frame in frames]
    assert [frame for frame, left, right in zip(frames, ours, theirs, strict=True) if left is not right] == []
    assert 1_000 < sum(theirs) < len(frames) - 1_000


def is_decoded(frame):
    try:
        decode_frame(frame)
    except FrameRefused:
        return False
    return True
