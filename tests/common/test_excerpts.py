"""Of what a program printed, the lines that tell most are kept."""

import pytest

from chatproof_common.excerpts import excerpt

STACK = [f"    at step{number} (server.js:{number}:1)" for number in range(20)]


@pytest.mark.parametrize(
    "error",
    [
        "SyntaxError: Unexpected token 'j', \"join\" is not valid JSON",
        "TypeError: Cannot read properties of null (reading 'type')",
        "Error: Cannot find module './chat'",
        "panic: runtime error: index out of range [1] with length 1",
        "java.lang.NullPointerException: Cannot invoke",
        "thread 'main' panicked at src/main.rs:2:5:",
        "chat.server.NameError: no",
    ],
)
def test_the_line_that_names_the_error_is_kept(error):
    lines = ["server.js:158", "      throw error;", "      ^", "", error, *STACK]
    assert excerpt(lines, 2, 2) == [*lines[:2], "…", error, "…", *lines[-2:]]


def test_without_one_the_ends_are():
    assert excerpt(STACK, 1, 2, "{} more") == [STACK[0], "17 more", *STACK[-2:]]
    assert excerpt(STACK, 0, 2) == ["…", *STACK[-2:]]


def test_few_lines_are_kept_as_they_are():
    assert excerpt(STACK[:4], 2, 2) == STACK[:4]
