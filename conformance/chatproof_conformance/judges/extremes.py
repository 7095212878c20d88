"""What a peer need not handle: deeply nested values and huge numbers (SPEC.md, section 11)."""

import itertools
import math
import re

LEVELS = 33
"""Objects and arrays that may stand inside each other, the message being the first."""
_STRING = re.compile(rb'"(?:[^"\\]|\\.)*"')
_NUMBER = re.compile(rb"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_MANY_DIGITS = re.compile(rb"[0-9]{65}")
_MAY_BE_HUGE = re.compile(rb"[0-9]{65}|[eE][+-]?[0-9]{3}")
_STEPS = dict.fromkeys(b"[{", 1) | dict.fromkeys(b"]}", -1)


def is_extreme(frame: bytes) -> bool:
    """Return whether a frame of JSON is deeply nested or has a huge number, so that it may be refused (ERROR-10)."""
    if frame.count(b"[") + frame.count(b"{") <= LEVELS and not _MAY_BE_HUGE.search(frame):
        return False  # quickly, as nearly always
    bare = _STRING.sub(b'""', frame)
    depths = itertools.accumulate(_STEPS.get(byte, 0) for byte in bare)
    return max(depths) > LEVELS or any(map(_is_huge, _NUMBER.findall(bare)))


def _is_huge(number: bytes) -> bool:
    value = float(number)
    is_zero = not number.lower().partition(b"e")[0].strip(b"-0.")
    return bool(_MANY_DIGITS.search(number)) or math.isinf(value) or (value == 0 and not is_zero)
