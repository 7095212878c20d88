"""The strategies for text agree with the schemas: what they call valid is valid, and names reach every limit."""

from hypothesis import given

from chatproof_conformance.generation.json_values import encoded
from chatproof_conformance.generation.text import contents, name_cores
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, find_problems


@given(contents(), name_cores())
def test_valid_texts_are_valid(content, core):
    assert not find_problems({"type": "message", "content": content}, Direction.CLIENT)
    assert not find_problems({"type": "join", "username": f"{core}-abc12345"}, Direction.CLIENT)
    assert len(f"{core}-abc12345") <= 32
    assert len(encoded({"type": "message", "content": content})) <= CLIENT_FRAME_BYTES
