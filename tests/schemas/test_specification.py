"""The text of the specification: its examples are valid, and it names what the schemas name."""

import json
import re
from importlib.resources import files

import pytest

from chatproof_schemas import Direction, find_problems, load_schema, message_types

TEXT = files("chatproof_schemas").joinpath("SPEC.md").read_text("utf-8")
MESSAGES = TEXT[TEXT.index("## 4. Messages") : TEXT.index("## 5. ")]
CLIENT_PART, SERVER_PART = MESSAGES.split("### From server to client")
PARTS = {Direction.CLIENT: CLIENT_PART, Direction.SERVER: SERVER_PART}


def examples(part):
    return [json.loads(block) for block in re.findall(r"```json\n(.+?)\n```", part, re.DOTALL)]


@pytest.mark.parametrize("direction", Direction)
def test_every_type_has_examples_and_all_are_valid(direction):
    found = examples(PARTS[direction])
    assert {example["type"] for example in found} == set(message_types(direction))
    assert [problem for example in found for problem in find_problems(example, direction)] == []


@pytest.mark.parametrize("direction", Direction)
def test_members_tables_say_what_the_schemas_say(direction):
    for section in PARTS[direction].split("\n#### ")[1:]:
        rows = re.findall(r"^\| `(\w+)` \| .+ \| (required|optional) \|$", section, re.MULTILINE)
        schema = load_schema(f"{direction.value}/{section.split()[0]}")
        assert {name for name, _ in rows} == set(schema["properties"])
        assert {name for name, need in rows if need == "required"} == set(schema["required"])


@pytest.mark.parametrize("direction", Direction)
def test_examples_in_the_schemas_are_valid(direction):
    for name in message_types(direction):
        for example in load_schema(f"{direction.value}/{name}")["examples"]:
            assert find_problems(example, direction) == ()


def test_error_codes_are_those_of_the_schema_in_order_of_precedence():
    errors = TEXT[TEXT.index("## 11. ") : TEXT.index("## 12. ")]
    assert re.findall(r"^\| `(\w+)` \|", errors, re.MULTILINE) == load_schema("common")["$defs"]["code"]["enum"]
