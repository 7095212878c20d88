"""Each form of the findings is valid by its readers' schema, and tells of each finding where they look for it."""

import json
import subprocess
import sys

import pytest
from jsonschema import Draft202012Validator

from chatproof_schemas import load_schema
from support.report_consumers import read_junit, read_sarif

LINES = (
    b'{"type":"join","username":"ann"}',
    b'{"type":"message","content":"","id":1}',
    b'{"type":"message","content":"hi","id":1}',
    b'{"type":"message","content":"hi","id":2}',
    b'{"type":"shout","volume":11}',
    b"\x00\x1b[2J% nonsense",
)


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "lo,g:\xe9.ndjson"
    path.write_bytes(b"\n".join(LINES) + b"\n")
    return path


def validate(*words, code=1):
    command = [sys.executable, "-m", "chatproof_common.command_line.main", "validate", *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=60)
    assert b"Traceback" not in done.stderr
    assert done.returncode == code
    return done.stdout.decode()


def checked(text):
    document = json.loads(text)
    schema = load_schema("validate/report")
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(document)
    return document


def test_json(log, tmp_path):
    document = checked(validate("--format", "json", log, tmp_path / "missing", code=2))
    assert [(one["line"], one["level"], one["code"]) for one in document["findings"]] == [
        (2, "error", "invalid_message"),
        (3, "note", "unknown_member"),
        (5, "note", "unknown_type"),
        (6, "error", "malformed_json"),
    ]
    assert (document["messages"], document["invalid"], document["files"], document["exit_code"]) == (6, 2, 2, 2)
    assert [(note["path"], note["count"]) for note in document["notes"]] == [("/id", 2), ("/type", 1)]
    assert document["unreadable"][0]["line"] is None
    (valid := tmp_path / "valid.ndjson").write_bytes(LINES[0])
    assert checked(validate("--format", "json", valid, code=0))["findings"] == []


def test_strict_makes_each_note_an_error(log):
    document = checked(validate("--format", "json", "--strict", log))
    assert [one["line"] for one in document["findings"]] == [2, 3, 4, 5, 6]
    assert (document["invalid"], document["notes"]) == (5, [])


def test_junit(log, tmp_path):
    root = read_junit(validate("--format", "junit", log, tmp_path, code=2))
    judged, unread = root
    assert (judged.get("tests"), judged.get("failures"), unread.get("errors")) == ("7", "2", "1")
    failed = {case.get("name"): case.findtext("failure") for case in judged if case.find("failure") is not None}
    assert list(failed) == ["malformed_json", "invalid_message"]
    assert failed["invalid_message"].startswith("line 2, column 29: /content: is empty")
    assert [case.get("name") for case in unread if case.find("error") is not None] == ["readable"]


@pytest.mark.needs("npm")
def test_sarif(log, sarif_schema, tmp_path):
    found = tmp_path / "found.sarif"
    assert validate("--format", "sarif", "--output", found, log) == ""
    run = read_sarif(found.read_text("utf-8"), sarif_schema)
    assert [result["level"] for result in run["results"]] == ["error", "note", "note", "error"]
    place = run["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == log.as_uri()
    assert place["region"] == {"startLine": 2, "startColumn": 29, "endLine": 2, "endColumn": 30}
    assert run["invocations"][0]["exitCode"] == 1


def test_github(log):
    commands = validate("--format", "github", log).splitlines()
    assert [command.split(" ")[0] for command in commands] == ["::error", "::notice", "::notice", "::error"]
    assert "lo%2Cg%3A\xe9.ndjson,line=2,col=29,title=invalid_message::/content: is empty" in commands[0]


def test_github_gets_as_many_annotations_as_it_shows_and_a_summary(tmp_path, monkeypatch):
    (file := tmp_path / "log.ndjson").write_text("{}\n" * 13)
    (summary := tmp_path / "summary.md").write_text("of another step\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    lines = validate("--format", "github", file).splitlines()
    assert [line[:8] for line in lines[:10]] == ["::error "] * 10
    assert lines[10].startswith(f"{file}:11: error: invalid_message: /type: is missing")
    beyond = "3 more errors in the log only: GitHub shows 10 annotations of each level in a step"
    assert lines[13:] == [beyond]
    told = ["of another step", "### chatproof validate: 1 file, 13 messages, 13 invalid", ""]
    assert summary.read_text().splitlines() == [*told, "- invalid_message: 13", "", f"{beyond}.", ""]


def test_a_summary_that_cannot_be_written_changes_nothing_else(log, tmp_path, monkeypatch):
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path))
    command = [sys.executable, "-m", "chatproof_common.command_line.main", "validate", "--format", "github", log]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert (done.returncode, len(done.stdout.splitlines())) == (1, 4)
    assert f"no summary of this job: GITHUB_STEP_SUMMARY={tmp_path}: Is a directory\n" in done.stderr


def test_an_output_that_cannot_be_written_is_told(log, tmp_path):
    command = [
        sys.executable,
        "-m",
        "chatproof_common.command_line.main",
        "validate",
        "--output",
        tmp_path / "no" / "way",
        log,
    ]
    done = subprocess.run(command, capture_output=True, check=False, text=True, timeout=60)
    assert done.returncode == 2
    why = f"--output {tmp_path}/no/way: cannot be written: No such file or directory"
    assert done.stderr == f"chatproof validate: {why}\n"
