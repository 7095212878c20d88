"""What is recognised is valid, and nothing more is said of it: the slow judge is the measure, line by line."""

import json
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chatproof_schemas import Direction, load_schema, message_types, vectors
from chatproof_schemas.recognition.recogniser import MOST_SHAPES, UNRECOGNISED, Recogniser
from chatproof_schemas.recognition.shapes import ANY_GAPS, Gaps, Shape, gaps_of
from chatproof_schemas.validate.judging import judge
from chatproof_schemas.validate.lines import Line


def every_shape():
    for direction in Direction:
        for name in message_types(direction):
            schema = load_schema(f"{direction.value}/{name}")
            required = tuple(schema["required"])
            yield Shape(direction, name, required)
            for optional in schema["properties"].keys() - set(required):
                yield Shape(direction, name, (*required, optional))


SHAPES = tuple(every_shape())


def taught(shapes=SHAPES):
    recogniser = Recogniser(patience=1)
    for shape in shapes:
        recogniser.learn(shape)
    assert recogniser.shapes == list(shapes)
    return recogniser


RECOGNISER = taught()


def is_right_about(shape, frame):
    """Tell whether a frame is what a recogniser takes it for."""
    found = judge(Line(1, frame, len(frame)), [shape.direction])
    said = (found.problems, found.notes, found.type, set(found.members))
    return said == ((), (), shape.type, set(shape.members)) or found.problems[0].code == "frame_too_long"


def wrongly_recognised(frames, recogniser=RECOGNISER):
    frames = [frame for frame in frames if b"\n" not in frame]
    kinds = recogniser.kinds(b"".join(frame + b"\n" for frame in frames))
    assert len(kinds) == len(frames)
    pairs = [(recogniser.shapes[kind - 1], frame) for kind, frame in zip(kinds, frames, strict=True) if kind]
    return [frame for shape, frame in pairs if not is_right_about(shape, frame)]


def recognised(frame, recogniser=RECOGNISER):
    return recogniser.kinds(frame + b"\n") != bytes([UNRECOGNISED])


def test_every_type_can_be_recognised():
    for shape in SHAPES:
        for message in load_schema(f"{shape.direction.value}/{shape.type}")["examples"]:
            if message.keys() == set(shape.members):
                ordered = taught([Shape(shape.direction, shape.type, tuple(message))])
                for separators in ((",", ":"), (", ", ": ")):
                    for end in ("", "\r"):
                        assert recognised((json.dumps(message, separators=separators) + end).encode(), ordered)


def test_no_vector_is_taken_for_what_it_is_not():
    frames = [vector.frame for vector in vectors()]
    assert wrongly_recognised(frames) == []
    assert sum(map(recognised, frames)) > 50


MESSAGE = '{"type":"message","content":"%s"}'
JOIN = '{"type":"join","username":"%s"}'

TEXTS_OF_WRITERS = ["hi", "é", r"\u00e9", "艾达", r"\u827e é", r"\ud83d\ude00 é", r"a\n\\\"\/", r"\u003c"]
NAMES_OF_WRITERS = ["ann", "an n", "Зоя", r"\u0417\u043E\u044F", "😀", r"\ud83d\ude00", r"a\u0027b", "~"]
TEXTS_THAT_ARE_NONE = [r"\Ж", r"\Ж \u0416", r"\😀 \u0416", r"\é \u0416", r"\U00000041", r"\u041", r"\u", "\\"]
TEXTS_THAT_ARE_NONE += [r"\ud800", r"\ude00\ud83d", r"\ud83d", r"\ud83dx\ude00", "", "\t", "\x00", r"\x41"]
NAMES_THAT_ARE_NONE = ["", " a", "a ", r"\u0020a", r"a\u0020", r"a\n", r"\u000a", r"\u0000", r"\u007f", "\x7f"]
NAMES_THAT_ARE_NONE += ["\u200b", r"\u200b", r"\u2028", "\ufeff", r"\uFEFF", "\x85", r"\u0085", "a" * 33]
NAMES_THAT_ARE_NONE += [r"\u0416" * 33, r"\\" * 33, "😀" * 33, r"\ud83d\ude00" * 33, r"\ud83d" * 32]


@pytest.mark.parametrize(
    "frame",
    [
        *(MESSAGE % text for text in TEXTS_OF_WRITERS),
        *(JOIN % name for name in NAMES_OF_WRITERS),
        JOIN % (r"\\" * 32),
        JOIN % ("😀" * 32),
        '{ "type" : "message" , "content" : "hi" }\r',
        ' \t{"type":"message","content":"hi"} ',
    ],
)
def test_what_writers_write_is_recognised(frame):
    assert recognised(frame.encode())
    assert wrongly_recognised([frame.encode()]) == []


@pytest.mark.parametrize(
    "frame",
    [
        # An escape that would be a mark, a space, a letter or a literal if it were a character.
        r'{"type":"join","username":"a"}\u000d',
        r'\u0020{"type":"join","username":"a"}',
        r'\u007b"type":"join","username":"a"}',
        r'{"type"\u003a"join","username":"a"}',
        r'{"type":"message","content":"a\u0022,"x":"b"}',
        r'{"type":"message","content":"a\\u0022,"x":"b"}',
        r'{"type":"message","content":"a\\\u0022,"x":"b"}',
        r'{"type":"message","content":"\u005c"}"}',
        r'{"type":"private_confirmation","target":"a","content":"a","delivered":t\u0072ue,"timestamp":"14:30:25"}',
        *(MESSAGE % text for text in TEXTS_THAT_ARE_NONE),
        *(JOIN % name for name in NAMES_THAT_ARE_NONE),
        # Shapes that are none.
        '{"type":"join","username":"a","username":"a"}',
        '{"type":"join","username":"a","x":1}',
        '{"type":"join","username":"a",}',
        '{"type":"join","username":"a"}{"type":"join","username":"a"}',
        '{"type":"join","username":"a"}\x0b',
        '{"type":"join"}',
        '{"type":"system","message":"a","timestamp":"24:00:00"}',
        '{"type":"system","message":"a","timestamp":"14:30:2\uff15"}',
        '{"type":"error","message":"a","code":"no_such_code"}',
    ],
)
def test_what_is_in_doubt_is_left_to_the_judge(frame):
    assert not recognised(frame.encode())


MARKS = [*'{}[]:," \t\r~aZ\\/u0é艾😀\x7f\x00\u2028', r"\"", r"\\", "u0022"]
WORDS = ['"type"', '"message"', '"content"', '"join"', '"username"', "true", '"timestamp"', '"14:30:25"']
UNITS = ["0022", "005c", "005C", "000a", "0020", "0041", "00e9", "0085", "2028", "0416", "d83d", "de00", "D83D"]
ESCAPES = [*(rf"\u{unit}" for unit in UNITS), r"\U0001f600", r"\U00000022", r"\ud83d\ude00"]
PIECES = st.sampled_from(MARKS + WORDS + ESCAPES)
TEXTS = st.lists(PIECES | st.characters(codec="utf-8"), max_size=12).map("".join)
VALUES = st.one_of(TEXTS.map('"{}"'.format), PIECES, st.text().map(json.dumps), st.just('"14:30:25"'), st.just("true"))


@st.composite
def near_frames(draw):
    """Lines that look like messages, with any amount of damage: members, marks, escapes, bytes."""
    shape = draw(st.sampled_from(SHAPES))
    members = draw(st.permutations(shape.members)) if draw(st.integers(0, 3)) == 0 else shape.members
    values = (f'"{shape.type}"' if name == "type" else draw(VALUES) for name in members)
    gap = draw(st.sampled_from(["", " ", "  ", "\t"]))
    text = "{" + f",{gap}".join(f'"{name}":{gap}{value}' for name, value in zip(members, values, strict=True)) + "}"
    if draw(st.booleans()):
        at = draw(st.integers(0, len(text)))
        text = text[:at] + draw(PIECES) + text[at + draw(st.integers(0, 2)) :]
    frame = text.encode().replace(b"\n", b" ")
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(frame)))
        frame = frame[:at] + draw(st.binary(min_size=1, max_size=2)).replace(b"\n", b"") + frame[at + 1 :]
    return frame


ANY_ORDER = taught([*SHAPES, *(Shape(shape.direction, shape.type, shape.members[::-1]) for shape in SHAPES)])


@settings(max_examples=300)
@given(st.lists(near_frames(), min_size=1, max_size=30))
def test_what_is_recognised_among_generated_lines_is_valid(frames):
    assert wrongly_recognised(frames, ANY_ORDER) == []
    one_by_one = b"".join(ANY_ORDER.kinds(frame + b"\n") for frame in frames)
    assert ANY_ORDER.kinds(b"".join(frame + b"\n" for frame in frames)) == one_by_one


@pytest.mark.parametrize(
    ("frame", "gaps"),
    [
        (b'{"type":"join","username":"ann"}\r', Gaps("", "", "", "", "")),
        (b'{"username": "ann", "type": "join"}', Gaps("", "", " ", "", " ")),
        (b' { "type" :"join" ,"username" :"ann" }', Gaps(" ", " ", "", " ", "")),
        (b'{"username":"\\u0061nn","type":"join"}', ANY_GAPS),
        (b'{"type":  "join","username":"ann"}', ANY_GAPS),
    ],
)
def test_the_gaps_of_a_writer_are_learned(frame, gaps):
    assert gaps_of(frame) == gaps
    assert recognised(frame, taught([Shape(Direction.CLIENT, "join", members_of(frame), gaps)])) == (b"  " not in frame)


def members_of(frame):
    return tuple(json.loads(frame))


def test_a_writer_that_mixes_gaps_is_recognised_in_the_end():
    frame = b'{"type":"message","content": "hi"}'
    shape = Shape(Direction.CLIENT, "message", ("type", "content"), Gaps("", "", "", "", ""))
    recogniser = taught([shape])
    assert not recognised(frame, recogniser)
    recogniser.learn(shape)
    assert recognised(frame, recogniser)
    assert wrongly_recognised([frame, b'{"type":"message","content": ""}'], recogniser) == []


def test_one_bad_line_does_not_hide_the_others():
    good = b'{"type":"message","content":"hi"}\n'
    for bad in (b"\xff\n", b'"\\u12"\n'):
        block = good * 50 + bad + good * 49
        assert RECOGNISER.kinds(block).count(UNRECOGNISED) == 1
        assert RECOGNISER.kinds(block)[50] == UNRECOGNISED
    assert RECOGNISER.kinds(b"\xff\n") == bytes([UNRECOGNISED])
    assert RECOGNISER.kinds(b"\xff\n" * 3) == bytes([UNRECOGNISED] * 3)


def test_only_valid_shapes_are_learned_and_not_without_end():
    recogniser = Recogniser()
    assert recogniser.kinds(b"{}\n{}\n") == bytes([UNRECOGNISED] * 2)
    for members in (("type",), ("type", "username", "username"), ("type", "username", "more")):
        recogniser.learn(Shape(Direction.CLIENT, "join", members))
    assert recogniser.shapes == []
    for members in permutations(("type", "target", "content", "delivered", "timestamp")):
        recogniser.learn(Shape(Direction.SERVER, "private_confirmation", members))
    assert len(recogniser.shapes) == MOST_SHAPES
