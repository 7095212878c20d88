"""From the bytes of a frame to a JSON value, as strictly as SPEC.md, "The wire", asks.

Python's own parser takes more than RFC 8259 allows (NaN, Infinity) and keeps what RFC 7493 forbids
(duplicate members, lone surrogates); this module refuses all of it.
"""

import json
import re
from typing import Any, NoReturn

from chatproof_schemas.diagnosis import find_fault
from chatproof_schemas.problems import Problem

_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class FrameRefused(ValueError):  # noqa: N818  the name says what happened; it is an answer, not a failure
    """A frame that is not a valid message.

    Attributes:
        problems: at least one; if there are several, each alone would refuse the frame.
    """

    def __init__(self, *problems: Problem) -> None:
        super().__init__(*problems)
        self.problems = problems

    def __str__(self) -> str:
        """Return the problems' texts, one after the other."""
        return "; ".join(map(str, self.problems))


def decode_frame(frame: bytes) -> Any:
    """Return the JSON value that a frame (without its LF) holds, whatever its type and length.

    Raises:
        FrameRefused: with code ``malformed_json`` if the frame is not UTF-8, not JSON, has duplicate member names
            or a lone surrogate (SPEC.md, ERROR-1, ERROR-5 to ERROR-8), or is nested more deeply than Python can read.
            Its one problem names the column, and the member if there is one.
    """
    try:
        text = frame.decode("utf-8")
    except UnicodeDecodeError as error:
        raise FrameRefused(_not_utf8(frame, error.start)) from None
    try:
        value = _DECODER.decode(text)
    except ValueError:
        raise FrameRefused(_diagnosed(text)) from None
    except RecursionError:
        raise FrameRefused(Problem("malformed_json", "", "is nested too deeply to be read", "less nesting")) from None
    if _SURROGATE_ESCAPE.search(frame) and _has_lone_surrogate(value):
        raise FrameRefused(_diagnosed(text))
    return value


def _not_utf8(frame: bytes, at: int) -> Problem:
    column = len(frame[:at].decode("utf-8")) + 1
    return Problem("malformed_json", "", f"has the byte 0x{frame[at]:02X}, which is not UTF-8 here", "UTF-8", column)


def _diagnosed(text: str) -> Problem:
    # If the parser and the diagnosis disagree, the parser decides; a test shows that they do not.
    return find_fault(text) or Problem("malformed_json", "", "is not JSON", "one JSON object")


def _object_without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member name")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _read_integer(digits: str) -> int | float:
    # Python refuses to convert integers of thousands of digits; JSON has no such limit, and nobody needs the value.
    try:
        return int(digits)
    except ValueError:
        return float(digits)


def _has_lone_surrogate(value: Any) -> bool:
    # The parser has joined the pairs: what is left is alone. A loop, since nesting may be deep.
    pending = [value]
    while pending:
        item = pending.pop()
        if isinstance(item, str):
            if _SURROGATE.search(item):
                return True
        elif isinstance(item, dict):
            pending += item.keys()
            pending += item.values()
        elif isinstance(item, list):
            pending += item
    return False


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object_without_duplicates, parse_constant=_refuse_constant, parse_int=_read_integer
)
