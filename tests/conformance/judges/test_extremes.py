"""Where ERROR-10 begins: the last value that must be handled, and the first that may be refused."""

import pytest

from chatproof_conformance.judges.extremes import LEVELS, is_extreme


def holding(value):
    return b'{"type":"message","content":"hi","x":' + value + b"}"


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 32 + b"]" * 32,
        b"[" * 32 + b"1" + b"]" * 32,
        b'{"y":' * 32 + b"null" + b"}" * 32,
        b"[" * 32 + b"]" * 31 + b",[]" * 40 + b"]",
        b'"' + b"[" * 40 + b'\\"' + b"{" * 40 + b'"',
        b"9" * 64,
        b"-0." + b"3" * 64,
        b"1.7976931348623157e308",
        b"5e-324",
        b"0e400",
        b"-0.0E-999",
        b"1e002",
        b'"' + b"9" * 65 + b'1e999"',
    ],
)
def test_what_must_be_handled(value):
    assert not is_extreme(holding(value))


@pytest.mark.parametrize(
    "value",
    [
        b"[" * 33 + b"]" * 33,
        b'{"y":' * 33 + b"null" + b"}" * 33,
        b'{"y":[' * 17 + b"]}" * 17,
        b'["]",' * 33 + b"1" + b"]" * 33,
        b"9" * 65,
        b"0." + b"3" * 65,
        b"1e" + b"0" * 65,
        b"1.8e308",
        b"-1.8E+308",
        b"2e-324",
        b"[1,-10e-400]",
    ],
)
def test_what_may_be_refused(value):
    assert is_extreme(holding(value))


def test_the_message_itself_is_the_first_level():
    assert not is_extreme(b"[" * LEVELS + b"]" * LEVELS)
    assert is_extreme(b"[" * (LEVELS + 1) + b"]" * (LEVELS + 1))
