"""What others say of a frame: jiter and jsonschema-rs (Rust) read and judge it by our schemas alone."""

import jiter
import jsonschema_rs

from chatproof_schemas import (
    CLIENT_FRAME_BYTES,
    SERVER_FRAME_BYTES,
    Direction,
    FrameRefused,
    FrameVerdict,
    load_schema,
    read_frame,
)

LIMITS = {Direction.CLIENT: CLIENT_FRAME_BYTES, Direction.SERVER: SERVER_FRAME_BYTES}
BUNDLE = load_schema("chatproof.bundle")
JUDGES = {
    direction: jsonschema_rs.Draft202012Validator(
        {"$ref": f"{BUNDLE['$id']}#/$defs/{direction.value}"},
        registry=jsonschema_rs.Registry([(BUNDLE["$id"], BUNDLE)]),
    )
    for direction in Direction
}
OURS = {"frame_too_long": FrameVerdict.TOO_LONG, "malformed_json": FrameVerdict.MALFORMED}
REFUSED = object()


def decoded(frame):
    """Return the value that jiter reads, by the rules of SPEC.md, section 2; REFUSED if there is none."""
    try:
        return jiter.from_json(frame, allow_inf_nan=False, catch_duplicate_keys=True)
    except ValueError:
        return REFUSED


def verdict_of_others(frame, direction):
    if len(frame) > LIMITS[direction]:
        return FrameVerdict.TOO_LONG
    value = decoded(frame)
    if value is REFUSED:
        return FrameVerdict.MALFORMED
    return FrameVerdict.VALID if JUDGES[direction].is_valid(value) else FrameVerdict.INVALID


def verdict_of_ours(frame, direction):
    try:
        read_frame(frame, direction)
    except FrameRefused as refused:
        return OURS.get(refused.problems[0].code, FrameVerdict.INVALID)
    return FrameVerdict.VALID
