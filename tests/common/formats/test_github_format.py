"""Workflow commands: each value arrives as it was given, by the rules that the runner reads them with."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_common.formats.github import annotation


def read(command):
    """Read a command as the runner does: cut at the first marks, then undo the escapes, the per cent sign last."""
    level, said, message = re.fullmatch(r"::([a-z]+)(?: (.*?))?::(.*)", command, re.DOTALL).groups()
    pairs = (part.split("=", 1) for part in said.split(",")) if said else ()
    return level, {name: unescaped(value, ",:\r\n") for name, value in pairs}, unescaped(message, "\r\n")


def unescaped(text, chars):
    for char in chars:
        text = text.replace(f"%{ord(char):02X}", char)
    return text.replace("%25", "%")


def test_a_whole_command():
    command = annotation("error", "is missing", title="invalid_message", file="a.ndjson", line=3, column=7)
    assert command == "::error file=a.ndjson,line=3,col=7,title=invalid_message::is missing"


def test_what_is_not_given_is_not_said():
    assert annotation("notice", "all is well") == "::notice::all is well"


@pytest.mark.parametrize("text", ["100 %", "%0A", "a,b:c", "two\nlines\r\n", "::error::no", ""])
def test_marks_are_escaped(text):
    command = annotation("warning", text, title=text, file=text)
    assert "\n" not in command
    assert read(command) == ("warning", {"title": text, "file": text}, text)


@given(st.text(), st.text())
def test_any_text_arrives(message, title):
    assert read(annotation("error", message, title=title, line=1)) == ("error", {"line": "1", "title": title}, message)
