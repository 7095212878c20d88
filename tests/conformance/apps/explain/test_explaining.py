"""`chatproof explain`: what words mean, and the forms in which it is printed."""

import io
import json

import pytest
from jsonschema import Draft202012Validator
from markdown_it import MarkdownIt

from chatproof_common.command_line.values import CommandError
from chatproof_conformance.apps.explain import explaining
from chatproof_conformance.apps.explain.document import FORM, document_of
from chatproof_conformance.apps.explain.markdown import LANGUAGES, render, render_list
from chatproof_conformance.apps.explain.topics import Topic, all_topics, find_topics
from chatproof_conformance.explanations.reading import causes, explanations
from chatproof_schemas import requirements

TOPICS = list(all_topics())


@pytest.mark.parametrize(
    ("words", "kind", "name"),
    [
        (["join-4"], "requirement", "JOIN-4"),
        (["Join"], "section", "JOIN"),
        (["username_taken"], "code", "username_taken"),
        (["USERNAME-TAKEN"], "code", "username_taken"),
        (["one-read-one-message"], "cause", "one-read-one-message"),
        (["Fence"], "term", "fence"),
        (["mend", "first"], "term", "mend first"),
        (["not-tested"], "term", "not tested"),
    ],
)
def test_a_word_is_found_in_any_spelling(words, kind, name):
    assert find_topics(words) == [Topic(kind, name)]


def test_several_words_are_several_topics_in_their_order():
    assert [topic.name for topic in find_topics(["fence", "PUBLIC-1", "fence"])] == ["fence", "PUBLIC-1"]


@pytest.mark.parametrize(
    ("word", "right"),
    [("JOIN-44", "JOIN-4"), ("publik-1", "PUBLIC-1"), ("fense", "fence"), ("usernme_taken", "username_taken")],
)
def test_a_word_that_is_nearly_right_is_answered_with_the_right_one(word, right):
    with pytest.raises(CommandError, match=f"nothing is called {word}; did you mean {right}\\?"):
        find_topics([word])


def test_a_word_like_no_other_is_answered_with_where_all_are_listed():
    with pytest.raises(CommandError, match="--list"):
        find_topics(["xyzzy"])


def test_all_that_can_be_explained_is_found_by_its_name():
    assert [find_topics([topic.name]) for topic in TOPICS] == [[topic] for topic in TOPICS]


def test_the_document_is_valid_against_its_schema():
    Draft202012Validator.check_schema(FORM.schema())
    document = document_of(TOPICS)
    Draft202012Validator(FORM.schema()).validate(document)
    assert len(document["topics"]) > 200


@pytest.mark.parametrize("member", ["why", "causes", "sentence", "level", "in_level"])
def test_the_schema_asks_for_each_member_of_a_requirement(member):
    document = document_of([Topic("requirement", "JOIN-4")])
    del document["topics"][0][member]
    assert not Draft202012Validator(FORM.schema()).is_valid(document)


@pytest.mark.parametrize("language", [None, *LANGUAGES])
def test_the_page_of_a_requirement_has_all_that_is_known_of_it(language):
    page = render(document_of([Topic("requirement", "FRAME-2")]), language)
    said = explanations()["FRAME-2"]
    assert page.startswith("## FRAME-2 (MUST): section 2. The wire\n")
    for part in (
        requirements()["FRAME-2"].sentence,
        said.why,
        "\n".join(said.exchange),
        said.tested,
        "FRAME-3",
        "Level 2 of 8: ",
    ):
        assert part in page
    for name in said.causes:
        shown = name if language is None else causes()[name].code[language].rstrip()
        assert shown in page


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_a_page_is_markdown_whose_blocks_are_closed(topic):
    tokens = MarkdownIt().parse(render(document_of([topic])))
    assert tokens[0].tag == "h2"
    fences = [token for token in tokens if token.type == "fence"]
    assert all(token.markup == "```" for token in fences)
    if topic.kind == "cause":
        assert [token.info for token in fences] == list(LANGUAGES)


def test_the_list_names_all():
    page = render_list()
    assert [topic.name for topic in TOPICS if topic.name not in page] == []


def printed(monkeypatch, *words, form="text", language=None, encoding="utf-8"):
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace", newline="")  # as main() does
    monkeypatch.setattr("sys.stdout", stream)
    assert explaining.explain(words, form, language) == 0
    stream.flush()
    return stream.buffer.getvalue().decode(encoding)


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_all_can_be_printed_on_a_terminal_that_has_ascii_alone(topic, monkeypatch):
    # Three have examples with other characters, whose escapes take more room than they.
    widest = 200 if topic.name in ("PUBLIC-2", "FRAME-2", "JOIN-7") else 100
    text = printed(monkeypatch, topic.name, encoding="ascii")
    assert "\x1b" not in text
    assert all(len(line) <= widest and line == line.rstrip() for line in text.splitlines())


def test_json_is_what_is_printed_for_programs(monkeypatch):
    document = json.loads(printed(monkeypatch, "JOIN-4", "fence", form="json"))
    assert [topic["name"] for topic in document["topics"]] == ["JOIN-4", "fence"]


def test_markdown_is_printed_as_it_is(monkeypatch):
    page = printed(monkeypatch, "JOIN-4", form="markdown", language="go")
    assert page == render(document_of([Topic("requirement", "JOIN-4")]), "go")


def test_without_a_word_the_first_failures_of_the_last_check_are_explained(monkeypatch):
    failed = ["JOIN-1", "PUBLIC-1", "FRAME-1", "ERROR-1", "LEAVE-1"]
    monkeypatch.setattr(explaining, "latest_failures", lambda: ("chatproof check localhost:1", failed))
    page = printed(monkeypatch, form="markdown")
    assert [page.index(f"## {id_} ") for id_ in failed[:3]] == sorted(page.index(f"## {id_} ") for id_ in failed[:3])
    assert page.endswith("\n2 more failed in `chatproof check localhost:1`: ERROR-1, LEAVE-1\n")


def test_without_a_word_and_a_failure_it_says_what_to_write(monkeypatch):
    monkeypatch.setattr(explaining, "latest_failures", lambda: ("", []))
    with pytest.raises(CommandError, match="no failure of a check is known; name what"):
        explaining.explain([], "text", None)


def test_without_a_word_after_a_check_in_which_nothing_failed_it_says_so(monkeypatch):
    monkeypatch.setattr(explaining, "latest_failures", lambda: ("chatproof check localhost:1", []))
    with pytest.raises(
        CommandError, match="nothing failed in the last check, `chatproof check localhost:1`; name what"
    ):
        explaining.explain([], "text", None)
