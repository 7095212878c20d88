import json
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.space.acts import acts
from chatproof_conformance.space.drawn import drawn_acts
from chatproof_conformance.space.room import Room
from chatproof_reference.server.requests import Say, SayPrivately, judge, recognise
from chatproof_schemas import CLIENT_FRAME_BYTES, vectors

NAMES = {"Alice", "é", "bob"}
PIECES = st.sampled_from(
    [
        '"',
        "\\",
        "\\u",
        "d83d",
        "\\ud83d",
        "\\ude00",
        "\\u0000",
        "{",
        "}",
        ":",
        ",",
        " ",
        "\t",
        "\r",
        "\n",
        "\x00",
        "\x7f",
        '"type"',
        '"content"',
        '"target"',
        '"message"',
        '"private_message"',
        '"Alice"',
        '"x"',
        "é",
        "😀",
        "\ufeff",
    ]
)
TEXTS = st.text() | st.lists(PIECES).map("".join)


def same(one, other):
    """Whether two requests mean the same, however their contents are written."""
    if type(one) is not type(other) or not isinstance(one, (Say, SayPrivately)):
        return one == other
    return json.loads(one.content) == json.loads(other.content) and getattr(one, "target", 0) == getattr(
        other, "target", 0
    )


def agrees(frame):
    return len(frame) > CLIENT_FRAME_BYTES or same((recognise(frame, NAMES) or judge(frame)), judge(frame))


def test_every_vector_is_understood_as_the_schemas_judge_it():
    for vector in vectors():
        assert agrees(vector.frame), vector.id


@given(TEXTS, TEXTS, st.booleans(), st.sampled_from([None, (",", ":"), (" , ", " : ")]))
def test_every_written_message_is_understood_as_the_schemas_judge_it(content, target, ascii_only, separators):
    for message in (
        {"type": "message", "content": content},
        {"content": content, "type": "message"},
        {"type": "message", "content": content, "username": target},
        {"type": "private_message", "target": target, "content": content},
        {"type": "private_message", "target": "é", "content": content},
    ):
        assert agrees(
            json.dumps(message, ensure_ascii=ascii_only, separators=separators).encode("utf-8", "surrogatepass")
        )


@given(TEXTS)
def test_every_near_message_is_understood_as_the_schemas_judge_it(text):
    for frame in (f'{{"type":"message","content":"{text}"}}', f'{{"type":"message","content":{text}}}', text):
        assert agrees(frame.encode("utf-8", "surrogatepass"))
        assert agrees(frame.encode("utf-16-le"))


@given(st.binary(max_size=20))
def test_bytes_that_are_not_utf_8_are_not_recognised(tail):
    assert agrees(b'{"type":"message","content":"' + tail + b'"}')


def test_the_frequent_frames_are_recognised():
    assert recognise(b'{"type": "message", "content": "hi\\n\\ud83d\\ude00"}\r', NAMES) == Say(b'"hi\\n\\ud83d\\ude00"')
    private = '{"type":"private_message","target":"é","content":"x"}'.encode()
    assert recognise(private, NAMES) == SayPrivately("é", b'"x"')
    assert recognise(private, set()) is None
    assert recognise(b'{"type":"message","content":""}', NAMES) is None
    assert recognise(b'{"type":"message","content":"\\ud800"}', NAMES) is None


ROOM = Room("tok", "Alice", tuple(sorted(NAMES)))


def test_every_act_of_the_harness_is_understood_as_the_schemas_judge_it():
    every = [*chain.from_iterable(acts().values()), *drawn_acts(1, 500)]
    assert len(every) > 1000
    assert [act.label for act in every if not agrees(act.write(ROOM))] == []
