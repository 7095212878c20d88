"""What other programs ask of our reports: their own schemas, for tests of whatever writes such reports.

``junit-10.xsd`` is that of Jenkins' xUnit plugin (MIT, Gregory Boissinot; the licence stands in it).
The schema of SARIF is taken from the package that ships it to JavaScript programs: it is too long to be kept here.
"""

import gzip
import json
import subprocess
import tarfile
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema_rs
from lxml import etree

_JUNIT = Path(__file__).with_name("junit-10.xsd")
_SARIF_PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"
_SARIF_MEMBER = "package/lib/schemas/sarif-2.1.0-rtm.5.json"


def read_junit(text):
    """Return the root of a JUnit document; fail where it is not valid."""
    root = etree.fromstring(text.encode())
    etree.XMLSchema(etree.parse(_JUNIT)).assertValid(root)
    return root


def read_sarif(text, schema):
    """Return the one run of a SARIF document; fail where it is not valid, or where code scanning would refuse it.

    ``schema``: see the fixture of its name.
    """
    jsonschema_rs.Draft4Validator(schema, validate_formats=True).validate(json.loads(text))
    return read_for_code_scanning(text)


def read_for_code_scanning(text):
    """Return the one run of a SARIF document; fail if it breaks a rule by which GitHub code scanning refuses a file.

    They are those of https://docs.github.com/code-security/reference/code-scanning/sarif-files/sarif-support: what is
    required (and never empty) of the properties that it reads, and how many of each it takes.
    """
    log = json.loads(text)
    assert log["$schema"]
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    driver = run["tool"]["driver"]
    assert driver["name"]
    assert len(driver["rules"]) <= 25_000
    assert len(run["results"]) <= 25_000
    for rule in driver["rules"]:
        assert rule["id"]
        assert 0 < len(rule["shortDescription"]["text"]) <= 1024
        assert 0 < len(rule["fullDescription"]["text"]) <= 1024
        assert rule["help"]["text"]
        assert rule["defaultConfiguration"]["level"] in ("note", "warning", "error")
    for result in run["results"]:
        assert result["message"]["text"]
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert 0 < len(result["locations"]) <= 10
        for location in result["locations"]:
            place = location["physicalLocation"]
            assert place["artifactLocation"]["uri"]
            assert urlsplit(place["artifactLocation"]["uri"]).scheme in ("", "file")
            assert all(place["region"][name] > 0 for name in ("startLine", "startColumn", "endLine", "endColumn"))
    assert len(gzip.compress(text.encode())) < 10_000_000
    return run


@cache
def load_sarif_schema(folder):
    """Fetch the schema of SARIF 2.1.0 into an empty folder."""
    words = ["npm", "pack", "--silent", _SARIF_PACKAGE]
    name = subprocess.run(words, cwd=folder, check=True, capture_output=True, text=True, timeout=300).stdout.strip()
    with tarfile.open(folder / name) as archive:
        schema = json.load(archive.extractfile(_SARIF_MEMBER))
    # A bracket too many makes this no regular expression to strict engines; our reports give no language.
    for name in ("run", "toolComponent"):
        del schema["definitions"][name]["properties"]["language"]["pattern"]
    return schema
