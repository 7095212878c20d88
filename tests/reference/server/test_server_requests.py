import json

from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.generation import client_frames as generated
from chatproof_conformance.generation.text import contents, invalid_names, name_cores
from chatproof_reference.server.requests import Say, SayPrivately, judge, recognise, understand
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
    return len(frame) > CLIENT_FRAME_BYTES or same(understand(frame, NAMES), judge(frame))


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


SOUND = st.builds(
    lambda content, target, more: [
        {"type": "message", "content": content} | more,
        more | {"type": "private_message", "target": target, "content": content},
    ],
    contents(),
    st.sampled_from(sorted(NAMES)) | name_cores() | invalid_names(),
    generated.extra_members(),
)
BROKEN = st.lists(generated.missing_or_wrong_types() | generated.broken_members("bob"), max_size=2)


@given(SOUND | BROKEN)
def test_every_message_that_the_harness_generates_is_understood_as_the_schemas_judge_it(messages):
    for message in messages:
        assert agrees(generated.encoded(message))


def test_every_frame_that_the_harness_knows_to_be_none_is_understood_as_the_schemas_judge_it():
    for group in (generated.NOT_JSON, generated.NEAR_JSON, generated.NOT_UTF8, generated.LONE_SURROGATES):
        assert all(map(agrees, group))
    assert all(map(agrees, generated.DUPLICATES + generated.NOT_OBJECTS))
