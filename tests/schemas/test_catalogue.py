"""The requirements: all of them, with their levels, in the order of the specification."""

import pytest

from chatproof_schemas import Level, requirements, sections, work_levels

# What others rely on: an id never changes its level or meaning, so a change here is a change of the protocol.
LEVELS = {
    "FRAME": "MUST MUST MUST MUST MUST MUST SHOULD MUST",
    "JOIN": "MUST MUST SHOULD MUST SHOULD MUST MUST MUST MUST MUST MUST MUST MUST",
    "LEAVE": "MUST MUST SHOULD MUST MUST MUST MUST",
    "ORDER": "MUST MUST SHOULD",
    "PUBLIC": "MUST MUST MUST MUST",
    "PRIVATE": "MUST MUST MUST",
    "CONFIRM": "MUST MUST SHOULD",
    "ERROR": "MUST MUST MUST MUST MUST MUST MUST SHOULD MUST MUST MUST SHOULD",
    "TIME": "SHOULD",
    "LOAD": "MUST MUST MUST SHOULD MUST",
    "SERVER": "MUST",
    "STOP": "MUST SHOULD SHOULD",
    "CLIENT": " ".join(["MUST"] * 17),
    "CLUSTER": "MUST MUST MUST MUST MUST SHOULD",
}


def test_sections_stand_in_reading_order():
    assert sections() == tuple(LEVELS)


@pytest.mark.parametrize("section", LEVELS)
def test_section_has_its_requirements_and_levels(section):
    found = [requirement for requirement in requirements().values() if requirement.section == section]
    assert [requirement.number for requirement in found] == list(range(1, len(found) + 1))
    assert [requirement.level for requirement in found] == [Level(level) for level in LEVELS[section].split()]


def test_every_sentence_is_understandable_alone():
    for requirement in requirements().values():
        assert requirement.sentence[-1] in ".)", requirement.id
        assert not requirement.sentence.startswith(("It ", "So ", "That ", "This ", "They ")), requirement.id


def test_every_requirement_stands_in_a_numbered_part():
    headings = {requirement.section: requirement.heading for requirement in requirements().values()}
    assert (headings["FRAME"], headings["JOIN"], headings["CLIENT"]) == ("2. The wire", "6. Joining", "16. Clients")


@pytest.mark.parametrize(("built", "count"), [("server", 8), ("client", 3), ("cluster", 1)])
def test_every_requirement_is_in_exactly_one_level(built, count):
    levels = work_levels(built)
    assert [level.number for level in levels] == list(range(1, count + 1))
    ids = [id_ for level in levels for id_ in level.ids]
    assert sorted(ids) == sorted(id_ for id_, row in requirements().items() if row.of == built)
