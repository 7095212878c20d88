"""The pages of a folder of reports: a row for each implementation, a page for each of them and each requirement."""

import json
import re
from datetime import datetime

import pytest

from chatproof_conformance.apps.compare.site.collection import read_collection
from chatproof_conformance.core.identity import Identity
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.document import document_of
from conformance.apps.interop.test_reports import all_of_it
from conformance.reporting.html.browser import Browser
from conformance.reporting.html.test_page import FAINT_TEXTS, LOOKS
from support.commands import chatproof
from support.made_reports import HOSTILE, finding, hostile_finding, result, summary

PASSES, OTHER = result("PRIVATE-2"), result("JOIN-3", case="words")
FAILS = result("PRIVATE-2", findings=[hostile_finding()])
WARNS = result("JOIN-3", case="words", findings=[finding("JOIN-3", "words")])
CLIENT = result("CLIENT-8", case="once")


@pytest.fixture
def reports(tmp_path):
    """A folder of reports, and what writes one into it."""
    (folder := tmp_path / "reports").mkdir()

    def write(file, name, version, day, *results, **facts):
        made = summary(results, **facts)
        object.__setattr__(made, "identity", Identity(name, version, f"https://example.org/{version}"))
        report = document_of(made) | {"started": datetime.fromisoformat(f"{day}T12:00:00+00:00").isoformat()}
        (folder / file).parent.mkdir(exist_ok=True)
        (folder / file).write_text(json.dumps(report), "utf-8")

    write.folder = folder
    return write


@pytest.fixture
def many(reports):
    """Two servers, one of them with a history, a hostile one, and a client."""
    reports("go-1.json", "go", "1.0", "2026-01-01", FAILS, OTHER)
    reports("go-3.json", "go", "1.2", "2026-03-01", PASSES, WARNS)
    reports("older/go-2.json", "go", "1.1", "2026-02-01", PASSES, OTHER)
    reports("rust.json", "rust", "0.1", "2026-02-15", PASSES, OTHER)
    reports("hostile.json", HOSTILE, HOSTILE, "2026-02-16", FAILS, WARNS)
    reports("js.json", "go", "2.0", "2026-02-17", CLIENT, role=Role.CLIENT)
    return reports.folder


def made(folder, tmp_path):
    code, output = chatproof("compare", folder, "--site", tmp_path / "public", "--title", "Chat servers")
    assert code == 0, output
    return tmp_path / "public", output


def rows(page):
    return [re.sub(r"<[^>]+>", " ", row).split() for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)]


def test_each_implementation_has_a_row_with_its_newest_report(many, tmp_path):
    site, output = made(many, tmp_path)
    index = (site / "index.html").read_text("utf-8")
    (go,) = [row for row in rows(index) if row[:1] == ["go"] and "1.2" in row]
    assert "2026-03-01" in go
    assert go[-1] == "3"
    assert "1 passed, 1 warning" in " ".join(go)
    assert "3 servers, 1 client; 6 reports." in index
    assert "8 pages written" in output
    assert sorted(path.name for path in site.iterdir() if path.name.startswith(("server", "client"))) == [
        "client-go.html", "server-go.html", "server-rust.html", next(p.name for p in site.glob("server-*script*.html")),
    ]  # fmt: skip


def test_a_requirement_has_a_page_with_who_keeps_it_and_what_came_instead(many, tmp_path):
    site, _ = made(many, tmp_path)
    page = (site / "JOIN-3.html").read_text("utf-8")
    found = rows(page)
    assert [row[0] for row in found if row[0] in ("go", "rust")] == ["go", "rust"]  # what is broken comes first
    assert 'href="PRIVATE-2.html"' in page  # the next one
    assert "What came instead" in page
    assert "What came instead" not in (site / "CLIENT-8.html").read_text("utf-8")


def test_the_history_of_one_says_what_changed_from_report_to_report(many, tmp_path):
    site, _ = made(many, tmp_path)
    page = (site / "server-go.html").read_text("utf-8")
    days = [row for row in rows(page) if row and re.fullmatch(r"\d{4}-\d\d-\d\d", row[0])]
    assert [(row[0], row[1]) for row in days] == [("2026-03-01", "1.2"), ("2026-02-01", "1.1"), ("2026-01-01", "1.0")]
    texts = [" ".join(row) for row in days]
    assert "broken: JOIN-3" in texts[0]
    assert "mended: PRIVATE-2" in texts[1]
    assert "the first report" in texts[2]
    assert "What has changed over time" in page
    assert "What has changed over time" not in (site / "server-rust.html").read_text("utf-8")


def test_links_between_the_pages_lead_somewhere(many, tmp_path):
    site, _ = made(many, tmp_path)
    for path in site.iterdir():
        text = path.read_text("utf-8")
        for name, anchor in re.findall(r'href="([\w.-]+\.html)(?:#([\w-]+))?"', text):
            assert (site / name).is_file(), (path.name, name)
            assert not anchor or f'id="{anchor}"' in (site / name).read_text("utf-8"), (path.name, name, anchor)


def test_a_report_of_interop_becomes_a_page(reports, tmp_path):
    (reports.folder / "interop.json").write_text(json.dumps(all_of_it()), "utf-8")
    reports("go.json", "go", "1.0", "2026-01-01", PASSES)
    site, _ = made(reports.folder, tmp_path)
    assert 'href="interop.html"' in (site / "index.html").read_text("utf-8")
    assert "What works with what" in (site / "interop.html").read_text("utf-8")


def test_numbers_in_names_are_ordered_as_people_do(reports):
    for name in ("server 10", "server 2", "Server 1"):
        reports(f"{name}.json", name, "1", "2026-01-01", PASSES)
    found = read_collection(reports.folder)
    assert [one.name for one in found.of(Role.SERVER)] == ["Server 1", "server 2", "server 10"]


def test_names_that_are_alike_on_a_disk_have_pages_of_their_own(reports):
    for number, name in enumerate(("Go", "go", "g o", "???", "日本")):
        reports(f"{number}.json", name, "1", "2026-01-01", PASSES)
    pages = [one.page for one in read_collection(reports.folder).implementations]
    assert len({page.casefold() for page in pages}) == 5


def test_an_older_report_without_identity_is_called_after_what_was_checked(reports):
    reports("old.json", "", "", "2026-01-01", PASSES)
    report = json.loads((reports.folder / "old.json").read_text("utf-8"))
    del report["implementation"]
    (reports.folder / "old.json").write_text(json.dumps(report), "utf-8")
    (one,) = read_collection(reports.folder).implementations
    assert one.name == "localhost:12345"


@pytest.mark.parametrize(
    ("text", "said"),
    [(None, "holds no report"), ("{}", "bad.json: is no report"), ("[", "bad.json:1:2: is not JSON")],
)
def test_a_folder_with_none_or_a_bad_one_is_refused(reports, text, said):
    if text is not None:
        (reports.folder / "bad.json").write_text(text)
    with pytest.raises(DocumentError, match=said):
        read_collection(reports.folder)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--html=a.html"], "--html and --md go with reports"),
        (["--site=reports"], "is the folder of the reports"),
        (["--site=reports/go.json"], "is a file; expected a folder"),
    ],
)
def test_wrong_options(reports, words, said):
    reports("go.json", "go", "1", "2026-01-01", PASSES)
    code, output = chatproof("compare", "reports", *words, folder=reports.folder.parent)
    assert (code, said in output) == (2, True), output


def test_a_site_needs_a_folder(reports):
    reports("go.json", "go", "1", "2026-01-01", PASSES)
    file = reports.folder / "go.json"
    code, output = chatproof("compare", file, file, "--site", "public")
    assert (code, "--site goes with one folder of reports" in output) == (2, True)


@pytest.fixture(scope="module")
def browser():
    opened = Browser()
    yield opened
    opened.close()


@pytest.mark.needs("chromium", "bash")
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_the_pages_are_quiet_readable_and_fit(browser, many, tmp_path, width, dark):
    site, _ = made(many, tmp_path)
    for path in sorted(site.iterdir()):
        browser.open(path, width=width, dark=dark)
        assert browser.complaints == []
        assert browser.requests == [path.as_uri()]
        assert browser.value("document.documentElement.scrollWidth") == width, path.name
        assert browser.value("document.querySelectorAll('script, img, iframe, [onerror]').length") == 0
        assert browser.value(FAINT_TEXTS)["faint"] == [], path.name
