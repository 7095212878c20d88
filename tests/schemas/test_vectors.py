"""The vectors: well-formed as data, complete as a set, and what the Python API says of each."""

import pytest

from chatproof_schemas import Direction, FrameRefused, FrameVerdict, message_types, read_frame, requirements, vectors
from chatproof_schemas.schemas import load_schema

KINDS = {"frame_too_long": FrameVerdict.TOO_LONG, "malformed_json": FrameVerdict.MALFORMED}


@pytest.mark.parametrize("family", sorted({vector.id.partition("/")[0] for vector in vectors()}))
def test_api_agrees(family):
    own = [vector for vector in vectors() if vector.id.partition("/")[0] == family]
    assert {vector.id: found for vector in own if (found := disagreement(vector)) is not None} == {}


def disagreement(vector):
    """Return what the API says of a vector if it is not what the vector says."""
    try:
        message = read_frame(vector.frame, vector.direction)
    except FrameRefused as refusal:
        problems = refusal.problems
    else:
        return None if FrameVerdict.VALID in vector.verdicts else message
    agrees = KINDS.get(problems[0].code, FrameVerdict.INVALID) in vector.verdicts
    agrees &= {problem.code for problem in problems} <= set(vector.codes)
    agrees &= vector.path is None or {problem.path for problem in problems} == {vector.path}
    return None if agrees else problems


def test_ids_are_unique():
    ids = [vector.id for vector in vectors()]
    assert len(set(ids)) == len(ids)


def test_there_are_hundreds_for_each_direction():
    for direction in Direction:
        assert sum(vector.direction is direction for vector in vectors()) >= 300


def test_each_names_a_requirement_and_listed_codes_and_holds_no_line_feed():
    codes = set(load_schema("common")["$defs"]["code"]["enum"])
    for vector in vectors():
        assert vector.requirement in requirements(), vector.id
        assert set(vector.codes) <= codes, vector.id
        assert (vector.verdicts == (FrameVerdict.VALID,)) == (not vector.codes), vector.id
        assert b"\n" not in vector.frame, vector.id


@pytest.mark.parametrize("direction", Direction)
def test_every_type_and_required_member_is_tried_from_both_sides(direction):
    for name in message_types(direction):
        ids = f"{direction.value}-{name.replace('_', '-')}/"
        own = [vector for vector in vectors() if vector.id.startswith(ids)]
        assert any(vector.verdicts == (FrameVerdict.VALID,) for vector in own)
        for member in load_schema(f"{direction.value}/{name}")["required"]:
            if member != "type":
                assert any(vector.path == f"/{member}" for vector in own), member


def test_every_rule_about_frames_and_errors_has_vectors():
    tried = {vector.requirement for vector in vectors()}
    errors = {f"ERROR-{number}" for number in range(1, 11)}
    assert errors | {"FRAME-1", "FRAME-4", "FRAME-5", "FRAME-6", "FRAME-8", "JOIN-8", "PUBLIC-3"} <= tried
