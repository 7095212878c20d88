"""The page in a real browser: nothing fetched, nothing run, readable light and dark, on a phone too."""

from dataclasses import replace

import pytest

from chatproof_conformance.apps.compare import page as compare_page
from chatproof_conformance.apps.compare.matrix import make_matrix
from chatproof_conformance.reporting.formats import html
from chatproof_conformance.reporting.html.diagram import cells, cut
from chatproof_conformance.reporting.html.markup import Markup, join, prose, tag
from conformance.reporting.html.browser import Browser
from support.made_reports import HOSTILE, all_verdicts, finding, report, result

LOOKS = [(1280, False), (1280, True), (375, False), (375, True)]
FAINT_TEXTS = """
(() => {
  const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      if (e.tagName === "g" || e.tagName === "svg") {
        const boxes = e.tagName === "g" ? e.querySelectorAll(":scope > rect, :scope > g > rect") : [];
        if (boxes.length) return parsed(getComputedStyle(boxes[boxes.length - 1]).fill);
        continue;
      }
      const colour = parsed(getComputedStyle(e).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faint = [], seen = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.data.trim() || ["title", "desc"].includes(element.tagName)) continue;
    const style = getComputedStyle(element);
    const [text, ground] = [parsed(element.closest("svg") ? style.fill : style.color), behind(element)];
    const [low, high] = [light(text), light(ground)].sort((a, b) => a - b);
    const contrast = (high + 0.05) / (low + 0.05);
    seen.add(element.tagName);
    if (contrast < 4.5) faint.push(`${contrast.toFixed(2)} ${element.tagName} ${node.data.trim().slice(0, 40)}`);
  }
  return { faint, seen: [...seen] };
})()
"""
OUTSIDE = """
[...document.querySelectorAll("svg")].flatMap((svg) => {
  const room = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter((text) => {
    const box = text.getBoundingClientRect();
    return box.left < room.left || box.right > room.right + 0.5 || box.top < room.top || box.bottom > room.bottom + 0.5;
  }).map((text) => text.textContent);
})
"""


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A report of every verdict with hostile texts, and a comparison of it with another."""
    folder = tmp_path_factory.mktemp("pages")
    made = all_verdicts(described=HOSTILE)
    (folder / "report.html").write_text(html.render(made), "utf-8")
    better = report(result("PRIVATE-2"), result("JOIN-3"), result("PUBLIC-1"))
    matrix = make_matrix({"before": better, HOSTILE: made})
    (folder / "compare.html").write_text(compare_page.render(matrix, strict=False), "utf-8")
    return folder


@pytest.mark.needs("chromium", "bash")
@pytest.mark.parametrize(("width", "dark"), LOOKS)
@pytest.mark.parametrize("name", ["report.html", "compare.html"])
def test_it_is_quiet_readable_and_fits(browser, pages, name, width, dark):
    browser.open(pages / name, width=width, dark=dark)
    assert browser.complaints == []
    assert browser.requests == [(pages / name).as_uri()]
    assert browser.value("document.documentElement.scrollWidth") == width
    assert browser.value("document.querySelectorAll('script, img, iframe, [onerror]').length") == 0
    contrast = browser.value(FAINT_TEXTS)
    assert contrast["faint"] == []
    assert {"H2", "SPAN", "TH", "TD", "PRE", *(["text"] if name == "report.html" else [])} <= set(contrast["seen"])


@pytest.mark.needs("chromium", "bash")
@pytest.mark.parametrize("dark", [False, True])
def test_the_diagram_is_seen_with_the_wrong_frame_on_it(browser, pages, dark):
    browser.open(pages / "report.html", dark=dark)
    width, height = browser.value(
        "(({width, height}) => [width, height])(document.querySelector('svg.diagram').getBoundingClientRect())"
    )
    assert width > 600
    assert height > 300
    assert browser.value(OUTSIDE) == []
    wrong = "getComputedStyle(document.querySelector('#failure-JOIN-3 .offending .arrow')).stroke"
    ordinary = "getComputedStyle(document.querySelector('#failure-JOIN-3 .server .arrow')).stroke"
    assert browser.value(wrong) != browser.value(ordinary)
    told = browser.value("document.querySelector('#failure-JOIN-3 svg desc').textContent")
    assert 'Wrong: {"type": "private_message"' in told
    assert browser.value("document.querySelectorAll('#failure-JOIN-3 .note.ending').length") == 3


@pytest.mark.needs("chromium", "bash")
def test_what_a_peer_sent_is_shown_as_it_is(browser, pages):
    browser.open(pages / "report.html")
    shown = browser.value("document.querySelector('#failure-PRIVATE-2 dd.wrong').textContent")
    assert shown == f"this: {HOSTILE}".replace("\x1b", "\\x1b").replace("\u202e", "\\u202e")
    frames = browser.value("document.querySelector('#failure-PRIVATE-2 .frames').textContent")
    assert "<script>alert(1)</script><img src=x onerror=alert(2)>" in frames


@pytest.mark.needs("chromium", "bash")
def test_the_filter_needs_no_script(browser, pages):
    browser.open(pages / "report.html")
    visible = "[...document.querySelectorAll('tbody tr')].filter((row) => row.offsetHeight).map((row) => row.id)"
    assert "PUBLIC-1" in browser.value(visible)
    browser.value("document.querySelector('#show-open').click()")
    assert browser.value(visible) == ["PRIVATE-2", "PRIVATE-1", "JOIN-3", "ORDER-1", "SERVER-1"]


def test_every_requirement_has_its_row_with_evidence_and_time():
    text = html.render(report(result("PUBLIC-1"), result("JOIN-1", case="other")))
    for part in ('id="PUBLIC-1"', 'id="JOIN-1"', "3 deliveries, 2 absences", "0.25 s", "<b>2</b> passed"):
        assert part in text
    assert "What is broken" not in text


def test_a_finding_with_no_traffic_has_no_diagram():
    text = html.render(report(result("STOP-1", findings=[replace(finding("STOP-1"), events=())])))
    assert "<svg" not in text.partition("<body>")[2]
    assert "Repeat this alone" in text


def test_what_is_text_is_escaped_and_what_was_made_is_not():
    made = tag("a", "<b>", None, [tag("i", "&"), "'"], href='"><script>', class_="x", data_y=None)
    assert made == '<a href="&quot;&gt;&lt;script&gt;" class="x">&lt;b&gt;<i>&amp;</i>&#x27;</a>'
    assert join(Markup("<br/>"), "<br/>") == "<br/>&lt;br/&gt;"
    assert prose("a `b<c` d") == "a <code>b&lt;c</code> d"


@pytest.mark.parametrize("text", ["", "abc", "漢字" * 90, "e\u0301" * 200, "x" * 500])
def test_a_text_is_cut_to_the_columns_that_it_takes(text):
    short = cut(text, 60)
    assert cells(short) <= 60
    assert short == text or " … " in short
