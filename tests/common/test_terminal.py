"""Consoles: plain signs if there are no others, no cursor in a log, words that are whole."""

import os
import re
import subprocess
import sys

import pytest

from chatproof_common.terminal import Terminal

CHATPROOF = [sys.executable, "-m", "chatproof_common.command_line.main"]
COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def run(*words, **environment):
    return subprocess.run(
        [*CHATPROOF, *words], capture_output=True, check=False, timeout=300, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(("encoding", "sign"), [("utf-8", "\u2713"), ("ascii", "+"), ("iso-8859-1", "+")])
def test_a_console_without_our_signs_shows_plain_ones(encoding, sign):
    shown = run("check", "--level", "1", PYTHONIOENCODING=encoding).stdout.decode(encoding)
    assert f"\n  {sign} JOIN-1" in shown
    assert "\\u" not in shown


def test_what_has_no_plain_sign_is_an_escape():
    done = run("validate", "\u5c71.ndjson", PYTHONIOENCODING="ascii")
    assert b"\\u5c71.ndjson" in done.stderr


@pytest.mark.parametrize(
    "words", [["check", "--level", "1"], ["selftest", "--only", "baseline"], ["check-client", "CLIENT-1"]]
)
def test_a_log_that_asks_for_colours_gets_no_cursor(words):
    done = run(*words, FORCE_COLOR="1")
    text = (done.stdout + done.stderr).decode()
    assert COLOUR.search(text)
    assert "\x1b" not in COLOUR.sub("", text)
    assert "\r" not in text


def test_on_a_terminal_lines_are_wrapped_at_words(capsys):
    terminal = Terminal()
    terminal.is_interactive, terminal.width = True, 40
    terminal.print("  expected  " + terminal.lines(f"a [bold]word[/] and more {'words ' * 6}\nand one", 12))
    assert capsys.readouterr().out.splitlines() == [
        "  expected  a [bold]word[/] and more",
        "            words words words words",
        "            words words",
        "            and one",
    ]
    assert terminal.lines("", 12) == ""
    assert terminal.lines("\nnext", 2, 30) == "\n  next"


def test_a_frame_is_wrapped_between_its_members_and_what_was_printed_keeps_its_indent(capsys):
    terminal = Terminal()
    terminal.is_interactive, terminal.width = True, 36
    terminal.print("  " + terminal.frame_lines('ann → {"type":"message","content":"one two","x":1}', 4, 2))
    terminal.print("  " + terminal.frame_lines("    raise ValueError(text)", 4, 2))
    assert capsys.readouterr().out.splitlines() == [
        '  ann → {"type":"message",',
        '    "content":"one two","x":1}',
        "      raise ValueError(text)",
    ]
