import json
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_conformance.space.acts import acts
from chatproof_conformance.space.drawn import drawn_acts
from chatproof_conformance.space.room import Room
from chatproof_reference.server.requests import Join, Refused, Say, SayPrivately, judge, parse, recognise
from chatproof_schemas import CLIENT_FRAME_BYTES, vectors
from support.written_frames import frames

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
    return texts(one) == texts(other) and getattr(one, "target", 0) == getattr(other, "target", 0)


def texts(request):
    """Return the contents of a request as strings."""
    return [json.loads(content) for content in (request.contents if isinstance(request, Say) else (request.content,))]


def agrees(frame):
    """Whether what is recognised, or parsed, is what the schemas take."""
    if len(frame) > CLIENT_FRAME_BYTES:
        return True
    judged = judge(frame)
    by_form, by_parsing = recognise(frame, NAMES), parse(frame)
    valid = not isinstance(judged, Refused)
    return (same(by_parsing, judged) if valid else not by_parsing) and (not by_form or same(by_form, judged))


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
    assert recognise(b'{"type": "message", "content": "hi\\n\\ud83d\\ude00"}\r', NAMES) == Say(
        (b'"hi\\n\\ud83d\\ude00"',)
    )
    private = '{"type":"private_message","target":"é","content":"x"}'.encode()
    assert recognise(private, NAMES) == SayPrivately("é", b'"x"')
    assert recognise(private, set()) is None
    assert recognise(b'{"type":"message","content":""}', NAMES) is None
    assert recognise(b'{"type":"message","content":"\\ud800"}', NAMES) is None


@pytest.mark.parametrize(
    ("frame", "request_"),
    [
        (b' {"content" : "hi" ,\t"type" : "message" }\r', Say((b'"hi"',))),
        (b'{"id":7,"type":"message","at":null,"content":"hi","x":-1.5e3,"y":"\\"","z":true}', Say((b'"hi"',))),
        (b'{"1":1,"2":2,"3":3,"4":4,"5":5,"6":6,"7":7,"type":"message","content":"hi"}', Say((b'"hi"',))),
        (b'{"type":"message","content":"hi","by":{"app":{"a":[{}]}},"tags":[]}', Say((b'"hi"',))),
        (b'{"type":"m\\u0065ssage","c\\u006fntent":"hi"}', Say((b'"hi"',))),
        (b'{"target":"\\u00e9","content":"hi","type":"private_message"}', SayPrivately("é", b'"hi"')),
        (b'{"content":"hi","type":"private_message","target":"absent"}', SayPrivately("absent", b'"hi"')),
        (b'{"username":"b\\u006fb","type":"join"}', Join("bob")),
        (b'{"type":"message","content":"hi",}', None),
        (b'{"type":"message","content":"hi"}}', None),
        (b'{"type":"message","content":"hi","type":"message"}', None),
        (b'{"type":"message","content":"hi","c\\u006fntent":"hi"}', None),
        (b'{"a":1,"type":"message","content":"hi","a":1}', None),
        (b'{"a":1,"b":1,"c":1,"type":"message","content":"hi","d":1,"e":1,"f":1,"a":1}', None),
        (b'{"type":"message","content":"hi","by":{"a":1,"a":2}}', None),
        (b'{"type":"message","content":"hi","by":[{"a":1,"a":2}]}', None),
        (b'{"type":"message","content":"hi","n":01}', None),
        (b'{"type":"message","content":"hi","n":NaN}', None),
        (b'{"type":"message","content":"hi","n":"\\ud800"}', None),
        (b'{"type":"message","content":"hi","\xff":1}', None),
        (b'{"type":"private_message","target":" x","content":"hi"}', None),
        (b'{"type":"join","username":"a\\u200bb"}', None),
    ],
)
def test_spelling_makes_no_difference(frame, request_):
    assert (recognise(frame, NAMES) or parse(frame)) == request_
    assert agrees(frame)


def test_generated_frames_are_understood_as_the_schemas_judge_them():
    assert [frame for _, frame in frames(3_000) if not agrees(frame)] == []


@pytest.mark.long("judges 100,000 frames twice")
def test_very_many_generated_frames_are_understood_as_the_schemas_judge_them():
    assert [frame for _, frame in frames(100_000) if not agrees(frame)] == []


ROOM = Room("tok", "Alice", tuple(sorted(NAMES)))


def test_every_act_of_the_harness_is_understood_as_the_schemas_judge_it():
    every = [*chain.from_iterable(acts().values()), *drawn_acts(1, 500)]
    assert len(every) > 1000
    assert [act.label for act in every if not agrees(act.write(ROOM))] == []
