"""The dissector for Wireshark: its verdict on each test vector is that of SPEC.md, and its fields are what was sent."""

from dataclasses import replace

import pytest

from chatproof_conformance.apps.tap.capture.capture import Capture
from chatproof_conformance.apps.tap.capture.packets import read_end
from chatproof_schemas import Direction, FrameVerdict, decode_frame, members_of, message_types, vectors
from chatproof_schemas.generate import dissector
from chatproof_schemas.generate.lua_text import lua_text
from chatproof_schemas.schemas import load_schema
from chatproof_schemas.transcript import Kind
from support.tshark import read_capture

KINDS = {Direction.CLIENT: Kind.CLIENT_DATA, Direction.SERVER: Kind.SERVER_DATA}
EXPERTS = {
    "chat.too_long": FrameVerdict.TOO_LONG,
    "chat.malformed": FrameVerdict.MALFORMED,
    "chat.unknown_type": FrameVerdict.INVALID,
    "chat.invalid": FrameVerdict.INVALID,
}
FIELDS = ("direction", "length", "type", "unknown_member", *{
    member: None
    for direction in Direction
    for name in message_types(direction)
    for member in members_of(direction, name).definitions
})  # fmt: skip


@pytest.fixture(scope="module")
def dissected(tmp_path_factory):
    """Each vector, with what tshark says of it."""
    path = tmp_path_factory.mktemp("vectors") / "vectors.pcapng"
    capture = Capture(path)
    connection = capture.connection(read_end("127.0.0.1", 40000), read_end("127.0.0.1", 12345), "")
    for vector in vectors():
        connection.append(KINDS[vector.direction], vector.frame + b"\n")
    capture.close()
    fields = ["tcp.len", "_ws.expert.message", "_ws.lua.error", *EXPERTS, *(f"chat.{name}" for name in FIELDS)]
    packets = [packet for packet in read_capture(path, 12345, fields) if packet["tcp.len"] != ["0"]]
    return list(zip(vectors(), packets, strict=True))


def shown(value):
    """Return a value as tshark writes it; Wireshark would end a text at a NUL."""
    return str(int(value)) if isinstance(value, bool) else value.replace("\0", "␀")


def verdict(packet):
    """Return what the expert information amounts to."""
    return next((verdict for field, verdict in EXPERTS.items() if field in packet), FrameVerdict.VALID)


@pytest.mark.needs("tshark")
def test_its_verdict_on_each_vector_is_a_right_one(dissected):
    wrong = {vector.id: packet for vector, packet in dissected if verdict(packet) not in vector.verdicts}
    assert wrong == {}
    assert not [packet for _, packet in dissected if "_ws.lua.error" in packet]
    assert {verdict(packet) for _, packet in dissected} == {*FrameVerdict}


@pytest.mark.needs("tshark")
def test_what_is_wrong_names_the_member_at_fault(dissected):
    found = 0
    for vector, packet in dissected:
        if vector.verdicts == (FrameVerdict.INVALID,) and vector.path:
            words = " ".join(packet["_ws.expert.message"])
            assert vector.path[1:] in words, vector.id
            found += 1
    assert found > 100


@pytest.mark.needs("tshark")
def test_the_direction_and_the_length_of_each_frame_are_fields(dissected):
    for vector, packet in dissected:
        assert packet["chat.direction"] == [vector.direction.value]
        assert packet["chat.length"] == [str(len(vector.frame))]


@pytest.mark.needs("tshark")
def test_the_members_of_each_valid_message_are_fields(dissected):
    for vector, packet in dissected:
        if vector.verdicts == (FrameVerdict.VALID,) and vector.frame.strip():
            message = decode_frame(vector.frame)
            known = members_of(vector.direction, message["type"]).definitions.keys() | {"type"}
            sent = {name: shown(message[name]) for name in known & message.keys()}
            assert {name: packet[f"chat.{name}"][0] for name in known & message.keys()} == sent, vector.id
            assert sorted(packet.get("chat.unknown_member", [])) == sorted(message.keys() - known)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"type": "string", "format": "email"}, r"dissector\.lua has no function for format; write one in its RULES"),
        ({"type": "integer"}, r"a member has the type integer; dissector\.lua handles string and boolean"),
        ({"type": "boolean"}, r"the member message has two types"),
    ],
)
def test_a_schema_that_the_dissector_cannot_handle_is_refused(changed, why, monkeypatch):
    common = load_schema("common")
    name = "text" if changed["type"] == "boolean" else "username"
    schema = {"$defs": {**common["$defs"], name: {"description": "changed", **changed}}}
    types = {**members_of(Direction.SERVER, "error").definitions, "message": "content"}
    monkeypatch.setattr(dissector, "load_schema", lambda _: schema)
    original = dissector.members_of

    def with_two_types(direction, name):
        found = original(direction, name)
        return replace(found, definitions=types) if name == "error" else found

    monkeypatch.setattr(dissector, "members_of", with_two_types)
    with pytest.raises(ValueError, match=why):
        dissector.dissector()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"a": [1, True], "not": '"', "b-c": {}}, '{ ["a"] = { 1, true }, ["not"] = "\\"", ["b-c"] = {} }'),
        (
            {"long": ["x" * 60, "y" * 60]},
            '{{\n    ["long"] = {{\n        "{}",\n        "{}",\n    }},\n}}'.format("x" * 60, "y" * 60),
        ),
        ("\\u", '"\\\\u"'),
    ],
)
def test_a_value_is_written_in_lua(value, written):
    assert lua_text(value) == written


def test_a_control_character_is_refused():
    with pytest.raises(ValueError, match="expected no control characters"):
        lua_text("\0")
