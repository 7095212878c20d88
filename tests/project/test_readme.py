"""What README.md and CONTRIBUTING.md print exists, and does what they say."""

import re
import shlex
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from chatproof_schemas import requirements

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = {name: (ROOT / name).read_text("utf-8") for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")}
LINKED = [*PAGES, *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").glob("*.md")))]
EXAMPLE = '{"type":"join","username":"ann"}\n{"type":"message","content":""}\n{"type":"message","content":"hi",}\n'


def printed_commands():
    """The lines of the shell blocks that start `chatproof`, and those in the table, without their comments."""
    blocks = "\n".join(re.findall(r"```sh\n(.*?)```", README, re.DOTALL))
    lines = re.findall(r"^chatproof .*$", blocks, re.MULTILINE) + re.findall(r"`(chatproof \w+ [^`]+)`", README)
    return [shlex.split(line, comments=True) for line in dict.fromkeys(lines)]


def chatproof(*words, folder):
    words = [Path(sys.executable).with_name("chatproof"), *words]
    return subprocess.run(words, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)


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
    shown = re.search(r"```text\n(sent\.ndjson:.*?)3 messages, 2 invalid\n```", README, re.DOTALL)
    assert done.returncode == 1
    assert shown
    assert shown[1] == done.stdout
    assert "3 messages, 2 invalid" in done.stderr


def test_the_failure_is_printed_as_shown():
    shown = re.search(r"```text\n(FAIL PRIVATE-2 .*?)\n```", README, re.DOTALL)
    assert shown
    repeat = re.search(r"^  repeat    chatproof (.*)$", shown[1], re.MULTILINE)
    assert repeat
    done = chatproof(*shlex.split(repeat[1]), folder=ROOT)
    assert done.returncode == 1
    printed = without_what_differs(done.stdout)
    for line in without_what_differs(shown[1]).splitlines():
        assert line.strip() == "…" or line in printed


def without_what_differs(text):
    """Leave out the endings of names, and the times."""
    return re.sub(r"(?<=alice|carol)-\w+|(?<=bob)-\w+|\d\d:\d\d:\d\d", "", text)


def test_the_selection_of_the_table_can_be_selected(tmp_path):
    assert chatproof("check", "--list", "JOIN", "PRIVATE-2", "lone_surrogates", folder=tmp_path).returncode == 0


def test_its_counts_are_true():
    levels = [row.section == "CLIENT" for row in requirements().values()]
    assert f"{levels.count(False)} numbered\nrequirements of a server and {levels.count(True)} of a client" in README
    assert (
        f"{levels.count(False)} requirements of a server and {levels.count(True)} of a client" in PAGES["CHANGELOG.md"]
    )


@pytest.mark.parametrize("page", LINKED)
def test_its_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target]
    assert [target for target in targets if not leads_somewhere((ROOT / page).parent, *target.split("#"))] == []


def leads_somewhere(folder, name, heading=""):
    """Whether a file is there, and where a heading is named, that it has that heading."""
    if not heading:
        return (folder / name).exists()
    headings = re.findall(r"^#+ (.+)$", (folder / name).read_text("utf-8"), re.MULTILINE)
    return heading in [re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in headings]


def test_every_folder_that_contributing_names_exists():
    tree = PAGES["CONTRIBUTING.md"].partition("Dependencies point one way")[0]
    harness = ROOT / "conformance" / "chatproof_conformance"
    inside = re.findall(r"^ {8}(.+?) {3,}", tree, re.MULTILINE)
    assert inside
    assert [name for line in inside for name in line.split() if not (harness / name).exists()] == []
