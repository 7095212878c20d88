"""What other programs ask of our reports: their own schemas, for tests of whatever writes such reports.

``junit-10.xsd`` is that of Jenkins' xUnit plugin (MIT, Gregory Boissinot; the licence stands in it).
The schema of SARIF is taken from the package that ships it to JavaScript programs: it is too long to be kept here.
"""

import json
import subprocess
import tarfile
from functools import cache
from pathlib import Path

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
    """Return the one run of a SARIF document; fail where it is not valid. ``schema``: see the fixture of its name."""
    log = json.loads(text)
    jsonschema_rs.Draft4Validator(schema, validate_formats=True).validate(log)
    (run,) = log["runs"]
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
