"""The pages of a class in a real browser: they fetch nothing, fit a phone, and can be read light and dark."""

import pytest

from chatproof_conformance.apps.grade import author_page, class_page
from chatproof_conformance.apps.grade.outcome import Outcome
from chatproof_conformance.apps.grade.scoring import score
from conformance.apps.grade.made_grades import graded, grades
from conformance.reporting.html.browser import Browser
from conformance.reporting.html.test_page import FAINT_TEXTS, LOOKS

pytestmark = pytest.mark.needs("chromium", "bash")
MANY = 40


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made, all_ = grades(folder)
    more = [score(graded(Outcome.NO_BUILD, name=f"somebody with a long name {n}"), made) for n in range(MANY)]
    (folder / "class.html").write_text(class_page.render([*all_.values(), *more], made), "utf-8")
    for name, grade in all_.items():
        (folder / f"{name}.html").write_text(author_page.render(grade, made), "utf-8")
    return folder


@pytest.mark.parametrize(("width", "dark"), LOOKS)
@pytest.mark.parametrize("name", ["class", "checked", "no build", "lost"])
def test_a_page_is_quiet_readable_and_fits(browser, pages, name, width, dark):
    page = pages / f"{name}.html"
    browser.open(page, width=width, dark=dark)
    assert browser.complaints == []
    assert browser.requests == [page.as_uri()]
    assert browser.value("document.documentElement.scrollWidth") == width
    found = browser.value(FAINT_TEXTS)
    assert found["faint"] == []
    assert {"H2", "SPAN", "TH", "TD"} <= set(found["seen"])


def test_every_submission_has_a_column_whose_name_can_be_read(browser, pages):
    browser.open(pages / "class.html", width=1280)
    heads = "[...document.querySelectorAll('.names th a')]"
    assert browser.value(f"{heads}.length") == MANY + 5
    cut = f"{heads}.filter((a) => a.scrollHeight > a.clientHeight + 1 || a.getBoundingClientRect().top < 0).length"
    assert browser.value(cut) == 0


def test_the_requirements_stay_in_sight_while_columns_are_scrolled(browser, pages):
    browser.open(pages / "class.html", width=375)
    left = "document.querySelector('.signs tbody tr:nth-child(2) th').getBoundingClientRect().left"
    before = browser.value(left)
    browser.value("document.querySelector('[aria-label=\"Every requirement\"]').scrollLeft = 300")
    assert browser.value(left) == before
