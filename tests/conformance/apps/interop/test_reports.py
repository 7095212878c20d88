"""The reports of `interop`: JSON by its schema, a page and Markdown that nothing of others can break, what changed."""

import json
import re
from dataclasses import replace

import pytest
from markdown_it import MarkdownIt

from chatproof_conformance.apps.interop import markdown, page
from chatproof_conformance.apps.interop.changes import find_changes
from chatproof_conformance.apps.interop.chat.sightings import Sighting
from chatproof_conformance.apps.interop.outcome import Breach, Guest, Outcome
from chatproof_conformance.apps.interop.shape import read_interop
from chatproof_conformance.apps.interop.wording import blames, cell_words
from chatproof_conformance.core.json_files import DocumentError
from conformance.apps.interop.parties import interop_validator, party, report
from conformance.reporting.html.browser import Browser
from conformance.reporting.html.test_page import FAINT_TEXTS, LOOKS
from support.made_reports import HOSTILE, finding, hostile_finding

SERVER, LEAKY = (
    party("threads", version="1.0", address="https://example.org/x"),
    party("private-to-everyone", name="leaky"),
)
CLIENT, OTHER = party("client-threads", name="one"), party("client-asyncio", name="two", supports=("say",))
SEEN = (Sighting("join", 3, 3), Sighting("public", 9, 9))


def outcome(server, *clients, **facts):
    guests = [Guest(client, "ann", f"{client.name}-{number}") for number, client in enumerate(clients, 1)]
    return Outcome(server, guests, len(clients) > 1, **{"sightings": SEEN, "kept": ["JOIN-1"], "seconds": 1.5} | facts)


def leak(who=LEAKY, found=None):
    return Breach(who, found or finding(), "eve")


def all_of_it(name="leaky"):
    """A report with a cell of each status."""
    leaky = replace(LEAKY, name=name)
    cuts = Breach(CLIENT, replace(finding("CLIENT-2"), connection="one-1"), "one-1")
    return report(
        outcome(SERVER, CLIENT),
        outcome(leaky, CLIENT, breaches=[leak(leaky, hostile_finding()), cuts]),
        outcome(SERVER, OTHER),
        outcome(leaky, OTHER, unsupported=[(OTHER, "say", HOSTILE)]),
        outcome(SERVER, CLIENT, OTHER, sightings=[Sighting("public", 9, 8, f"one shows {HOSTILE}")]),
        outcome(leaky, CLIENT, OTHER, gone=(leaky, HOSTILE), sightings=()),
    )


def test_it_is_valid_by_its_schema_and_read_again(tmp_path):
    made = all_of_it()
    assert [error.message for error in interop_validator().iter_errors(made)] == []
    (file := tmp_path / "interop.json").write_text(json.dumps(made), "utf-8")
    assert read_interop(str(file)) == made
    assert (made["exit_code"], made["seed"], made["totals"]["chats"]) == (1, 7, 6)
    assert made["servers"][0]["label"] == "threads 1.0"
    assert made["repeat"] == "chatproof interop implementations.toml --seed=7"


def test_what_is_no_report_is_refused(tmp_path):
    (file := tmp_path / "a.json").write_text('{"chatproof": "report"}')
    with pytest.raises(DocumentError, match="is no interop"):
        read_interop(str(file))


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({}, 0),
        ({"breaches": [leak()]}, 1),
        ({"unsupported": [(CLIENT, "join", "cannot")]}, 1),
        ({"sightings": ()}, 2),
        ({"sightings": [Sighting("public", 9, 8, "a message")]}, 2),
        ({"gone": (LEAKY, "no such file")}, 2),
        ({"breaches": [leak(found=finding("JOIN-3"))]}, 0),
    ],
)
def test_the_exit_code(facts, code):
    assert report(outcome(LEAKY, CLIENT, **facts))["exit_code"] == code


def test_a_broken_should_fails_strictly_and_an_early_end_is_no_verdict():
    warned = outcome(LEAKY, CLIENT, breaches=[leak(found=finding("JOIN-3"))])
    assert report(warned, strict=True)["exit_code"] == 1
    early = report(outcome(SERVER, CLIENT), planned=4)
    assert (early["exit_code"], early["ended_early"]) == (2, True)
    assert early["headline"] == "Of 4 chats, 3 were not tried."


def test_a_cell_names_who_broke_what():
    made = all_of_it()
    cells = {(chat["server"], *chat["clients"]): cell_words(chat) for chat in made["chats"]}
    assert cells["threads 1.0", "one"] == ["✓ works", "12 of 12 seen"]
    assert cells["leaky", "one"] == ["✗ broken", "server PRIVATE-2", "client CLIENT-2"]
    assert cells["threads 1.0", "two"] == ["~ partly", "two: no say_privately, join"]
    assert cells["leaky", "two"] == ["⊘ unsupported", "two: say"]
    assert cells["threads 1.0", "one", "two"][0] == "? unclear"
    assert cells["leaky", "one", "two"] == ["- did not start", "leaky"]
    assert [(one.breach["label"], one.breach["requirement"]) for one in blames(made)] == [
        ("leaky", "PRIVATE-2"), ("one", "CLIENT-2"),
    ]  # fmt: skip


def test_a_requirement_that_is_broken_in_several_chats_is_one_entry():
    made = report(outcome(LEAKY, CLIENT, breaches=[leak()]), outcome(LEAKY, OTHER, breaches=[leak()]))
    (blame,) = blames(made)
    assert blame.where == "one, two"


def test_what_has_changed():
    before = report(outcome(SERVER, CLIENT), outcome(LEAKY, CLIENT, breaches=[leak()]), outcome(SERVER, OTHER))
    now = report(
        outcome(SERVER, CLIENT, breaches=[leak(CLIENT, finding("CLIENT-8"))]),
        outcome(LEAKY, CLIENT),
        outcome(LEAKY, OTHER),
    )
    changes = find_changes(before, now)
    words = [(one.server, one.clients, one.before, one.now, one.why, one.is_worse) for one in changes.chats]
    assert words[0] == ("threads 1.0", "one", "works", "broken", "now broken: CLIENT-8 by client one", True)
    assert ("leaky", "one", "broken", "works", "no longer: PRIVATE-2 by server leaky", False) in words
    assert ("leaky", "two", "", "partly", "", False) in words
    assert ("threads 1.0", "two", "partly", "", "", False) in words
    assert changes.headline == "1 worse, 1 better or otherwise changed, 1 new, 1 gone; 0 as before."
    assert find_changes(now, now).headline == "Nothing: 3 chats are as before."


def test_the_markdown_fits_a_comment_and_shows_what_changed():
    before = report(outcome(SERVER, CLIENT), outcome(LEAKY, CLIENT))
    many = [
        outcome(replace(LEAKY, name=f"leaky {number}"), CLIENT, breaches=[leak(replace(LEAKY, name=f"leaky {number}"))])
        for number in range(60)
    ]
    now = report(outcome(SERVER, CLIENT), outcome(LEAKY, CLIENT, breaches=[leak()]), *many)
    text = markdown.render(now, find_changes(before, now))
    assert text.startswith(markdown.COMMENT_MARK + "\n## ❌ chatproof interop: Of 62 chats, 61 went wrong.\n")
    assert "| ❌ | `one` | `leaky` | works | broken | `now broken: PRIVATE-2 by server leaky` |" in text
    assert "more are broken; `--report html=FILE` shows all of them." in text
    assert len(text) < 65_536


def test_nothing_of_others_acts_in_the_markdown():
    text = markdown.render(all_of_it(HOSTILE), None)
    assert "\x1b" not in text
    parser = MarkdownIt("commonmark").enable("table")
    blocks = parser.parse(text)
    tokens = [*blocks, *(child for block in blocks for child in block.children or ())]
    ours = re.compile(r"(?:</?(?:details|summary|b|br)>|<!-- chatproof interop -->|[^<])*\Z")
    assert [one.content for one in tokens if one.type.startswith("html") and not ours.match(one.content)] == []
    assert {"link_open", "image"} & {one.type for one in tokens} == set()


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.mark.needs("chromium", "bash")
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_page_is_quiet_readable_and_fits(browser, tmp_path, width, dark):
    made = all_of_it(HOSTILE)
    changes = find_changes(report(outcome(SERVER, CLIENT, breaches=[leak()])), made)
    (file := tmp_path / "interop.html").write_text(page.render(made, changes), "utf-8")
    browser.open(file, width=width, dark=dark)
    assert browser.complaints == []
    assert browser.requests == [file.as_uri()]
    assert browser.value("document.documentElement.scrollWidth") == width
    assert browser.value("document.querySelectorAll('script, img, iframe, [onerror]').length") == 0
    assert browser.value(FAINT_TEXTS)["faint"] == []
    dead = "[...document.querySelectorAll('a[href^=\"#\"]')].filter((a) => !document.querySelector(a.hash)).length"
    assert browser.value(dead) == 0
    tones = "[...new Set([...document.querySelectorAll('.verdict-cell')].map((c) => getComputedStyle(c).color))].length"
    assert browser.value(tones) == 6
