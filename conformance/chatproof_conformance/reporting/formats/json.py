"""A report as JSON: the data that every other form is made from."""

import json

from chatproof_common.printable import escaped_json
from chatproof_conformance.reporting.shape import Report


def render(report: Report) -> str:
    """Return the text of the file; report.schema.json describes it."""
    return "".join(f"{escaped_json(line)}\n" for line in json.dumps(report, indent=1, ensure_ascii=False).split("\n"))
