"""What runs: all of it, a section, a requirement, a case; and the same again by its seed."""

import re

import pytest

from chatproof_schemas import requirements

SERVER_IDS = [id_ for id_, row in requirements().items() if row.section != "CLIENT"]


def judged_ids(printed):
    return re.findall(r"^  \S ([A-Z]+-\d+) ", printed, re.MULTILINE)


def test_the_list_has_every_requirement_of_a_server_with_a_case(run_check):
    done = run_check("--list")
    assert done.returncode == 0
    listed = re.findall(r"^  ([A-Z]+-\d+) +(?:MUST|SHOULD) .*\n      \w", done.stdout, re.MULTILINE)
    assert listed == SERVER_IDS


def test_a_list_of_a_section_has_its_cases_only(run_check):
    whole, part = run_check("--list"), run_check("--list", "TIME")
    assert part.returncode == 0
    assert "  TIME-1 " in part.stdout
    assert len(part.stdout) < len(whole.stdout) / 5


@pytest.mark.parametrize("word", ["time", "LEAVE-3", "stop"])
def test_a_section_or_requirement_runs_all_that_it_names(check_server, word):
    done = check_server("baseline", word, "--budget", "1")
    assert done.returncode == 0
    named = {id_ for id_ in SERVER_IDS if word.upper() in (id_, id_.split("-")[0])}
    assert named <= set(judged_ids(done.stdout))


def test_a_case_runs_alone(check_server):
    done = check_server("baseline", "lone_surrogates")
    assert done.returncode == 0
    assert "ERROR-7" in judged_ids(done.stdout)
    assert " checked in 1 case" in done.stdout


def test_a_seed_repeats_the_generated_input(check_server):
    words = ("blank-line-refused", "blank_lines_are_ignored", "--seed")
    first, second = (findings(check_server(*words, seed).stdout) for seed in ("7", "7"))
    assert first == second


def findings(printed):
    found = re.findall(r"^  (?:expected|actual)  .*$", printed, re.MULTILINE)
    assert found
    return [without_tokens(line) for line in found]


def without_tokens(printed):
    """Leave out what is unlike in any two runs: the endings of names, and the time."""
    return re.sub(r"-[A-Za-z0-9]{4,}|\d\d:\d\d:\d\d", "", printed)


def test_a_selected_case_tries_as_much_as_in_a_whole_run(check_server):
    printed = check_server("baseline", "content_arrives_as_sent", "--budget", "60").stdout
    seen = re.search(r"([\d,]+) deliveries seen", printed)
    assert seen
    assert int(seen[1].replace(",", "")) > 40
