"""All words that our own output uses are explained: parts, terms, levels, and the types of messages."""

import re

import pytest

from chatproof_conformance.apps.explain.topics import find_topics
from chatproof_conformance.core.evidence import Evidence
from chatproof_conformance.core.verdicts import Verdict
from chatproof_conformance.explanations.reading import parts, terms
from chatproof_conformance.explanations.words import words
from chatproof_schemas import Direction, message_types, requirements, work_levels
from support.paths import ROOT

ENGINE = ROOT / "conformance" / "chatproof_conformance"
LABELLED = re.compile(r"""(?:\.(?:joined|connect|crowd)|Listener)\(f?"([a-z]+)""")
LABELS = sorted(
    {
        label
        for folder in ("engine/exploration", "endpoints/waves")
        for file in (ENGINE / folder).rglob("*.py")
        for label in LABELLED.findall(file.read_text("utf-8"))
    }
)
LINE = re.compile(r"""print\(.*"  (?:\[[a-z ]+\])?([a-z]+)\b""")
PRINTED = sorted(
    {
        label
        for name in ("console", "finding_block")
        for label in LINE.findall((ENGINE / "reporting" / f"{name}.py").read_text("utf-8"))
    }
    - {"of", "in", "instead"}
)
EVERYDAY = (
    "wave",
    "delivery",
    "deliveries",
    "absences",
    "frames",
    "drawn",
    "traffic",
    "history",
    "histories",
    "lurkers",
)


def test_there_are_labels_to_look_at():
    assert {"observer", "resident", "speaker", "guest"} <= set(LABELS)
    assert {"expected", "actual", "situation", "repeat", "intermittent"} <= set(PRINTED)
    assert Evidence.__dataclass_fields__.keys() == {"deliveries", "silences", "frames"}, "as the totals name them"


@pytest.mark.parametrize("word", [*LABELS, *PRINTED, *(verdict.value for verdict in Verdict), *EVERYDAY])
def test_a_word_of_a_report_is_explained(word):
    assert [topic.kind for topic in find_topics([word])] == ["term"]


@pytest.mark.parametrize("role", ["server", "client"])
def test_each_level_is_explained_with_what_it_adds(role):
    for level in work_levels(role):
        word = words()[f"{'client ' if role == 'client' else ''}level {level.number}"]
        assert word.related == level.ids
        assert all(requirements()[id_].sentence in word.text for id_ in level.ids)
        assert f"{role}: {level.subject}." in word.text
        assert f"--level {level.number}`" in word.text


@pytest.mark.parametrize("words_of_user", [["level", "4"], ["level-4"], ["Level 4"]])
def test_a_level_is_found_in_any_spelling(words_of_user):
    assert [topic.name for topic in find_topics(words_of_user)] == ["level 4"]


@pytest.mark.parametrize("direction", Direction)
def test_each_type_of_message_is_explained_with_its_members(direction):
    for name in message_types(direction):
        text = words()[name].text
        assert f'`{{"type": "{name}"' in text
        assert ("From a client" if direction is Direction.CLIENT else "From the server") in text
        assert name in words()["messages"].text
    assert "- `reason` (optional): " in words()["private_confirmation"].text


def test_a_part_is_no_term_and_each_is_played():
    assert {*parts()}.isdisjoint(terms())
    assert {*parts()} <= {*LABELS}
