"""docs/explain.md: its commands work, and its table names the members that there are."""

import re
import shlex

import pytest

from chatproof_conformance.apps.explain.document import FORM
from chatproof_conformance.apps.explain.topics import find_topics
from support.commands import chatproof
from support.paths import ROOT

TEXT = (ROOT / "docs" / "explain.md").read_text("utf-8")
COMMANDS = [shlex.split(line, comments=True) for line in re.findall(r"^chatproof (explain .*)$", TEXT, re.MULTILINE)]


def test_its_words_can_be_explained():
    words = [words[1] for words in COMMANDS if len(words) > 1 and not words[1].startswith("-")]
    assert len(words) >= 6
    assert [len(find_topics([word])) for word in words] == [1] * len(words)


def test_its_options_exist():
    known = chatproof("explain", "--help")[1]
    options = {word for words in COMMANDS for word in words if word.startswith("--")}
    assert options == {"--language", "--list"}
    assert [option for option in options if option not in known] == []


@pytest.mark.parametrize("kind", ["requirement", "section", "cause", "code`, `term"])
def test_its_table_names_the_members_of_a_kind(kind):
    (row,) = re.findall(rf"^\| `{kind}` \| (.*) \|$", TEXT, re.MULTILINE)
    definitions = FORM.schema()["$defs"]
    schema = definitions.get(kind, definitions["word"])
    members = {*schema["properties"], *(definitions["row"]["properties"] if kind == "requirement" else ())}
    assert set(re.findall(r"`(\w+)`", re.sub(r"\(.*?\)", "", row))) == members - {"kind"}
