"""The union schemas give one verdict in three languages' validators, and name the member at fault."""

import json
import shutil
import subprocess
from pathlib import Path

import jsonschema_rs
import pytest
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from chatproof_schemas import Direction, FrameVerdict, decode_frame, load_schema, message_types, vectors

AJV = Path(__file__).parent / "ajv"
ROOTS = {direction: load_schema(direction.value) for direction in Direction}
SCHEMAS = [
    load_schema("common"),
    *ROOTS.values(),
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


def test_python_jsonschema_agrees():
    registry = Registry().with_resources((schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS)
    validators = {key: Draft202012Validator(root, registry=registry) for key, root in ROOTS.items()}
    refused = [
        [pointer(error.absolute_path) for error in validators[vector.direction].iter_errors(decode_frame(vector.frame))]
        for vector in VECTORS
    ]
    assert judge(refused) == []


def test_jsonschema_rs_agrees():
    registry = jsonschema_rs.Registry([(schema["$id"], schema) for schema in SCHEMAS])
    validators = {key: jsonschema_rs.Draft202012Validator(root, registry=registry) for key, root in ROOTS.items()}
    refused = [
        [pointer(error.instance_path) for error in validators[vector.direction].iter_errors(decode_frame(vector.frame))]
        for vector in VECTORS
    ]
    assert judge(refused) == []


@pytest.fixture(scope="session")
def ajv_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ajv")
    for name in ("package.json", "judge.mjs"):
        shutil.copy(AJV / name, folder)
    command = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=300)
    return folder


@pytest.mark.needs("node", "npm")
def test_ajv_agrees(ajv_folder):
    cases = [{"schema": ROOTS[vector.direction]["$id"], "text": vector.frame.decode()} for vector in VECTORS]
    done = subprocess.run(
        ["node", "judge.mjs"],
        cwd=ajv_folder,
        input=json.dumps({"schemas": SCHEMAS, "cases": cases}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.stderr == ""
    assert judge(json.loads(done.stdout)) == []


@pytest.mark.parametrize("direction", Direction)
def test_schemas_are_valid_schemas(direction):
    Draft202012Validator.check_schema(load_schema("common"))
    for name in (direction.value, *(f"{direction.value}/{name}" for name in message_types(direction))):
        Draft202012Validator.check_schema(load_schema(name))
