"""The pages: what an author sees, what is hidden, and that no text of a submission becomes part of a page."""

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from chatproof_conformance.apps.grade import author_page, class_page, tables
from chatproof_conformance.apps.grade.hiding import for_author
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scoring import score
from conformance.apps.grade.made_grades import graded, grades
from support.made_reports import report_validator

SECRETS = ("PRIVATE-2", "leaks", "evil.example", "ORDER-1", "not for others")


class _Page(HTMLParser):
    """Its text and its elements."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text = [], []
        self.feed(text)
        self.words = " ".join(" ".join(self.text).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)

    def handle_data(self, data):
        self.text.append(data)


@pytest.fixture
def plan(tmp_path):
    return grades(tmp_path)


def page(plan, name):
    made, all_ = plan
    text = author_page.render(all_[name], made)
    return text, _Page(text)


def test_an_author_sees_points_and_what_is_missing(plan):
    _, shown = page(plan, "checked")
    assert "8.32 of 15 points." in shown.words
    assert "2.66 of 8" in shown.words
    assert "JOIN-3" in shown.words
    assert 'private_message "seen by all" from "ann"' in shown.words
    assert "2 requirements broken." in shown.words


def test_an_author_sees_nothing_of_what_is_hidden(plan):
    text, shown = page(plan, "checked")
    assert [secret for secret in SECRETS if secret in text] == []
    assert "HIDDEN-2" in shown.words
    assert "A requirement that is tested but not named." in shown.words
    assert "needs HIDDEN-2, which is broken" in shown.words


def test_a_report_for_an_author_is_still_a_report(plan):
    made, all_ = plan
    found = for_author(all_["checked"].graded.report, made)
    report_validator().validate(json.loads(json.dumps(found)))
    assert [row["id"] for row in found["requirements"]][-2:] == ["HIDDEN-1", "HIDDEN-2"]
    assert found["mend_first"] == []
    plain = for_author(all_["checked"].graded.report, scheme_without_hidden(made))
    assert plain is all_["checked"].graded.report


LEVEL = {"reached": 4, "subject": "names", "of": 8, "next": {"level": 5, "subject": "whispers", "open": ["PRIVATE-1"]}}


@pytest.mark.parametrize(("ids", "is_shown"), [(["PRIVATE-1"], True), (["PRIVATE-1", "PRIVATE-2"], False)])
def test_no_level_tells_what_is_hidden(ids, is_shown, plan):
    made, all_ = plan
    level = {**LEVEL, "next": {**LEVEL["next"], "open": ids}}
    found = replace(all_["checked"].graded, report={**all_["checked"].graded.report, "level": level})
    text = author_page.render(score(found, made), made)
    assert ("whispers" in text) is is_shown


def scheme_without_hidden(made):
    return type(made)(made.title, made.running, made.parts)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("no build", "The submission does not build: make: exit status 2."),
        ("no start", "The server does not start: it ended."),
        ("lost", "It could not be graded."),
        ("full", "No requirement was seen broken."),
    ],
)
def test_every_outcome_has_its_page(name, said, plan):
    _, shown = page(plan, name)
    assert said in shown.words


@pytest.mark.parametrize("name", ["checked", "no build", "no start"])
def test_a_page_fetches_nothing_and_runs_nothing(name, plan):
    text, shown = page(plan, name)
    assert {tag for tag, _ in shown.tags} & {"script", "img", "iframe", "object"} == set()
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_the_page_of_the_class_has_a_column_for_each(plan):
    made, all_ = plan
    shown = _Page(class_page.render(list(all_.values()), made))
    links = [attributes["href"] for tag, attributes in shown.tags if tag == "a"]
    assert links.count("submissions/ann.html") == 8  # four of them are called so: in both tables
    assert "5 submissions, 1 could not be graded." in shown.words
    assert shown.words.count("✗") == 2  # PRIVATE-2, and in the legend; JOIN-3 is a SHOULD
    assert "PRIVATE-2 MUST hidden" in shown.words
    titles = [attributes["title"] for tag, attributes in shown.tags if tag == "td" and "title" in attributes]
    assert "ann, JOIN-3: warning" in titles
    assert len(titles) == len(made.running.ids) * 5


def test_csv_and_json(plan):
    made, all_ = plan
    rows = list(csv.DictReader(io.StringIO(tables.render_csv(list(all_.values()), made))))
    assert [float(row["points"] or -1) for row in rows] == [8.32, 15, 0, 0, -1]
    assert (rows[0]["Joining"], rows[0]["PRIVATE-2"], rows[2]["PRIVATE-2"]) == ("2.66", "fail", "")
    value = json.loads(tables.render_json(list(all_.values()), made))
    assert [one["points"] for one in value["submissions"]] == [8.32, 15.0, 0, 0, None]
    assert value["submissions"][0]["requirements"]["JOIN-3"] == "warning"
    assert value["parts"][2] == {
        "name": "Order, all or nothing", "points": 3.0, "requirements": ["ORDER-1", "ORDER-2"],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x"])
def test_no_spreadsheet_takes_a_name_for_a_formula(name, plan):
    made, _ = plan
    text = tables.render_csv([score(graded(Outcome.NO_BUILD, name=name), made)], made)
    assert text.splitlines()[1].startswith(f"'{name},")
