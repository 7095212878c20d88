"""``chatproof compare``: reports side by side."""

import json
from datetime import date

import pytest

from chatproof_conformance.apps.compare.matrix import Change, make_matrix, read_reports
from chatproof_conformance.baseline.entries import Entry
from chatproof_conformance.core.json_files import DocumentError
from chatproof_conformance.core.roles import Role
from chatproof_conformance.reporting.formats.json import render
from support.commands import chatproof
from support.made_reports import HOSTILE, finding, report, result

PASSES = result("PRIVATE-2")
FAILS = result("PRIVATE-2", findings=[finding()])
LOST = result("PRIVATE-2", reason="a fence was lost")
WORDS = result("JOIN-3", case="words")
OTHER_WORDS = result("JOIN-3", case="words", findings=[finding("JOIN-3", "words")])
SAME = result("PUBLIC-1", case="once")


@pytest.fixture
def write(tmp_path):
    """Write a report of these results; return the file's name."""

    def written(name, *results, **facts):
        (tmp_path / name).write_text(render(report(*results, **facts)), "utf-8")
        return str(tmp_path / name)

    return written


def compared(write, before, after, *words):
    first, last = write("before.json", *before, SAME), write("after.json", *after, SAME)
    return chatproof("compare", first, last, *words)


def test_a_regression_comes_first_and_fails(write):
    code, output = compared(write, [PASSES, OTHER_WORDS], [FAILS, WORDS])
    lines = [line.split() for line in output.splitlines() if line.startswith("  ")]
    assert code == 1
    assert lines[1] == ["PRIVATE-2", "MUST", "✓", "pass", "✗", "fail", "regression"]
    assert lines[2] == ["JOIN-3", "SHOULD", "!", "warning", "✓", "pass", "fixed"]
    assert lines[-1] == ["PUBLIC-1", "MUST", "✓", "pass", "✓", "pass"]
    assert "2 requirements differ. From before to after: 1 regression, 1 fixed." in output


@pytest.mark.parametrize(
    ("before", "after", "words", "code"),
    [
        ([FAILS], [PASSES], (), 0),
        ([PASSES], [PASSES], (), 0),
        ([FAILS], [FAILS], (), 0),
        ([WORDS], [OTHER_WORDS], (), 0),
        ([WORDS], [OTHER_WORDS], ("--strict",), 1),
        ([PASSES], [LOST], (), 2),
        ([PASSES, WORDS], [LOST, OTHER_WORDS], ("--strict",), 1),
        ([PASSES], [], (), 0),
    ],
)
def test_exit_codes(write, before, after, words, code):
    reports = read_reports([write("before.json", *before, SAME), write("after.json", *after, SAME)])
    assert make_matrix(reports).exit_code(strict="--strict" in words) == code


def test_only_first_and_last_decide(write):
    files = [write(f"{number}.json", one, SAME) for number, one in enumerate([PASSES, FAILS, PASSES])]
    matrix = make_matrix(read_reports(files))
    assert matrix.exit_code(strict=False) == 0
    assert [row.differs for row in matrix.rows] == [True, False]


def test_what_a_baseline_knows_is_no_regression(write):
    files = [
        write("a.json", PASSES),
        write("b.json", FAILS, entries=[Entry(requirement="PRIVATE-2", reason="why", expires=date(2999, 1, 1))]),
    ]
    (row,) = make_matrix(read_reports(files)).rows
    assert row.change is Change.OTHER
    assert "✗ fail (known)" in chatproof("compare", *files)[1]


def test_a_requirement_that_one_report_lacks_is_shown(write):
    code, output = compared(write, [PASSES], [])
    assert code == 0
    assert "not in it" in output


def test_names_are_given_or_taken_from_what_was_checked_or_from_the_files(write):
    one, other = write("one.json", SAME, described="go"), write("other.json", SAME, described="rust")
    assert list(read_reports([one, other])) == ["go", "rust"]
    assert list(read_reports([f"first={one}", other])) == ["first", "rust"]
    same = write("same.json", SAME, described="go")
    assert list(read_reports([one, same])) == ["one", "same"]


def test_a_page_and_markdown_are_written(write, tmp_path):
    page, text = tmp_path / "matrix.html", tmp_path / "matrix.md"
    assert compared(write, [PASSES], [FAILS], "--html", page, "--md", text)[0] == 1
    assert ">regression</span>" in page.read_text("utf-8")
    assert "| **`PRIVATE-2`** | ✓ pass | ✗ fail | regression |" in text.read_text("utf-8")


def test_hostile_names_do_no_harm(write, tmp_path):
    code, output = chatproof("compare", write("a.json", PASSES, described=HOSTILE), write("b.json", FAILS))
    assert code == 1
    assert "\x1b" not in output


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["one.json"], "give two reports or more"),
        (["one.json", "none.json"], "none.json: cannot be read: No such file or directory"),
        (["one.json", "client.json"], "some are reports of clients and some of servers"),
        (["x=one.json", "x=one.json"], "two reports are called x; name them: FIRST=FILE SECOND=FILE"),
        (["one.json", "later.json"], "later.json: /version: is 2; this chatproof reads version 1"),
        (["one.json", "one.json"], "two reports are called one.json"),
        (["one.json", "x=one.json", "--html", "."], "--html .: cannot be written: Is a directory"),
    ],
)
def test_what_cannot_be_compared_is_explained_in_a_line(write, tmp_path, words, complaint):
    write("one.json", SAME)
    write("client.json", result("CLIENT-1"), role=Role.CLIENT)
    (tmp_path / "later.json").write_text(json.dumps({"chatproof": "report", "version": 2}))
    code, output = chatproof("compare", *words, folder=tmp_path)
    assert code == 2
    assert output.startswith("chatproof compare: ")
    assert complaint in output
    assert len(output.splitlines()) == 1


def test_a_file_that_is_no_report_raises_where_it_is_read(tmp_path):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(DocumentError, match="is no report"):
        read_reports([str(tmp_path / "x.json")] * 2)
