"""The union schemas, in files and in one, give one verdict in three languages, and name the member at fault."""

import json
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from chatproof_schemas import (
    Direction,
    FrameVerdict,
    decode_frame,
    find_problems,
    load_schema,
    message_types,
    vectors,
)
from support import node_packages

AJV = Path(__file__).parent / "ajv"
BUNDLE = load_schema("chatproof.bundle")
ENTRIES = {
    "files": {direction: load_schema(direction.value)["$id"] for direction in Direction},
    "bundle": {direction: f"{BUNDLE['$id']}#/$defs/{direction.value}" for direction in Direction},
}
"""Where the messages of a direction are judged: in the file of its union, or by one file for all."""
SCHEMAS = [
    BUNDLE,
    load_schema("common"),
    *(load_schema(direction.value) for direction in Direction),
    *(load_schema(f"{direction.value}/{name}") for direction in Direction for name in message_types(direction)),
]


def is_for_a_schema(vector):
    """Tell whether the verdict is the schema's: a frame that a parser may refuse does not always get there."""
    return {FrameVerdict.MALFORMED, FrameVerdict.TOO_LONG}.isdisjoint(vector.verdicts)


VECTORS = [vector for vector in vectors() if is_for_a_schema(vector)]


def should_be_valid(vector):
    return FrameVerdict.VALID in vector.verdicts


def place(vector):
    """Return where an engine reports the fault: at the member, or at the object that lacks it."""
    message = decode_frame(vector.frame)
    return vector.path if isinstance(message, dict) and vector.path.lstrip("/") in message else ""


def judge(refused_by):
    """Return the vectors' ids where an engine's verdict or its places are not the vector's."""
    wrong = []
    for vector, places in zip(VECTORS, refused_by, strict=True):
        right_place = vector.path is None or place(vector) in places
        if (not places) != should_be_valid(vector) or (places and not right_place):
            wrong.append((vector.id, places))
    return wrong


def pointer(path):
    return "".join(f"/{step}" for step in path)


def test_most_vectors_are_compared():
    assert len(VECTORS) > 500


@pytest.mark.parametrize("form", ENTRIES)
def test_python_jsonschema_agrees(form):
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS)
    validators = {key: Draft202012Validator({"$ref": id_}, registry=registry) for key, id_ in ENTRIES[form].items()}
    refused = [
        [pointer(error.absolute_path) for error in validators[vector.direction].iter_errors(decode_frame(vector.frame))]
        for vector in VECTORS
    ]
    assert judge(refused) == []


@pytest.mark.parametrize("form", ENTRIES)
def test_jsonschema_rs_agrees(form):
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in SCHEMAS])
    judges = jsonschema_rs.Draft202012Validator
    validators = {key: judges({"$ref": id_}, registry=registry) for key, id_ in ENTRIES[form].items()}
    refused = [
        [pointer(error.instance_path) for error in validators[vector.direction].iter_errors(decode_frame(vector.frame))]
        for vector in VECTORS
    ]
    assert judge(refused) == []


@pytest.fixture(scope="session")
def ajv_folder(tmp_path_factory):
    return node_packages.install(AJV, tmp_path_factory)


@pytest.mark.needs("node", "npm")
def test_ajv_agrees(ajv_folder):
    for entries in ENTRIES.values():
        cases = [{"schema": entries[vector.direction], "text": vector.frame.decode()} for vector in VECTORS]
        refused = node_packages.run(ajv_folder, "judge.mjs", json.dumps({"schemas": SCHEMAS, "cases": cases}))
        assert judge(refused) == []


def test_the_bundle_itself_takes_what_is_valid_in_either_direction():
    validator = Draft202012Validator(BUNDLE)
    judged = {True: 0, False: 0}
    for vector in VECTORS:
        message = decode_frame(vector.frame)
        valid = any(not find_problems(message, direction) for direction in Direction)
        assert validator.is_valid(message) == valid, vector.id
        judged[valid] += 1
    assert min(judged.values()) > 100


@pytest.mark.parametrize("direction", Direction)
def test_schemas_are_valid_schemas(direction):
    Draft202012Validator.check_schema(load_schema("common"))
    Draft202012Validator.check_schema(BUNDLE)
    for name in (direction.value, *(f"{direction.value}/{name}" for name in message_types(direction))):
        Draft202012Validator.check_schema(load_schema(name))
