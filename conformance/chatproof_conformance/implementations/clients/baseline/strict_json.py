"""Reads one frame as JSON, with nothing that lenient readers let through."""

import json
from typing import Any

from baseline.refused import Refused


def _refuse_constant(name: str) -> Any:
    raise Refused(f"{name} is not JSON")


def _as_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise Refused("a member stands twice")
    return members


def _number(_: str) -> int:
    return 0  # no member that counts is a number, and a huge one may cost nothing


def parse(frame: bytes) -> Any:
    """Return the value of a frame.

    Raises:
        Refused: it is not UTF-8, not JSON, nested too deeply, or holds a member twice or a lone surrogate.
    """
    try:
        value = json.loads(
            frame.decode("utf-8"), parse_constant=_refuse_constant, parse_int=_number, parse_float=_number,
            object_pairs_hook=_as_object,
        )  # fmt: skip
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except Refused:
        raise
    except UnicodeEncodeError:
        raise Refused("the server sent a lone surrogate") from None
    except UnicodeDecodeError:
        raise Refused("the server sent a frame that is not UTF-8") from None
    except (ValueError, RecursionError):
        raise Refused("the server sent a frame that is not JSON") from None
    return value
