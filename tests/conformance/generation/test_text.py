"""The strategies for text agree with the schemas: what they call valid is valid, and names reach every limit."""

from hypothesis import Phase, find, given, settings

from chatproof_conformance.generation import client_frames
from chatproof_conformance.generation.text import contents, invalid_names, name_cores
from chatproof_schemas import CLIENT_FRAME_BYTES, Direction, find_problems


@given(contents(), name_cores())
def test_valid_texts_are_valid(content, core):
    assert not find_problems({"type": "message", "content": content}, Direction.CLIENT)
    assert not find_problems({"type": "join", "username": f"{core}-abc12345"}, Direction.CLIENT)
    assert len(f"{core}-abc12345") <= 32
    assert len(client_frames.encoded({"type": "message", "content": content})) <= CLIENT_FRAME_BYTES


@given(invalid_names())
def test_invalid_names_are_invalid(name):
    assert find_problems({"type": "join", "username": name}, Direction.CLIENT)


def test_invalid_names_reach_every_limit():
    limits = {"", " ", "n" * 33, "\x00", "\x7f", "\x9f", "\u2028", "\u200b", "\ufeff"}
    reached = set()

    def are_all_reached(name):
        reached.update(name, [name])
        return limits <= reached

    find(
        invalid_names(), are_all_reached, settings=settings(max_examples=50_000, database=None, phases=[Phase.generate])
    )
