"""What runs: all of it, a section, a requirement, a case; and the same again by its seed."""

import re

import pytest

from chatproof_schemas import requirements

SERVER_IDS = [id_ for id_, row in requirements().items() if row.of == "server"]


def judged_ids(printed):
    lines = re.findall(r"^  [✓✗!⊘?-] ([A-Z].*)$", printed, re.MULTILINE)
    return [
        id_ for line in lines for id_ in re.findall(r"\b[A-Z]+-\d+\b", line.split("  ")[0] if ". " in line else line)
    ]


def test_the_list_has_every_requirement_of_a_server(run_check):
    done = run_check("--list")
    assert done.returncode == 0
    listed = re.findall(r"^  ([A-Z]+-\d+) +(?:MUST|SHOULD) ", done.stdout, re.MULTILINE)
    assert listed == SERVER_IDS


def test_a_list_of_a_section_has_its_requirements_only(run_check):
    whole, part = run_check("--list"), run_check("--list", "TIME")
    assert part.returncode == 0
    assert "  TIME-1 " in part.stdout
    assert len(part.stdout) < len(whole.stdout) / 5
    assert "LEAVE" not in part.stdout


@pytest.mark.parametrize("word", ["time", "LEAVE-3", "stop"])
def test_a_section_or_requirement_judges_just_what_it_names(check_server, word):
    done = check_server("baseline", word, "--budget", "1")
    assert done.returncode == 0
    named = {id_ for id_ in SERVER_IDS if word.upper() in (id_, id_.split("-")[0])}
    assert judged_ids(done.stdout) == [id_ for id_ in SERVER_IDS if id_ in named]


def test_a_seed_repeats_the_generated_input(check_server):
    words = ("blank-line-refused", "FRAME-7", "--seed")
    first, second = (findings(check_server(*words, seed).stdout) for seed in ("7", "7"))
    assert first == second


def findings(printed):
    found = re.findall(r"^  (?:expected|actual)  .*$", printed, re.MULTILINE)
    assert found
    return [without_tokens(line) for line in found]


def without_tokens(printed):
    """Leave out what is unlike in any two runs: the endings of names, and the time."""
    return re.sub(r"\b[a-z]{7}[a-z]?[0-9]*\w*|\d\d:\d\d:\d\d", "", printed)
