"""Workflow commands: each value arrives, readable, by the rules that the runner reads them with."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chatproof_common.formats.github import Annotations, annotation
from chatproof_common.printable import readable


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
    assert read(command) == ("warning", {"title": readable(text), "file": text}, readable(text))


def test_what_github_would_drop_is_a_line_of_the_log_and_counted():
    annotations = Annotations()
    lines = [annotations.line("error", f"no {number}", file="a", line=number) for number in range(12)]
    assert [line.startswith("::error ") for line in lines] == [True] * 10 + [False] * 2
    assert lines[10] == "a:10: error: no 10"
    assert annotations.line("notice", "x").startswith("::notice"), "each level has its own number"
    beyond = "2 more errors in the log only: GitHub shows 10 annotations of each level in a step"
    assert annotations.left() == beyond


def test_no_line_of_the_log_is_a_command():
    annotations = Annotations()
    lines = [annotations.line("error", "one\n::error::no ##[group]", title="::stop", file="::a") for _ in range(11)]
    assert lines[10] == "\\u003a:a: error: ::stop: one\n  \\u003a:error::no \\u0023#[group]"


def test_nothing_is_said_of_none_left():
    annotations = Annotations()
    annotations.line("error", "x")
    assert annotations.left() == ""


@given(st.text(), st.text())
def test_any_text_arrives_readable(message, title):
    found = read(annotation("error", message, title=title, line=1))
    assert found == ("error", {"line": "1", "title": readable(title)}, readable(message))
