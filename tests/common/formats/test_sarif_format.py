"""SARIF: valid by the schema of those who read it, and every part where they look for it."""

import io
from datetime import datetime, timedelta, timezone
from urllib.parse import unquote

import pytest

from chatproof_common.formats.sarif import (
    MOST_RESULTS,
    Rule,
    SarifWriter,
    file_uri,
    invocation,
    result,
    sarif_document,
)
from support.report_consumers import read_for_code_scanning, read_sarif

TOOL = ("chatproof", "1.0.0")
RULES = (
    Rule("malformed_json", "The frame is not JSON."),
    Rule("unknown_member", "A member is not known.", level="note"),
)
STARTED = datetime(2026, 1, 31, 15, 30, 25, tzinfo=timezone(timedelta(hours=1)))
FILE = {"uri": "a.ndjson"}
needs_the_schema = pytest.mark.needs("npm")


@needs_the_schema
def test_a_document_with_everything(sarif_schema):
    place = {"uri": file_uri("logs/a b.ndjson"), "line": 3, "column": 7, "logical": "c1/client"}
    results = [
        result("malformed_json", 'has NaN "here"\u2028', **place, fingerprints={"frame/v1": "ab12"}),
        result(
            "unknown_member", "is not known", level="warning", logical="c1", properties={"direction": "client"}, **FILE
        ),
        result("malformed_json", "is known", suppressed="until it is mended", **FILE),
    ]
    ran = invocation(
        successful=False, exit_code=2, started=STARTED, ended=STARTED, notifications=("x: cannot be read",)
    )
    run = read_sarif(sarif_document(*TOOL, RULES, results, ran), sarif_schema)
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["malformed_json", "unknown_member"]
    assert [result["ruleIndex"] for result in run["results"]] == [0, 1, 0]
    first, second, third = run["results"]
    assert first["message"]["text"] == 'has NaN "here"\\u2028'
    where = first["locations"][0]["physicalLocation"]
    assert where["artifactLocation"]["uri"] == "logs/a%20b.ndjson"
    assert where["region"] == {"startLine": 3, "startColumn": 7, "endLine": 3, "endColumn": 8}
    assert "level" not in first
    assert second["level"] == "warning"
    assert third["suppressions"] == [{"kind": "external", "justification": "until it is mended"}]
    assert second["locations"][0]["logicalLocations"] == [{"fullyQualifiedName": "c1"}]
    (ended,) = run["invocations"]
    assert ended["startTimeUtc"] == "2026-01-31T14:30:25Z"
    assert (ended["executionSuccessful"], ended["exitCode"]) == (False, 2)


@needs_the_schema
def test_a_document_with_nothing(sarif_schema):
    run = read_sarif(sarif_document("t", "1", (), (), invocation(successful=True)), sarif_schema)
    assert run["results"] == []


def test_a_result_is_out_as_soon_as_it_is_written():
    out = io.StringIO()
    writer = SarifWriter(out, *TOOL, RULES)
    writer.write(result("malformed_json", "the first", **FILE))
    assert "the first" in out.getvalue()


def test_a_rule_that_is_not_known_is_refused():
    with pytest.raises(KeyError, match="shout"):
        SarifWriter(io.StringIO(), *TOOL, RULES).write(result("shout", "no", **FILE))


@needs_the_schema
def test_what_is_no_text_does_not_end_it(sarif_schema):
    found = result("malformed_json", "\ud800", uri=file_uri("\udcff"), line=1)
    run = read_sarif(sarif_document(*TOOL, RULES, [found], invocation(successful=True)), sarif_schema)
    assert run["results"][0]["message"]["text"] == r"\ud800"
    assert run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "%FF"


@pytest.mark.parametrize("path", ["a.ndjson", "./a.ndjson", "a:b/c d#e?.ndjson", "é/%20"])
def test_relative_paths_stay_relative(path):
    assert unquote(file_uri(path)) == path.removeprefix("./")
    assert ":" not in file_uri(path)


def test_absolute_paths_are_uris(tmp_path):
    assert file_uri(str(tmp_path / "a b")) == f"file://{tmp_path}/a%20b"


def test_too_many_results_for_code_scanning_are_counted_and_left_out():
    found = [result("malformed_json", "again", **FILE)] * (MOST_RESULTS + 3)
    run = read_for_code_scanning(sarif_document(*TOOL, RULES, found, invocation(successful=True)))
    (note,) = run["invocations"][0]["toolExecutionNotifications"]
    assert note["message"]["text"] == "3 more results are left out: a run may have 25000"


def test_a_rule_says_where_to_read_on():
    rule = Rule("malformed_json", "x" * 2000, help_uri="file:///SPEC.md")
    run = read_for_code_scanning(sarif_document(*TOOL, [rule], (), invocation(successful=True)))
    assert run["tool"]["driver"]["rules"][0]["helpUri"] == "file:///SPEC.md"
