"""Each frame gets one verdict: from the schemas in Rust and in Python, from our own rules, and by its shape."""

import functools
from dataclasses import fields

from chatproof_reference.server import requests
from chatproof_reference.server.templates import Templates
from chatproof_schemas import (
    CLIENT_FRAME_BYTES,
    Direction,
    FrameRefused,
    decode_frame,
    find_problems,
    read_frame,
    validation,
    vectors,
)
from chatproof_schemas.recognition.recogniser import UNRECOGNISED, Recogniser
from chatproof_schemas.recognition.shapes import Shape
from chatproof_schemas.validate.judging import judge
from chatproof_schemas.validate.lines import Line
from fuzz.targets.decoder import is_too_deep_for_others
from support.other_judges import verdict_of_others, verdict_of_ours

WRITTEN = (
    b'{"content": "x", "type": "message"}',
    b'{"type":"message","by":{"app":"x","tags":["a"]},"content":"x"}',
    b'{"c\\u006fntent":"x" , "id":7, "type":"message"}',
)
CODES = ("frame_too_long", "malformed_json", "invalid_message", "unknown_type", "username_invalid")


def seeds():
    return (vector.frame for vector in vectors() if len(vector.frame) <= CLIENT_FRAME_BYTES + 1)


def check(data):
    for direction in Direction:
        if not is_too_deep_for_others(data):
            assert verdict_of_ours(data, direction) is verdict_of_others(data, direction)
        check_problems(data, direction)
    check_request(data)
    check_shape(data.replace(b"\n", b" "))


def check_problems(data, direction):
    try:
        message = read_frame(data, direction)
    except FrameRefused as refusal:
        places = [CODES.index(problem.code) for problem in refusal.problems]
        assert places
        assert places == sorted(places), "not in the order of precedence"
        assert all(str(problem).isprintable() for problem in refusal.problems)
    else:
        assert find_problems(message, direction) == ()
    try:
        message = decode_frame(data)
    except FrameRefused:
        return
    assert find_problems(message, direction) == problems_of_jsonschema(message, direction)


def problems_of_jsonschema(message, direction):
    quick = validation.is_valid, validation.find_violations
    validation.is_valid, validation.find_violations = (lambda *_: False), (lambda *_: None)
    try:
        return find_problems(message, direction)
    finally:
        validation.is_valid, validation.find_violations = quick


class ValidNames:
    """All names that a user may have joined with."""

    def __contains__(self, name):
        return not find_problems({"type": "join", "username": name}, Direction.CLIENT)


def check_request(data):
    """What the server recognises is what the schemas make of it, and all that they take."""
    if len(data) > 1024 or b"\n" in data:  # the wire cuts there
        return
    judged = requests.judge(data)
    for templates in (Templates(), taught()):
        read = requests.read_requests([data], ValidNames(), templates)
        if read is None:
            assert isinstance(judged, requests.Refused)
            continue
        (request,) = read
        assert type(request) is type(judged)
        for member in fields(judged):
            ours, theirs = (as_text(getattr(one, member.name)) for one in (request, judged))
            assert ours == theirs


def as_text(value):
    """Return what a member of a request says: contents are JSON texts."""
    texts = [value] if isinstance(value, bytes) else value
    return value if isinstance(value, str) else [decode_frame(text) for text in texts]


@functools.cache
def taught():
    """Return templates of some ways to write that no client of ours has."""
    known = Templates()
    for frame in WRITTEN:
        known.learn(frame, 10**6)
    return known


@functools.cache
def recogniser():
    """Return what `chatproof validate` has learned after each valid vector."""
    learned = Recogniser(patience=1)
    for vector in vectors():
        judged = judge(Line(1, vector.frame, len(vector.frame)), (vector.direction,))
        if not judged.problems and not judged.notes:
            learned.learn(Shape(vector.direction, judged.type, judged.members))
    return learned


def check_shape(frame):
    """What `validate` recognises by its shape is a valid message of that type, with nothing to note."""
    (kind,) = recogniser().kinds(frame + b"\n")
    if kind == UNRECOGNISED:
        return
    shape = recogniser().shapes[kind - 1]
    judged = judge(Line(1, frame, len(frame)), (shape.direction,))
    assert not judged.notes
    assert [problem.code for problem in judged.problems] in ([], ["frame_too_long"])
    assert judged.type == shape.type or judged.problems
