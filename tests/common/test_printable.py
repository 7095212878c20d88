"""Text of others: what stays, and what becomes an escape."""

import sys
import unicodedata

import pytest

from chatproof_common.printable import on_one_line, printable, readable

EVERY = [chr(code) for code in range(sys.maxunicode + 1)]


def test_nothing_that_acts_on_a_terminal_or_turns_a_line_is_left():
    for char in EVERY:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            assert printable(char).isascii()
            assert len(printable(char)) > 1
            assert readable(char) == (char if char in "\t\n\u200c\u200d" else printable(char))
    assert readable("a\x1b]0;x\x07\u202eb\x9b\n") == "a\\x1b]0;x\\x07\\u202eb\\x9b\n"


@pytest.mark.parametrize(
    "text",
    [
        "na\u00efve\u00a0!",
        "\u3000\u5c71",
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f468\u200d\U0001f469",
        "a\tb",
        ":boom:",
    ],
)
def test_what_people_write_stays(text):
    assert readable(text) == text


def test_one_line_is_one_line():
    assert on_one_line("a\r\nb\u2028c") == "a\\r\u240ab\\u2028c"
