"""From the bytes of a frame to a JSON value, as strictly as SPEC.md, "The wire", asks.

Python's own parser takes more than RFC 8259 allows (NaN, Infinity) and keeps what RFC 7493 forbids
(duplicate members, lone surrogates); this module refuses all of it.
"""

import json
import re
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from chatproof_schemas.diagnosis import find_fault
from chatproof_schemas.problems import Problem
from chatproof_schemas.recognition.strings import UNIT

_SPACE = " \t\r\n"
# Every backslash of a JSON text begins an escape; those of surrogates must come in pairs.
_PAIRED = re.compile(rf"[^\\]*(?:\\(?:[^u]|u{UNIT})[^\\]*)*")


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
        return value_of(frame)
    except UnicodeDecodeError as error:
        raise FrameRefused(_not_utf8(frame, error.start)) from None
    except ValueError:
        raise FrameRefused(_diagnosed(frame.decode())) from None
    except RecursionError:
        raise FrameRefused(Problem("malformed_json", "", "is nested too deeply to be read", "less nesting")) from None


def value_of(frame: bytes) -> Any:
    """Return the same as :func:`decode_frame`, for callers that need no reason for a refusal.

    Raises:
        ValueError: if the frame is not UTF-8 (``UnicodeDecodeError``), not JSON, has duplicate member names or a lone
            surrogate.
        RecursionError: if it is nested more deeply than Python can read.
    """
    text = frame.decode().strip(_SPACE)
    value, end = (_DECODER if "{" in text[1:] else _FLAT_DECODER).raw_decode(text)
    if end < len(text):
        raise ValueError("text after the end")
    if type(value) is tuple:
        value = _members(value)
    if "\\u" in text and not _PAIRED.fullmatch(text):
        raise ValueError("lone surrogate")
    return value


def _not_utf8(frame: bytes, at: int) -> Problem:
    column = len(frame[:at].decode("utf-8")) + 1
    return Problem("malformed_json", "", f"has the byte 0x{frame[at]:02X}, which is not UTF-8 here", "UTF-8", column)


def _diagnosed(text: str) -> Problem:
    # If the parser and the diagnosis disagree, the parser decides; a test shows that they do not.
    return find_fault(text) or Problem("malformed_json", "", "is not JSON", "one JSON object")


def _members(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
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


def _decoder(make_object: Callable[[list[tuple[str, Any]]], Any]) -> json.JSONDecoder:
    return json.JSONDecoder(object_pairs_hook=make_object, parse_constant=_refuse_constant, parse_int=_read_integer)


_DECODER = _decoder(_members)
# For texts with one object: to have its pairs as a tuple, and to look at them afterwards, takes half the time.
_FLAT_DECODER = _decoder(tuple)
