"""What several formats have in plain text."""

from chatproof_conformance.reporting.shape import FindingJson, RequirementJson


def finding_text(found: FindingJson) -> str:
    """Return a finding as lines: what was expected and received, in which case, how often, and how to repeat it."""
    lines = [f"expected  {found['expected']}", f"actual    {found['actual']}", f"case      {found['case']}"]
    if found["failures"] < found["attempts"]:
        lines.append(f"seen in   {found['failures']} of {found['attempts']} attempts")
    return "\n".join([*lines, f"repeat    {found['repeat']}"])


def is_failure(row: RequirementJson, *, strict: bool) -> bool:
    """Whether a requirement fails the run."""
    return not row["known"] and (row["verdict"] == "fail" or (strict and row["verdict"] == "warning"))
