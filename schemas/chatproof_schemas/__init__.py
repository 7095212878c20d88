"""The TCP chat protocol, version 1, for programs: its schemas, its strict reading of frames, its requirements.

Everything here is without input or output; SPEC.md beside this file is the normative text.
"""

from chatproof_schemas.catalogue import Built, Level, Requirement, WorkLevel, requirements, sections, work_levels
from chatproof_schemas.decoding import FrameRefused, decode_frame
from chatproof_schemas.limits import (
    CLIENT_FRAME_BYTES,
    LEAVE_SECONDS,
    SERVER_FRAME_BYTES,
    UNENDED_FRAME_BYTES,
    USERNAME_CODE_POINTS,
)
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction, Members, load_schema, members_of, message_types
from chatproof_schemas.validation import find_problems, read_frame, read_valid
from chatproof_schemas.vector_data import FrameVerdict, Vector, vectors

__all__ = [
    "CLIENT_FRAME_BYTES",
    "LEAVE_SECONDS",
    "SERVER_FRAME_BYTES",
    "UNENDED_FRAME_BYTES",
    "USERNAME_CODE_POINTS",
    "Built",
    "Direction",
    "FrameRefused",
    "FrameVerdict",
    "Level",
    "Members",
    "Problem",
    "Requirement",
    "Vector",
    "WorkLevel",
    "decode_frame",
    "find_problems",
    "load_schema",
    "members_of",
    "message_types",
    "read_frame",
    "read_valid",
    "requirements",
    "sections",
    "vectors",
    "work_levels",
]
