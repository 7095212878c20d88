"""The explanations: whole, true to the schemas, and in languages that read their code."""

import ast
import re
import subprocess

import pytest

from chatproof_conformance.explanations.reading import causes, codes, explanations, introductions, terms
from chatproof_schemas import Direction, FrameRefused, load_schema, read_frame, requirements, sections

STEP = re.compile(r"[a-z]+ (→|←) (.*?)(  \(invalid\))?")
LANGUAGES = {"python", "javascript", "go"}


def frames(explanation):
    """Return the frames of an exchange: direction, bytes, whether it says that they are valid."""
    found = [match for line in explanation.exchange if (match := STEP.fullmatch(line))]
    for match in found:
        direction = Direction.CLIENT if match[1] == "→" else Direction.SERVER
        text = match[2].replace(" | ", "")
        yield direction, text.replace(r"\xe9", "\udce9").encode("utf-8", "surrogateescape"), not match[3]


def is_valid(frame, direction):
    try:
        read_frame(frame, direction)
    except FrameRefused:
        return False
    return True


def test_every_requirement_has_an_explanation_in_the_file_of_its_section():
    assert set(explanations()) == set(requirements())
    assert set(introductions()) == set(sections())


@pytest.mark.parametrize("name", requirements())
def test_an_explanation_is_whole(name):
    said = explanations()[name]
    assert 20 < len(said.why) < 400
    assert said.tested.endswith(".")
    assert 1 <= len(said.exchange) <= 8
    assert set(said.related) <= set(requirements()) - {name}
    assert len(set(said.related)) == len(said.related) >= 1


@pytest.mark.parametrize("name", requirements())
def test_the_frames_of_an_exchange_are_valid_or_invalid_as_it_says(name):
    found = list(frames(explanations()[name]))
    assert found
    assert [(frame, valid) for direction, frame, valid in found if is_valid(frame, direction) != valid] == []


def test_every_cause_that_is_named_exists_and_every_cause_is_named():
    assert {cause for said in explanations().values() for cause in said.causes} == set(causes())


@pytest.mark.parametrize("name", causes())
def test_a_cause_is_whole(name):
    cause = causes()[name]
    assert re.match(r"(Your|An?|Deep) ", cause.title)
    assert not cause.title.endswith(".")
    assert len(cause.text) > 80
    assert set(cause.code) == LANGUAGES
    for code in cause.code.values():
        assert code.lower().index("wrong") < code.lower().index("right")


@pytest.mark.parametrize("name", causes())
def test_its_python_compiles(name):
    assert ast.parse(causes()[name].code["python"]).body


@pytest.mark.needs("node")
def test_their_javascript_can_be_parsed(tmp_path):
    for cause in causes().values():
        file = tmp_path / f"{cause.name}.mjs"
        file.write_text(cause.code["javascript"], "utf-8")
    # One process for all of them: starting Node.js takes longer than the check.
    script = "for (const f of process.argv.slice(1)) try { new vm.SourceTextModule(fs.readFileSync(f, 'utf8')) }"
    script += " catch (e) { console.log(f.split('/').pop(), e.message) }"
    done = subprocess.run(
        ["node", "--experimental-vm-modules", "--no-warnings", "-e", script, *map(str, sorted(tmp_path.iterdir()))],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == ""


def test_the_codes_are_those_of_the_schema_in_their_order():
    assert list(codes()) == load_schema("common")["$defs"]["code"]["enum"]


def test_terms_stand_in_alphabetical_order():
    assert list(terms()) == sorted(terms())


@pytest.mark.parametrize("word", [*codes().values(), *terms().values()], ids=lambda word: word.name)
def test_a_word_is_explained_and_its_requirements_exist(word):
    assert word.text.endswith(".")
    assert set(word.related) <= set(requirements())
