"""What a template takes is valid, and its group is the content: the schemas and the decoder are the measure."""

import json
import random
import re

import pytest

from chatproof_schemas import Direction, FrameRefused, decode_frame, read_frame, read_valid, vectors
from chatproof_schemas.recognition.templates import template_of
from support.written_frames import damaged, frames


def template(frame, name="message"):
    found = template_of(frame, Direction.CLIENT, name)
    return re.compile(found) if found else None


def is_message(message):
    return isinstance(message, dict) and message.get("type") == "message"


def valid_messages(written):
    """Return the public messages of clients among frames."""
    return (frame for frame in written if is_message(read_valid(frame, Direction.CLIENT)))


def wrongly_taken(form, frame):
    """Return what is taken of a frame, if it is not what the frame says."""
    found = form.fullmatch(frame)
    try:
        frame.decode()
    except UnicodeDecodeError:
        return None
    if not found or len(frame) > 1024:
        return None
    try:
        message = read_frame(frame, Direction.CLIENT)
    except FrameRefused as refusal:
        return str(refusal)
    return None if is_message(message) and decode_frame(found[1]) == message["content"] else found[1]


@pytest.mark.parametrize(
    "frame",
    [
        b'{"type":"message","content":"hi"}',
        b'  { "content" :\t"a\\"\\u00e9" , "type":"m\\u0065ssage"} \r',
        b'{"type":"message","c\\u006fntent":"hi","by":{"app":{"a":[{}]}},"tags":[]}',
        b'{"a":"","b":-0.5e7,"c":null,"d":[true,[false]],"e":{"content":"x"},"content":"hi","type":"message"}',
        b'{"\\"":1,"\\\\":2,":,":"{[","username":7,"target":[],"type":"message","content":"}]"}',
    ],
)
def test_a_message_has_a_template_that_takes_it_and_gives_its_content(frame):
    assert json.loads(template(frame).fullmatch(frame)[1]) == json.loads(frame)["content"]


def test_a_template_takes_other_values_and_no_other_text():
    form = template(b'{"type": "message", "content": "hi", "by": {"id": 7, "on": ["a"]}}')
    written = b'{"type": "message", "content": "%s", "by": {"id": %s, "on": [%s]}}'
    for content, number, name in ((b"\\ud83d\\ude42", b'"x"', b"null"), ("é 🙂".encode(), b"-1.5E+3", b"true")):
        assert form.fullmatch(written % (content, number, name))
    for content, number, name in (
        (b"", b"7", b'"a"'),
        (b"\\ud83d", b"7", b'"a"'),
        (b"a\tb", b"7", b'"a"'),
        (b"\\x", b"7", b'"a"'),
        (b"hi", b"NaN", b'"a"'),
        (b"hi", b"07", b'"a"'),
        (b"hi", b"7", b'"\\ude00"'),
        (b"hi", b"{}", b'"a"'),
        (b"hi", b"7", b'"a","b"'),
        (b"hi", b'7, "id": 7', b'"a"'),
        (b'hi", "type": "message', b"7", b'"a"'),
    ):
        assert not form.fullmatch(written % (content, number, name))
    assert not form.fullmatch(written.replace(b"message", b"join") % (b"hi", b"7", b'"a"'))
    assert not form.fullmatch(written.replace(b", ", b",", 1) % (b"hi", b"7", b'"a"'))


def test_what_is_long_or_has_other_rules_has_no_template():
    message = {"type": "message", "content": "x" * 900}
    assert template(json.dumps(message | {f"m{number}": 0 for number in range(7)}).encode())
    assert not template(json.dumps(message | {f"m{number}": 0 for number in range(8)}).encode())
    assert not template(json.dumps(message | {"m" * 250: 0}).encode())
    assert not template(b'{"type":"join","username":"a"}', "join")


def test_the_valid_messages_of_all_vectors_have_templates_that_take_what_is_valid_only():
    every = [vector.frame for vector in vectors() if vector.direction is Direction.CLIENT and b"\n" not in vector.frame]
    forms = {form for frame in valid_messages(every) if (form := template(frame))}
    assert len(forms) > 5
    assert [(form, frame) for form in forms for frame in every if wrongly_taken(form, frame)] == []


def check(templates, near):
    """Try many templates, each on frames that are nearly those by it."""
    chance = random.Random(26)
    taken = 0
    written = valid_messages(frame for _, frame in frames(10**9) if b"\n" not in frame)
    for frame in (next(written) for _ in range(templates)):
        if not (form := template(frame)):
            continue
        assert not wrongly_taken(form, frame)
        assert form.fullmatch(frame)
        for _ in range(near):
            other = damaged(frame, chance)
            assert not wrongly_taken(form, other), (frame, other)
            taken += bool(form.fullmatch(other))
    assert taken > templates


def test_frames_that_are_nearly_by_a_template_are_taken_if_they_are_valid_only():
    check(200, 50)


@pytest.mark.long("compiles 1,000 templates, and tries each on 100 frames")
def test_very_many_frames_that_are_nearly_by_a_template_are_taken_if_they_are_valid_only():
    check(1_000, 100)
