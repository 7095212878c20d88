"""Judges messages against the schemas, each type by itself: an error of the union would not name the member at fault.

Whether a message is valid, code that is made from the schemas says (``checks``). What is wrong with one that is not,
the rules of its schema say (``members``), or a validator of any schema.
"""

import functools
from typing import TYPE_CHECKING, Any, cast

from chatproof_schemas import checks
from chatproof_schemas.decoding import FrameRefused, decode_frame, value_of
from chatproof_schemas.limits import CLIENT_FRAME_BYTES, SERVER_FRAME_BYTES
from chatproof_schemas.members import Violation, find_violations
from chatproof_schemas.problems import Problem
from chatproof_schemas.schemas import Direction, message_types, resolved_schema
from chatproof_schemas.wording import MISSING, kind_of, one_of, problems_of, type_problem

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_CLIENT = Direction.CLIENT  # by a name of the module: in Python 3.10 and 3.11 one in the enumeration is slow


def frame_bytes(direction: Direction) -> int:
    """Return how many bytes a frame of a direction may have, without its LF."""
    return CLIENT_FRAME_BYTES if direction is _CLIENT else SERVER_FRAME_BYTES


def read_frame(frame: bytes, direction: Direction) -> dict[str, Any]:
    """Return the message that a frame (without its LF) holds.

    Raises:
        FrameRefused: if the frame is too long, malformed, or not a valid message of that direction; its problems
            carry the error codes of SPEC.md, "Errors", in their order of precedence.
    """
    limit = frame_bytes(direction)
    if len(frame) > limit:
        raise FrameRefused(Problem("frame_too_long", "", f"is {len(frame)} bytes long", f"at most {limit} bytes"))
    message = decode_frame(frame)
    problems = find_problems(message, direction)
    if problems:
        raise FrameRefused(*problems)
    valid: dict[str, Any] = message
    return valid


def read_valid(frame: bytes, direction: Direction) -> dict[str, Any] | None:
    """Return the message that a frame (without its LF) holds; None if :func:`read_frame` would refuse it.

    A refusal costs no more than a message here: there is no reason to be found for it.
    """
    if len(frame) > frame_bytes(direction):
        return None
    try:
        message = value_of(frame)
    except (ValueError, RecursionError):
        return None
    return message if isinstance(message, dict) and is_valid(message, direction) else None


def is_valid(message: dict[str, Any], direction: Direction) -> bool:
    """Return whether the members of a JSON object are a valid message."""
    name = message.get("type")
    known = checks.CLIENT if direction is _CLIENT else checks.SERVER
    return isinstance(name, str) and name in known and known[name](message)


def find_problems(message: object, direction: Direction) -> tuple[Problem, ...]:
    """Return everything that keeps a decoded JSON value from being a valid message; empty if it is one."""
    if not isinstance(message, dict):
        return (Problem("invalid_message", "", f"is {kind_of(message)}", "an object"),)
    if is_valid(message, direction):
        return ()
    types = message_types(direction)
    if "type" not in message:
        return (Problem("invalid_message", "/type", MISSING, one_of(types)),)
    name = message["type"]
    if name not in types:
        return (type_problem(name, direction),)
    violations = find_violations(message, direction, name)
    if violations is None:
        try:
            violations = tuple(map(_violation, _validator(direction, name).iter_errors(message)))
        except RecursionError:
            return (Problem("invalid_message", "", "is nested too deeply to be judged", "less nesting"),)
    # Two violations may amount to the same problem: it is reported once.
    problems = (problem for violation in violations for problem in problems_of(violation, direction, name))
    return tuple(dict.fromkeys(problems))


def _violation(error: "ValidationError") -> Violation:
    member = str(error.absolute_path[0]) if error.absolute_path else ""
    return Violation(member, str(error.validator), cast("dict[str, Any]", error.schema), error.instance)


@functools.cache
def _validator(direction: Direction, name: str) -> Any:
    from jsonschema import Draft202012Validator  # noqa: PLC0415  it costs 100 ms, and most messages do without it

    return Draft202012Validator(resolved_schema(direction, name))
