"""What README.md and its pictures show exists, and does what they say."""

import html
import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from chatproof_schemas import Direction, message_types, requirements
from support.paths import ROOT

README = (ROOT / "README.md").read_text("utf-8")
VERDICTS = (ROOT / "docs" / "verdicts.md").read_text("utf-8")
VALIDATE = (ROOT / "docs" / "validate.md").read_text("utf-8")
PICTURE = (ROOT / "docs" / "screenshots" / "check.svg").read_text("utf-8")
SERVERS = ROOT / "conformance" / "chatproof_conformance" / "implementations" / "servers"
MOST_LINES = 130
EXAMPLE = '{"type":"join","username":"ann"}\n{"type":"message","content":""}\n{"type":"message","content":"hi",}\n'


def printed_commands():
    """The lines of the shell blocks that start `chatproof`, and those in the table, without their comments."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    lines = re.findall(r"^chatproof .*$", blocks, re.MULTILINE) + re.findall(r"`(chatproof \w+ [^`]+)`", README)
    return [shlex.split(line, comments=True) for line in dict.fromkeys(lines)]


def chatproof(*words, folder):
    words = [Path(sys.executable).with_name("chatproof"), *words]
    return subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


def test_it_is_short():
    assert len(README.splitlines()) <= MOST_LINES


def test_it_begins_with_the_two_commands_of_a_fresh_clone():
    blocks = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    start = "python3 -m venv .venv && .venv/bin/pip install -e "
    assert blocks[0] == f"{start}. && .venv/bin/chatproof check\n"
    assert blocks[1] == f"{start}'.[test]' && .venv/bin/python -m pytest\n"


def test_ci_runs_the_test_command_from_here():
    assert "grep -m1 -E -- '-m pytest' README.md" in (ROOT / ".ci" / "run").read_text("utf-8")


@pytest.mark.parametrize("words", printed_commands(), ids=shlex.join)
def test_every_command_and_option_exists(words, tmp_path):
    assert words[1] in {entry.name for entry in entry_points(group="chatproof.commands")}
    known = chatproof(words[1], "--help", folder=tmp_path).stdout
    assert [word for word in words[2:] if word.startswith("--") and word not in known] == []


def test_the_validate_example_prints_what_is_shown(tmp_path):
    (tmp_path / "sent.ndjson").write_text(EXAMPLE)
    done = chatproof("validate", "sent.ndjson", "--direction", "client", folder=tmp_path)
    shown = re.search(r"```text\n(sent\.ndjson:.*?)3 messages, 2 invalid\n```", VALIDATE, re.DOTALL)
    assert done.returncode == 1
    assert shown
    assert shown[1] == done.stdout
    assert "3 messages, 2 invalid" in done.stderr


def test_the_failure_is_printed_as_shown():
    shown = re.search(r"```text\n(FAIL PRIVATE-2 .*?)\n```", VERDICTS, re.DOTALL)
    assert shown
    repeat = re.search(r"^  repeat    chatproof (.*)$", shown[1], re.MULTILINE)
    assert repeat
    done = chatproof(*shlex.split(repeat[1]), folder=ROOT)
    assert done.returncode == 1
    assert set(skeleton(shown[1])) <= set(skeleton(done.stdout))


def test_the_picture_shows_what_is_printed():
    """Made by take_terminal_picture.py; compared without spaces, since a terminal wraps lines."""
    shown = html.unescape("".join(re.findall(r"<text [^>]*>(.*?)</text>", PICTURE))).replace("\xa0", " ")
    command, _, output = shown.partition("$ chatproof ")[2].partition("Checking ")
    done = chatproof(*shlex.split(command), folder=SERVERS)
    assert done.returncode == 1
    assert [line for line in skeleton(done.stdout) if line.replace(" ", "") not in output.replace(" ", "")] == []


def skeleton(text):
    """What any two runs have in common: requirements, labels and headings; not names, times and counts."""
    return re.findall(
        r"^(?:(?:FAIL|WARNING) .*|  (?:expected|actual|situation|frames|repeat)\b|Mend first)", text, re.MULTILINE
    )


def test_the_selection_of_the_table_can_be_selected(tmp_path):
    assert chatproof("check", "--list", "JOIN", "PRIVATE-2", folder=tmp_path).returncode == 0


def test_its_counts_are_true():
    of = [row.of for row in requirements().values()]
    servers, clients = of.count("server"), of.count("client")
    types = {name for direction in Direction for name in message_types(direction)}
    counted = f"{len(types)} message types, {servers} numbered requirements of a server and {clients} of a client"
    assert counted in " ".join(README.split())
