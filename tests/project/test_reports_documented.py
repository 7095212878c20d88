"""docs/reports.md: its examples work, and its tables name what there is."""

import re
import shlex

import pytest

from chatproof_conformance.baseline.entries import FORM as BASELINE
from chatproof_conformance.baseline.entries import read_baseline
from chatproof_conformance.reporting.reports import KINDS, read_destinations
from chatproof_conformance.reporting.shape import FORM as REPORT
from support.commands import chatproof
from support.paths import ROOT

DOCS = ROOT / "docs"
TEXT = (DOCS / "reports.md").read_text("utf-8")
COMMANDS = re.findall(r"^chatproof (.*)$", TEXT, re.MULTILINE)


def test_its_baseline_is_one(tmp_path):
    (example,) = re.findall(r"```json\n(.*?)```", TEXT, re.DOTALL)
    (tmp_path / "known.json").write_text(example)
    assert [entry.requirement for entry in read_baseline(str(tmp_path / "known.json")).entries] == ["JOIN-3"]


def test_its_tables_are_whole():
    kinds = re.findall(r"^\| `(\w+)` \|", TEXT.partition("| Kind |")[2].partition("\n\n")[0], re.MULTILINE)
    assert sorted(kinds) == sorted(KINDS)
    members = re.findall(r"^\| `(\w+)` \|", TEXT.partition("| Member |")[2].partition("\n\n")[0], re.MULTILINE)
    assert sorted(members) == sorted(BASELINE.schema()["properties"]["known"]["items"]["properties"])


def test_the_members_that_it_names_are_in_the_schema():
    schema = REPORT.schema()
    rows = TEXT.partition("## The JSON form")[2]
    named = {name for row in re.findall(r"^\| (`.*?) \|", rows, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    assert "totals" in named
    assert named <= {
        *schema["properties"],
        *schema["$defs"]["requirement"]["properties"],
        *schema["$defs"]["finding"]["properties"],
    }


@pytest.mark.parametrize("line", COMMANDS)
def test_its_options_exist(line, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = shlex.split(line.partition("|")[0], comments=True)
    known = chatproof(words[0], "--help")[1]
    assert [word for word in words[1:] if word.startswith("--") and word not in known] == []
    reports = [words[place + 1] for place, word in enumerate(words) if word == "--report"]
    assert len(read_destinations(reports)) >= len(reports)
