"""Lines for people: the same words with and without a terminal, and nothing slow where there is none."""

import io
import subprocess
import sys

import pytest
from rich.console import Console
from rich.text import Text

from chatproof_schemas.validate.styled import Styled

PARTS = [("log.ndjson:3:7", "bold"), (": ", ""), ("/content 艾达 [b]:smile:", "cyan"), (": long" + " long" * 60, "")]


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def no_claims(monkeypatch):
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")


def test_a_terminal_gets_styles():
    out = Terminal()
    Styled(out).print(*PARTS)
    assert out.getvalue().startswith("\x1b[1mlog.ndjson:3:7\x1b[0m: \x1b[36m/content 艾达 [b]:smile:\x1b[0m: long ")


def test_what_is_no_terminal_gets_the_words_that_rich_would_write():
    plain, laid_out = io.StringIO(), io.StringIO()
    Styled(plain).print(*PARTS)
    console = Console(file=laid_out, highlight=False, emoji=False, soft_wrap=True)
    console.print(Text.assemble(*PARTS))
    assert plain.getvalue() == laid_out.getvalue()


@pytest.mark.parametrize(
    ("name", "value", "is_styled"),
    [
        ("FORCE_COLOR", "1", True),
        ("FORCE_COLOR", "", False),
        ("TTY_COMPATIBLE", "1", True),
        ("TTY_COMPATIBLE", "0", False),
    ],
)
def test_an_environment_that_claims_a_terminal_is_believed(monkeypatch, name, value, is_styled):
    monkeypatch.setenv(name, value)
    assert (Styled(io.StringIO()).console is not None) == is_styled


def test_a_pipe_needs_neither_a_console_nor_a_validator_of_any_schema():
    script = (
        "import sys; from chatproof_common.command_line.main import main; main(['validate', '-']); "
        "print(*{name.partition('.')[0] for name in sys.modules}, file=sys.stderr)"
    )
    lines = b'{"type":"join","username":"ann"}\n{"type":"join","username":""}\n{"type":"join"}\n{"type":"join",}\n'
    done = subprocess.run([sys.executable, "-c", script], input=lines, capture_output=True, check=True, timeout=60)
    assert len(done.stdout.splitlines()) == 7
    assert {"rich", "jsonschema"}.isdisjoint(done.stderr.decode().split())
