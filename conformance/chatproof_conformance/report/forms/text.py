"""What several forms say in plain text."""

from chatproof_conformance.report.shape import Found, Judged


def finding_text(found: Found) -> str:
    """Return a finding as lines: what was expected and what came, where, how often, and how to repeat it."""
    lines = [f"expected  {found['expected']}", f"actual    {found['actual']}", f"case      {found['case']}"]
    if found["failures"] < found["attempts"]:
        lines.append(f"seen in   {found['failures']} of {found['attempts']} attempts")
    return "\n".join([*lines, f"repeat    {found['repeat']}"])


def is_failure(row: Judged, *, strict: bool) -> bool:
    """Whether a requirement fails the run."""
    return not row["known"] and (row["verdict"] == "fail" or (strict and row["verdict"] == "warning"))
