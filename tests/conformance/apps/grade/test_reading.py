"""Grading schemes: what they say, and what is said of one that is wrong."""

import re

import pytest

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.grade.reading import read_scheme
from chatproof_conformance.cli.grade import COMMAND
from chatproof_conformance.core.roles import Role
from chatproof_conformance.core.selection import selected_ids
from chatproof_schemas import Level, requirements, work_levels
from conformance.apps.grade.made_grades import scheme
from support.paths import ROOT

SMALL = 'start = "./server {port}"\n'
PART = '[[part]]\nname = "All"\npoints = 1\n'


def test_defaults(tmp_path):
    found = scheme(tmp_path, SMALL + PART + 'requirements = ["JOIN"]\n')
    running = found.running
    assert (running.build, running.announce, running.seed, running.same_seed) == (None, None, 0, False)
    assert (running.budget, running.deadline, running.start_seconds, running.network) == (4.0, 120.0, 15.0, False)
    assert (running.limits.memory, running.limits.processes) == (1024, 512)
    assert (found.points, found.hidden, found.title) == (1.0, frozenset(), "Grades")
    assert list(running.ids) == selected_ids(["JOIN"], Role.SERVER)


def test_everything_that_can_be_said(tmp_path):
    text = """
    title = "T"
    build = "make all"
    start = "java -cp out Server {port}"
    announce = "stdin"
    seed = 9
    same_seed = true
    budget = 2
    deadline = 60.5
    start_seconds = 5
    network = true
    hidden = ["LOAD", "private-2"]
    environment = { JAVA_HOME = "/opt/java" }
    [limits]
    memory = 2048
    files = 99
    [[part]]
    name = "A level"
    points = 2.5
    requirements = ["level 2"]
    only = "MUST"
    partial = false
    [[part]]
    name = "SHOULDs"
    points = 1
    only = "SHOULD"
    [[part]]
    name = "The rest"
    points = 3
    should = 0
    """
    found = scheme(tmp_path, text)
    level, shoulds, rest = found.parts
    assert found.running.limits.memory == 2048
    assert found.running.limits.files == 99
    assert found.running.environment == {"JAVA_HOME": "/opt/java"}
    assert set(level.ids) == set(work_levels("server")[1].musts)
    assert not level.partial
    assert {requirements()[id_].level for id_ in shoulds.ids} == {Level.SHOULD}
    assert {requirements()[id_].level for id_ in rest.ids} == {Level.MUST}
    assert shoulds.should == 1.0
    assert found.points == 6.5
    assert found.hidden == {*selected_ids(["LOAD"], Role.SERVER), "PRIVATE-2"}
    assert found.neutral_names()["PRIVATE-2"] == "HIDDEN-1"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("start = ", "is no TOML"),
        (
            "title = 'x'\n" + PART,
            'start: is missing or lacks {port}; write start = "./server --port {port}", for example',
        ),
        ('start = "./server"\n' + PART, "start: is missing or lacks {port}"),
        ('start = "cd x && ./server {port}"\n' + PART, "start: no shell reads the command: write it as sh -c '…'"),
        ('start = "./server \'{port}"\n' + PART, "start: is no command line: No closing quotation"),
        (SMALL, "part: is missing; write [[part]] tables, each with a name, points and requirements"),
        (SMALL + "part = 3\n", "part: is missing; write [[part]] tables"),
        (SMALL + "biuld = 'make'\n" + PART, "biuld: is unknown; did you mean build?"),
        (SMALL + "build = ''\n" + PART, "build: is missing or lacks a command"),
        (SMALL + PART, 'announce: is missing, and SERVER-1 gives points; write announce = "stdin", for example'),
        (SMALL + PART + "point = 3\n", "part 1: point: is unknown; did you mean points?"),
        (SMALL + '[[part]]\npoints = 1\nrequirements=["JOIN"]\n', "part 1: name: is missing"),
        (SMALL + '[[part]]\nname = "x"\n', "part 1: points: is missing"),
        (SMALL + PART + 'requirements = "JOIN"\n', 'part 1: requirements: expected a list such as ["JOIN"'),
        (
            SMALL + PART + 'requirements = ["JION"]\n',
            "part 1: requirements: nothing is called JION; did you mean JOIN?",
        ),
        (SMALL + PART + 'requirements = ["level 9"]\n', "part 1: requirements: level 9: there is no such level"),
        (SMALL + PART + 'requirements = ["level x"]\n', "part 1: requirements: level 0: there is no such level"),
        (SMALL + PART + 'requirements = ["JOIN-1"]\nonly = "SHOULD"\n', "part 1: requirements: none of them is left"),
        (SMALL + PART + 'only = "MAY"\n', 'part 1: only: is \'MAY\'; expected "MUST" or "SHOULD"'),
        (SMALL + PART.replace("1", "-1"), "part 1: points: is -1; expected a number, 0 or more"),
        (SMALL + PART.replace("1", "true"), "part 1: points: is True; expected a number"),
        (SMALL + "deadline = 0\n" + PART, "deadline: is 0; expected a number, above 0"),
        (SMALL + "deadline = inf\n" + PART, "deadline: is inf; expected a number, above 0"),
        (SMALL + "seed = 1.5\n" + PART, "seed: is 1.5; expected a whole number, 0 or more"),
        (SMALL + "network = 1\n" + PART, "network: is 1; expected true or false"),
        (SMALL + "hidden = ['nothing']\n" + PART, "hidden: nothing is called nothing"),
        (SMALL + "limits = 3\n" + PART, "limits: expected a table"),
        (SMALL + PART + "[limits]\nmemory = 0\n", "limits: memory: is 0; expected a whole number, 1 or more"),
        (SMALL + PART + "[limits]\nmemmory = 1\n", "limits: memmory: is unknown; did you mean memory?"),
        (SMALL + PART + "[environment]\nA = 1\n", "environment: A: is 1; expected a text in quotation marks"),
        (SMALL + 'announce = "stdin"\n' + PART + PART, "part: two parts are called 'All'"),
    ],
)
def test_what_is_wrong_is_named_with_its_place(text, said, tmp_path):
    with pytest.raises(CommandError) as raised:
        scheme(tmp_path, text)
    assert str(raised.value).startswith(f"--scheme {tmp_path}/grading.toml: ")
    assert said in str(raised.value)


@pytest.mark.parametrize("name", ["grade.md"])
def test_the_scheme_of_the_page_is_one(name, tmp_path):
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "docs" / name).read_text("utf-8"), re.DOTALL)
    assert [scheme(tmp_path, block).points for block in blocks] == [60.0]


def test_the_scheme_of_the_help_is_one(tmp_path):
    text = COMMAND.examples.partition("a scheme:\n")[2].partition("\nexit codes:")[0]
    assert scheme(tmp_path, text).parts[0].name == "Joining"


def test_a_file_that_cannot_be_read(tmp_path):
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        read_scheme(str(tmp_path / "none.toml"))
    (tmp_path / "big.toml").write_bytes(b"#" * (1024 * 1024 + 1))
    with pytest.raises(CommandError, match="is longer than"):
        read_scheme(str(tmp_path / "big.toml"))
    (tmp_path / "latin.toml").write_bytes(b'title = "\xe4"')
    with pytest.raises(CommandError, match="is no TOML"):
        read_scheme(str(tmp_path / "latin.toml"))
