"""A report as JSON: the data that every other form is made from."""

import json

from chatproof_conformance.reporting.shape import Report


def render(report: Report) -> str:
    """Return the text of the file; report.schema.json describes it."""
    return json.dumps(report, indent=1, ensure_ascii=False) + "\n"
