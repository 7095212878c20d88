"""From the bytes of a frame to a JSON value, as strictly as SPEC.md, "The wire", asks.

Python's own parser takes more than RFC 8259 allows (NaN, Infinity) and keeps what RFC 7493 forbids
(duplicate members, lone surrogates); this module refuses all of it.
"""

import json
import re
from typing import Any, NoReturn

from chatproof_schemas.problems import Problem

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


class FrameRefused(ValueError):  # noqa: N818  the name says what happened; it is an answer, not a failure
    """A frame that is no valid message.

    Attributes:
        problems: at least one :class:`Problem`; where several are given, each alone would refuse the frame.
    """

    def __init__(self, *problems: Problem) -> None:
        """Keep the problems; the exception's text is theirs, one after the other."""
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


def decode_frame(frame: bytes) -> Any:
    """Return the JSON value that a frame (without its LF) holds, whatever its type.

    Raises:
        FrameRefused: with code ``malformed_json`` where the frame is not UTF-8, not JSON, has duplicate member names
            or a lone surrogate (SPEC.md, ERROR-1, ERROR-5 to ERROR-8). What is wrong names the byte or column.
    """
    try:
        text = frame.decode("utf-8")
    except UnicodeDecodeError as error:
        byte = frame[error.start]
        raise _malformed(f"byte {error.start + 1} (0x{byte:02X}) is not UTF-8", "UTF-8 throughout") from None
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _malformed(f"is not JSON at column {error.pos + 1}: {error.msg}", "one JSON object") from None
    except RecursionError:
        raise _malformed("is nested too deeply to be read", "less nesting") from None
    if _SURROGATE_ESCAPE.search(frame):
        _refuse_lone_surrogates(value)
    return value


def _malformed(what: str, expected: str) -> FrameRefused:
    return FrameRefused(Problem("malformed_json", "", what, expected))


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _malformed(f"has the member name {json.dumps(name)} twice", "each member name once")
            seen.add(name)
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise _malformed(f"is not JSON: {name} is no JSON value", "a finite number, true, false or null")


def _read_integer(digits: str) -> int | float:
    # Python refuses to convert integers of thousands of digits; JSON has no such limit, and nothing here needs the value.
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _refuse_lone_surrogates(value: Any) -> None:
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            found = _LONE_SURROGATE.search(item)
            if found:
                raise _malformed(f"has the lone surrogate U+{ord(found[0]):04X}", "surrogates in pairs only")
        elif isinstance(item, dict):
            pending += item.keys()
            pending += item.values()
        elif isinstance(item, list):
            pending += item


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant, parse_int=_read_integer
)
