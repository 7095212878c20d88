"""Where each line costs: three lines for a pass, at most 25 for a failure, with the line that repeats it."""

import pytest

from chatproof_conformance.core.findings import Finding
from chatproof_conformance.reporting.dense import MOST_LINES, Dense
from chatproof_conformance.reporting.readers import VARIABLES, is_for_a_program
from chatproof_conformance.reporting.run import VerdictPolicy, console_for
from chatproof_schemas import requirements, work_levels
from support.made_reports import finding, result, summary


def printed(made, capsys):
    Dense(made.request).conclude(made)
    return capsys.readouterr().out.splitlines()


def test_a_pass_takes_three_lines(capsys):
    passed = [result(id_) for level in work_levels("server") for id_ in level.ids]
    lines = printed(summary(passed), capsys)
    assert len(lines) == 3
    assert lines[0].startswith("The server conforms. ")
    assert lines[1] == "Level 8 of 8: announcements and stopping"
    assert "seed" in lines[2]


def test_a_failure_has_all_that_helps_to_mend_it(capsys):
    lines = printed(summary([result("PRIVATE-2", findings=[finding()])]), capsys)
    assert len(lines) <= MOST_LINES
    assert any(line.startswith("FAIL PRIVATE-2 (MUST) ") for line in lines)
    assert [
        line.split(":")[0].strip() for line in lines if line.startswith(("  expected", "  actual", "  repeat"))
    ] == [
        "expected",
        "actual",
        "repeat",
    ]
    assert any("chatproof explain PRIVATE-2" in line for line in lines)


def test_however_much_fails_there_are_25_lines_and_a_word_on_the_rest(capsys):
    ids = [id_ for id_ in requirements() if not id_.startswith("CLIENT")]
    failed = [result(id_, findings=[finding(id_, last_words="\n".join(["x" * 900] * 40))]) for id_ in ids]
    lines = printed(summary(failed), capsys)
    assert len(lines) == MOST_LINES
    assert lines[-1].startswith("and ")
    assert "--report json=FILE has all of them" in lines[-1]
    assert all(len(line) <= 320 for line in lines)


def test_a_line_of_others_is_one_line(capsys):
    hostile = Finding("PRIVATE-2", "a\nFAIL JOIN-1", "b\n\x1b[2J", situation="c\nd")
    lines = printed(summary([result("PRIVATE-2", findings=[hostile])]), capsys)
    assert not any(line.startswith("FAIL JOIN-1") for line in lines)
    assert "\x1b" not in "".join(lines)


def test_the_policy_chooses_it():
    made = summary([result("PRIVATE-2")])
    assert isinstance(console_for(made.request, VerdictPolicy(dense=True)), Dense)
    assert not isinstance(console_for(made.request, VerdictPolicy()), Dense)


@pytest.mark.parametrize("name", VARIABLES)
def test_a_ci_job_and_a_coding_agent_are_recognised(name):
    assert is_for_a_program({name: "1"})
    assert is_for_a_program({name: "true"})
    assert not is_for_a_program({name: "0"})
    assert not is_for_a_program({name: "false"})
    assert not is_for_a_program({name: ""})


def test_a_person_is_no_program():
    assert not is_for_a_program({"TERM": "xterm", "USER": "ann", "SSH_AGENT_PID": "1"})
