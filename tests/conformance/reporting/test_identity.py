"""Which implementation a report is about: said once on the command line, in every form of the report."""

import json
from xml.etree import ElementTree as ET

from chatproof_conformance.core.identity import Identity
from chatproof_conformance.reporting.document import document_of
from chatproof_conformance.reporting.formats import html, junit, md, sarif
from support.commands import run_command
from support.made_reports import HOSTILE, report_validator, result, summary

GO = Identity("go chat", "1.4.0", "https://example.org/go")


def identified(identity):
    made = summary([result("PRIVATE-2")])
    object.__setattr__(made, "identity", identity)
    return document_of(made)


def test_the_report_says_it_and_how_to_say_it_again():
    made = identified(GO)
    assert made["implementation"] == {"name": "go chat", "version": "1.4.0", "address": "https://example.org/go"}
    words = "--name 'go chat' --release 1.4.0 --homepage https://example.org/go"
    assert made["repeat"].endswith(words)
    assert [error.message for error in report_validator().iter_errors(made)] == []


def test_without_a_name_it_is_what_was_checked():
    made = identified(Identity())
    assert made["implementation"] == {"name": "localhost:12345", "version": None, "address": None}
    assert "implementation" not in html.render(made).partition("<body>")[2]


def test_every_form_has_name_version_address_release_date_and_seed():
    made = identified(GO)
    page, text = html.render(made), md.render(made)
    for part in ("go chat 1.4.0", "https://example.org/go", made["tool"]["version"], "2026-01-31"):
        assert part in page
        assert part in text
    assert "seed 7" in text
    suite = ET.fromstring(junit.render(made)).find("testsuite")  # noqa: S314  our own document
    properties = {one.get("name"): one.get("value") for one in suite.find("properties")}
    assert properties["implementation.name"] == "go chat"
    assert (properties["implementation.version"], properties["seed"]) == ("1.4.0", "7")
    (run,) = json.loads(sarif.render(made))["runs"]
    assert run["invocations"][0]["properties"] == {"implementation": made["implementation"], "seed": 7}


def test_an_address_that_is_none_of_the_web_is_no_link():
    made = identified(Identity(HOSTILE, HOSTILE, "javascript:alert(1)"))
    assert 'href="javascript' not in html.render(made)
    assert "<script>" not in html.render(made).replace("&lt;script&gt;", "")


def test_a_check_takes_it(tmp_path):
    words = ["--name", "ours ", "--release=2.0", "--homepage=https://example.org", "--report=json=a.json"]
    assert run_command("check", "--level", "1", *words, folder=tmp_path).returncode == 0
    made = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert made["implementation"] == {"name": "ours", "version": "2.0", "address": "https://example.org"}
